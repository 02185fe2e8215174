import type { Queryable } from '../connection.ts';

/** How many rows there are. */
export interface Count {
  readonly count: number;
  /** Whether that is the planner's estimate: more than 10,000 are not counted one by one. */
  readonly isEstimate: boolean;
}

/** Counting further would read much of a table of millions. */
const countedAtMost = 10_000;

/**
 * Counts what a `from … where …` gives: up to 10,000 rows exactly, and beyond that as the planner estimates it.
 *
 * For an index to be of use, the condition has to be written out: one with parameters has no partial index.
 */
export async function countOrEstimate(q: Queryable, rows: string): Promise<Count> {
  const counted = await countUpTo(q, rows, countedAtMost);
  if (counted < countedAtMost) return { count: counted, isEstimate: false };
  return { count: Math.max(counted, await estimateRows(q, rows)), isEstimate: true };
}

/** The number of rows that a `from … where …` gives, counted no further than `limit`. */
export async function countUpTo(q: Queryable, rows: string, limit: number): Promise<number> {
  const { rows: counted } = await q.query<{ count: number }>(
    `select count(*)::int as count from (select ${rows} limit $1) counted`,
    [limit],
  );
  return counted[0]?.count ?? 0;
}

/**
 * The planner's estimate: by the table's size on disk, and by what was known of its rows when it was last looked at. So
 * it is right also right after a backfill, and reads no row.
 */
export async function estimateRows(q: Queryable, rows: string): Promise<number> {
  const { rows: plans } = await q.query<{
    'QUERY PLAN': readonly { readonly Plan: { readonly 'Plan Rows': number } }[];
  }>(`explain (format json) select ${rows}`);
  return plans[0]?.['QUERY PLAN'][0]?.Plan['Plan Rows'] ?? 0;
}
