import type { Queryable } from '../connection.ts';

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

/** How many entities have each status. Reads the whole table: for the demo and for reports, not for a page. */
export async function countByStatus(q: Queryable): Promise<Readonly<Record<AuditStatus, number>>> {
  const { rows } = await q.query<{ status: AuditStatus; count: number }>(
    `select status::text, count(*) from artwork_reconciler.audit_entity group by status`,
  );
  const counts: Record<AuditStatus, number> = {
    unchecked: 0,
    audit_in_progress: 0,
    clean: 0,
    manual_review: 0,
    repair_queue: 0,
    legacy: 0,
  };
  for (const { status, count } of rows) counts[status] = count;
  return counts;
}
