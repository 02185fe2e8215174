import type { Queryable } from '../connection.ts';

/**
 * Whether any audit came to a decision within so many minutes, by the database's clock: then what stopped another one is
 * no fault of everybody's.
 */
export async function anyAuditDecidedLately(q: Queryable, minutes: number): Promise<boolean> {
  const { rows } = await q.query<{ any: boolean }>(
    `select exists (
       select from artwork_reconciler.audit
       where decided_at > now() - $1::float8 * interval '1 minute' and decision <> 'not_now'
     ) as any`,
    [minutes],
  );
  return rows[0]?.any ?? false;
}
