/** What is read of audit entities, their history and their reviews. Nothing here changes a status. */
export { type BrokenLifeCycle, findBrokenLifeCycles, type RunningWorkflows } from '../audits/broken-life-cycles.ts';
export { type AuditPast, readAuditPast } from './audit-past.ts';
export { type AuditStatus, auditStatuses, countByStatus } from './count-by-status.ts';
export { anyAuditDecidedLately } from './decided-lately.ts';
export { type EndedAudit, readEndedAudit } from './ended-audit.ts';
export {
  type DecidedOutcome,
  decidedOutcomes,
  type EntityListFilter,
  type EntityListPage,
  entityListPages,
  type ListedEntity,
  readEntityList,
} from './entity-lists.ts';
export {
  type AuditEntity,
  type AuditRepair,
  type PastAudit,
  readAuditEntity,
  readAuditHistory,
} from './entity-history.ts';
export { type JudgedDocument, readJudgedDocuments, rememberJudgedDocument } from './judged-documents.ts';
export { type OutcomeSummary, requestsPerCleanAudit, summarizeOutcomes } from './outcome-summary.ts';
export {
  audiencesOfReview,
  checksOfAudience,
  isForAudience,
  listReviews,
  readReview,
  type Review,
  reviewColumns,
  type ReviewFilter,
  type ReviewStatus,
  reviewStatuses,
} from './reviews.ts';
export { unsettledEntities, type UnsettledEntity } from './unsettled.ts';
export { readReportedFindings } from '../audits/findings.ts';
