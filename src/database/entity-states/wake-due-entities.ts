import type { Queryable } from '../connection.ts';

/**
 * Makes entities whose due time has come claimable. The pacer calls it before every claim.
 *
 * Why a step of its own: the claim's index holds only rows without a due time; with waiting rows in it, 200,000 of them
 * made a claim take 39 ms.
 *
 * @param what.limit rows at once, so that a million that become due together don't make one transaction; the rest
 * follows at the next call
 * @returns how many
 */
export async function wakeDueEntities(q: Queryable, what: { readonly limit?: number } = {}): Promise<number> {
  const { rowCount } = await q.query(
    `update artwork_reconciler.audit_entity entity
     set due_at = null, due_cause = null
     from (select id from artwork_reconciler.audit_entity
           where status = 'unchecked' and due_at is not null and due_at <= now()
           order by due_at
           limit $1
           for update skip locked) due
     where entity.id = due.id`,
    [what.limit ?? 10_000],
  );
  return rowCount ?? 0;
}
