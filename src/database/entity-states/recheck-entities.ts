import type { Config } from '../../config/config.ts';
import type { Queryable } from '../connection.ts';

/**
 * Makes `clean` and `legacy` entities `unchecked` whose last audit is `recheck_days` ago, oldest first. New ones are
 * not starved: at the same priority the claim prefers what was never audited. An entity that was set to `clean` by hand
 * without an audit is as old as can be.
 *
 * @param what.limit rows at once; oldest first, so the rest follows at the next call
 * @returns how many
 */
export async function recheckEntities(
  q: Queryable,
  settings: Pick<Config['audit'], 'recheckDays'>,
  what: { readonly limit?: number } = {},
): Promise<number> {
  const limit = what.limit ?? 1_000;
  const recheck = (old: string): string => `
    update artwork_reconciler.audit_entity entity
    set status = 'unchecked', due_at = null, due_cause = null, repair_audit_id = null
    from (select id from artwork_reconciler.audit_entity
          where status in ('clean', 'legacy') and ${old}
          order by last_audit_at, id
          limit $1
          for update skip locked) due
    where entity.id = due.id`;
  // Two statements: with an `or` the index would not be entered at the oldest.
  const never = await q.query(recheck('last_audit_at is null'), [limit]);
  const left = limit - (never.rowCount ?? 0);
  if (left <= 0) return limit;
  const old = await q.query(recheck('last_audit_at <= now() - make_interval(secs => $2)'), [
    left,
    settings.recheckDays * 86_400,
  ]);
  return (never.rowCount ?? 0) + (old.rowCount ?? 0);
}
