import type { Queryable } from '../connection.ts';

/** How long it takes until every entity had its turn. */
export interface FullPass {
  readonly entities: number;
  /** Whether that is the planner's estimate: more are not counted one by one. */
  readonly isEstimate: boolean;
  readonly hours: number;
}

/** Counting further would read much of a table of millions. */
const countedAtMost = 10_000;

/** What one pass over all entities takes at a pace, if nothing brakes it. */
export async function readFullPass(q: Queryable, perHour: number): Promise<FullPass> {
  const { rows } = await q.query<{ count: number }>(
    `select count(*)::int as count from (select from artwork_reconciler.audit_entity limit $1) counted`,
    [countedAtMost],
  );
  const counted = rows[0]?.count ?? 0;
  const isEstimate = counted === countedAtMost;
  const entities = isEstimate ? Math.max(counted, await estimateEntities(q)) : counted;
  return { entities, isEstimate, hours: entities / perHour };
}

/** By the table's size on disk, and how dense its rows were when it was last looked at: right also right after a backfill. */
async function estimateEntities(q: Queryable): Promise<number> {
  const { rows } = await q.query<{ 'QUERY PLAN': readonly { readonly Plan: { readonly 'Plan Rows': number } }[] }>(
    'explain (format json) select from artwork_reconciler.audit_entity',
  );
  return rows[0]?.['QUERY PLAN'][0]?.Plan['Plan Rows'] ?? 0;
}
