/** What can be asked about events. Nothing here changes anything; see event-states/ for that. */
export { claimsInHand, runsWithClaims, type ClaimInHand } from './claims-in-hand.ts';
export { readDeleteFacts, type DatabaseDeleteFacts } from '../musicbrainz/delete-facts.ts';
export { findDueEvents, isEventDue, type DueEvent } from './due-events.ts';
export { readEndedAttempt, type EndedAttempt } from './ended-attempt.ts';
export type { EventFilter } from './event-filter.ts';
export { countEvents, listEvents, type EventPage, type ListedEvent } from './list-events.ts';
export { countByState, type StateCounts } from './count-by-state.ts';
export { readEventActions, type ActionOnEvent } from './event-actions.ts';
export { readEventTree, type EventTree, type TreeEvent } from './event-tree.ts';
export { countReasonKinds, type ReasonKindCount } from './reason-kinds.ts';
export { countScanned, scanEvents, type ScannedPage } from './scan-events.ts';
export { readOldestDueEvent, type OldestDueEvent } from './oldest-due-event.ts';
export { readEventsNaming, type EventsNaming, type OpenEvent } from '../queue/events-naming.ts';
export type { EndSettings, EventSettings } from './settings.ts';
export { showEvent, type EventAttempt, type RelatedEvent, type ShownEvent } from './show-event.ts';
export { countWaitingRepairs } from './waiting-repairs.ts';
export { whyNotClaimable, whyWaiting } from '../queue/why-not-claimable.ts';
