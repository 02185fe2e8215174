/** What can be asked about events. Nothing here changes anything; see event-states/ for that. */
export { claimsInHand, type ClaimInHand } from './claims-in-hand.ts';
export { readDeleteFacts, type DatabaseDeleteFacts } from './delete-facts.ts';
export { findDueEvents, isEventDue, type DueEvent } from './due-events.ts';
export { newestEventNaming } from './newest-event.ts';
export { openEventsNaming, type OpenEvent } from './open-events.ts';
export type { EndSettings, EventSettings } from './settings.ts';
export { countWaitingRepairs } from './waiting-repairs.ts';
export { whyNotClaimable } from './why-not-claimable.ts';
