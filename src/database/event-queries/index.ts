/** What can be asked about events. Nothing here changes anything; see event-states/ for that. */
export { type ClaimInHand, claimsInHand, runsWithClaims } from './claims-in-hand.ts';
export { type DatabaseDeleteFacts, readDeleteFacts } from '../musicbrainz/delete-facts.ts';
export { type DueEvent, findDueEvents, isEventDue } from './due-events.ts';
export { type EndedAttempt, readEndedAttempt } from './ended-attempt.ts';
export type { EventFilter } from './event-filter.ts';
export { countEvents, type EventPage, type ListedEvent, listEvents } from './list-events.ts';
export { countByState, type StateCounts } from './count-by-state.ts';
export { type ActionOnEvent, readEventActions } from './event-actions.ts';
export { type EventTree, readEventTree, type TreeEvent } from './event-tree.ts';
export { countReasonKinds, type ReasonKindCount } from './reason-kinds.ts';
export { countScanned, scanEvents, type ScannedPage } from './scan-events.ts';
export { type OldestDueEvent, readOldestDueEvent } from './oldest-due-event.ts';
export { type EventsNaming, type OpenEvent, readEventsNaming } from '../queue/events-naming.ts';
export type { EndSettings, EventSettings } from './settings.ts';
export { type EventAttempt, type RelatedEvent, showEvent, type ShownEvent } from './show-event.ts';
export { countWaitingRepairs } from './waiting-repairs.ts';
export { whyNotClaimable, whyWaiting } from '../queue/why-not-claimable.ts';
