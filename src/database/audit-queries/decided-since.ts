import type { Queryable } from '../connection.ts';

/** Whether any audit came to a decision after a moment: then what stopped another one is no fault of everybody's. */
export async function anyAuditDecidedSince(q: Queryable, since: Date): Promise<boolean> {
  const { rows } = await q.query<{ any: boolean }>(
    `select exists (
       select from artwork_reconciler.audit where decided_at > $1 and decision <> 'not_now'
     ) as any`,
    [since],
  );
  return rows[0]?.any ?? false;
}
