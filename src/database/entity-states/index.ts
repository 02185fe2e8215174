/**
 * Every change of the status of audit entities and reviews. No SQL elsewhere writes either; see design page
 * life-cycles.md for the states and their ways out. One operation a file, each with the reason for its strategy.
 */
export { type AddedEntities, addEntities, countEntitiesToAdd } from '../entities/add-entities.ts';
export { type BeginAnswer, type BeginAudit, beginAudit, type BegunAudit } from '../entities/begin-audit.ts';
export { reopenInBulk, resolveInBulk, wontFixInBulk } from './bulk-reviews.ts';
export { type ClaimedEntity, claimPacedBatch, readNotBegun } from './claim-paced-batch.ts';
export { resolveReview, wontFixReview } from './close-review.ts';
export { type DecideAnswer, type DecideAudit, decideAudit } from '../entities/decide-audit.ts';
export { type GiveBack, type GiveBackAnswer, giveBackEntity } from '../entities/release-entity.ts';
export { type AuditInHand, auditsInHand, giveBackLapsedClaims, giveBackLostAudit } from '../entities/lost-audits.ts';
export { type EndedEvent, noticeEndedEvent } from './notice-ended-event.ts';
export { noticeEventsEndedElsewhere } from './notice-events-ended-elsewhere.ts';
export { type DueCause } from './make-unchecked.ts';
export { type ReviewAnswer, type ReviewOptions, type ReviewWord } from './person-review.ts';
export { recheckEntities } from './recheck-entities.ts';
export { reopenReview } from './reopen-review.ts';
export { type ReturnCause } from '../entities/return-causes.ts';
export { type ReviewReason } from './review-reason.ts';
export { settleRepairQueue } from './settle-repair-queue.ts';
export { renewShellClaim, shellClaimMinutes } from './shell-claim.ts';
export { switchToRepairMode } from './switch-to-repair-mode.ts';
export { wakeDueEntities } from './wake-due-entities.ts';
