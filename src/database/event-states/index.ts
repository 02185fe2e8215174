/**
 * Every change of an event's state, one operation a file. No other code writes `state` of
 * `artwork_indexer.event_queue`, and none adds rows to it. The rules: design page life-cycles.md, "Indexer events".
 */
export { acceptKeys } from './accept-keys.ts';
export { dismissInBulk } from './bulk-dismiss.ts';
export { requeueInBulk } from '../queue/bulk-requeue.ts';
export { claimEvent, type EventClaim } from '../attempts/claim-event.ts';
export { completeEvent } from './complete-event.ts';
export { deleteOldCompleted } from '../queue/delete-old-completed.ts';
export { dismissEvents, type DismissResult } from './dismiss-events.ts';
export { failAttempt, type FailedAttempt } from './fail-attempt.ts';
export { failBlocked } from './fail-blocked.ts';
export { dependentsReason } from './fail-dependents.ts';
export { giveBackForeignRunning } from './give-back-foreign-running.ts';
export { giveBackLostClaim } from './give-back-lost-claim.ts';
export { giveBackUnspent, type GivenBack, isItsOwnTrouble } from './give-back-unspent.ts';
export { insertRepairs } from './insert-repairs.ts';
export { writesWork } from '../attempts/fails-alike.ts';
export { tryKeysNow } from '../attempts/probes.ts';
export type { ArchiveAnswer } from '../attempts/lock-claimed.ts';
export { pauseEvents, resumeEvents } from './pause-events.ts';
export { indexForPerson, queueIndex } from './queue-index.ts';
export { versionOfDecision } from './read-requeue.ts';
export { refuseKeys } from './refuse-keys.ts';
export { requeueEvents, type RequeueResult } from '../queue/requeue-events.ts';
export { takeBrakeOff } from './take-brake-off.ts';
