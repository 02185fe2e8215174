/** What can be asked about events. Nothing here changes anything; see event-states/ for that. */
export { claimsInHand, type ClaimInHand } from './claims-in-hand.ts';
export { readDeleteFacts, type DatabaseDeleteFacts } from './delete-facts.ts';
export { findDueEvents, isEventDue, type DueEvent } from './due-events.ts';
export { readEndedAttempt, type EndedAttempt } from './ended-attempt.ts';
export type { EventFilter } from './event-filter.ts';
export { countEvents, listEvents, type EventPage, type ListedEvent } from './list-events.ts';
export { newestEventNaming } from './newest-event.ts';
export { readOldestDueEvent, type OldestDueEvent } from './oldest-due-event.ts';
export { openEventsNaming, type OpenEvent } from './open-events.ts';
export type { EndSettings, EventSettings } from './settings.ts';
export { showEvent, type EventAttempt, type RelatedEvent, type ShownEvent } from './show-event.ts';
export { keyProbeMinutes } from './stops.ts';
export { countWaitingRepairs } from './waiting-repairs.ts';
export { whyNotClaimable } from './why-not-claimable.ts';
