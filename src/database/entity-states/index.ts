/**
 * Every change of the status of audit entities and reviews. No SQL elsewhere writes either; see design page
 * life-cycles.md for the states and their ways out. One operation a file, each with the reason for its strategy.
 */
export { addEntities, countEntitiesToAdd, type AddedEntities } from '../entities/add-entities.ts';
export { beginAudit, type BeginAnswer, type BeginAudit, type BegunAudit } from '../entities/begin-audit.ts';
export { reopenInBulk, resolveInBulk, wontFixInBulk } from './bulk-reviews.ts';
export { claimPacedBatch, readNotBegun, type ClaimedEntity } from './claim-paced-batch.ts';
export { resolveReview, wontFixReview } from './close-review.ts';
export { decideAudit, type DecideAnswer, type DecideAudit } from '../entities/decide-audit.ts';
export { giveBackEntity, type GiveBack, type GiveBackAnswer } from '../entities/release-entity.ts';
export { auditsInHand, giveBackLapsedClaims, giveBackLostAudit, type AuditInHand } from '../entities/lost-audits.ts';
export { noticeEndedEvent, type EndedEvent } from './notice-ended-event.ts';
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
