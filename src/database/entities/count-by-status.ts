import type { Outcome } from '../../domain/decision/decision.ts';
import type { Queryable } from '../connection.ts';
import { type Count, countOrEstimate } from '../lists/walk.ts';

/** The values of `artwork_reconciler.audit_entity_status`. */
export const auditStatuses = [
  'unchecked',
  'audit_in_progress',
  'clean',
  'manual_review',
  'repair_queue',
  'legacy',
] as const;
export type AuditStatus = (typeof auditStatuses)[number];

/** An outcome that decides. */
export type DecidedOutcome = Exclude<Outcome, 'not_now'>;

export const decidedOutcomes: readonly DecidedOutcome[] = ['clean', 'repair_queue', 'manual_review', 'legacy'];

/** Written out, not a parameter: only so does every plan use the partial indexes. */
export function hasStatus(status: AuditStatus): string {
  return `entity.status = '${statusLiterals[status]}'`;
}

/** Nothing but these reaches a statement's text. */
const statusLiterals: Readonly<Record<AuditStatus, string>> = {
  unchecked: 'unchecked',
  audit_in_progress: 'audit_in_progress',
  clean: 'clean',
  manual_review: 'manual_review',
  repair_queue: 'repair_queue',
  legacy: 'legacy',
};

export const noneOfAny: Readonly<Record<AuditStatus, number>> = {
  unchecked: 0,
  audit_in_progress: 0,
  clean: 0,
  manual_review: 0,
  repair_queue: 0,
  legacy: 0,
};

/** How many entities have each status. Reads the whole table: for the demo and for reports, not for a page. */
export async function countByStatus(q: Queryable): Promise<Readonly<Record<AuditStatus, number>>> {
  const { rows } = await q.query<{ status: AuditStatus; count: number }>(
    `select status::text, count(*) from artwork_reconciler.audit_entity group by status`,
  );
  return { ...noneOfAny, ...Object.fromEntries(rows.map(({ status, count }) => [status, count])) };
}

/** How many of the entities were audited, and decided about, within `[audit] recheck_days`. */
export interface VerifiedShare {
  readonly verified: Count;
  readonly entities: Count;
  /** From 0 to 1; null where there are no entities. */
  readonly share: number | null;
}

/** Beyond 10,000 both are the planner's estimates, which are right to about a hundredth. */
export async function readVerifiedShare(q: Queryable, recheckDays: number): Promise<VerifiedShare> {
  const seconds = Math.round(recheckDays * 86_400);
  const verified = await countOrEstimate(
    q,
    `from artwork_reconciler.audit_entity where last_audit_at >= now() - interval '${seconds} seconds'`,
  );
  const entities = await countOrEstimate(q, 'from artwork_reconciler.audit_entity');
  return {
    verified,
    entities,
    share: entities.count === 0 ? null : Math.min(1, verified.count / entities.count),
  };
}
