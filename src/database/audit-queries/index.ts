/** What is read of audit entities, their history and their reviews. Nothing here changes a status. */
export { findBrokenLifeCycles, type BrokenLifeCycle, type RunningWorkflows } from '../audits/broken-life-cycles.ts';
export { readAuditPast, type AuditPast } from './audit-past.ts';
export { auditStatuses, countByStatus, type AuditStatus } from './count-by-status.ts';
export { anyAuditDecidedLately } from './decided-lately.ts';
export { readEndedAudit, type EndedAudit } from './ended-audit.ts';
export {
  decidedOutcomes,
  entityListPages,
  readEntityList,
  type DecidedOutcome,
  type EntityListFilter,
  type EntityListPage,
  type ListedEntity,
} from './entity-lists.ts';
export {
  readAuditEntity,
  readAuditHistory,
  type AuditEntity,
  type AuditRepair,
  type PastAudit,
} from './entity-history.ts';
export { readJudgedDocuments, rememberJudgedDocument, type JudgedDocument } from './judged-documents.ts';
export { requestsPerCleanAudit, summarizeOutcomes, type OutcomeSummary } from './outcome-summary.ts';
export {
  audiencesOfReview,
  checksOfAudience,
  isForAudience,
  listReviews,
  readReview,
  reviewColumns,
  reviewStatuses,
  type Review,
  type ReviewFilter,
  type ReviewStatus,
} from './reviews.ts';
export { unsettledEntities, type UnsettledEntity } from './unsettled.ts';
export { readReportedFindings } from '../audits/findings.ts';
