import type { Queryable } from '../connection.ts';
import type { CappedCount } from '../lists/index.ts';

/** How many entities' newest decided audit has a finding of each check, counted no further than `most` of each. */
export async function readCheckCounts(
  q: Queryable,
  checks: readonly string[],
  most: number,
): Promise<ReadonlyMap<string, CappedCount>> {
  const { rows } = await q.query<CappedCount & { readonly check: string }>(
    `select named.check, least(counted.count, $2)::int as count, counted.count <= $2 as exact
     from unnest($1::text[]) as named ("check")
     cross join lateral (
       select count(*) as count
       from (select from artwork_reconciler.standing_finding standing
             where standing.check_name = named.check limit $2 + 1) found
     ) counted`,
    [checks, most],
  );
  return new Map(rows.map(({ check, count, exact }) => [check, { count, exact }]));
}
