import type { AuditStatus } from '../audit-queries/index.ts';
import type { Queryable } from '../connection.ts';

/** What has become of the entities that have a finding of a check, over the first `most` of them. */
export async function readStatusMix(
  q: Queryable,
  check: string,
  most: number,
): Promise<readonly { readonly status: AuditStatus; readonly count: number }[]> {
  const { rows } = await q.query<{ status: AuditStatus; count: number }>(
    `select entity.status::text, count(*)::int as count
     from (select audit_entity_id from artwork_reconciler.standing_finding
           where check_name = $1 order by audit_entity_id limit $2) standing
     join artwork_reconciler.audit_entity entity on entity.id = standing.audit_entity_id
     group by entity.status order by count desc`,
    [check, most],
  );
  return rows;
}
