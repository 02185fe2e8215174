import type { Queryable } from '../connection.ts';

/**
 * Ends a bulk action, and completes its record by what became of the rows.
 *
 * @returns whether it was open until now
 */
export async function endBulkAction(q: Queryable, id: string, state: 'done' | 'stopped'): Promise<boolean> {
  const { rowCount } = await q.query(
    `with ended as (
       update artwork_reconciler.bulk_action
       set state = $2, ended_at = clock_timestamp(), fault = null, lease_holder = null, lease_until = null
       where id = $1 and state not in ('done', 'stopped')
       returning *
     ),
     recorded as (
       update artwork_reconciler.operator_action record
       set after = record.after || jsonb_build_object('state', ended.state, 'outcome',
         jsonb_build_object('done', ended.done, 'skipped', ended.skipped, 'refused', ended.refused))
       from ended where record.id = ended.operator_action
     )
     select from ended`,
    [id, state],
  );
  return rowCount === 1;
}

/**
 * Stops a bulk action: what is done is done, nothing more is. A batch in hand is waited for.
 *
 * @returns whether it was open until now
 */
export async function stopBulkAction(q: Queryable, id: string): Promise<boolean> {
  return endBulkAction(q, id, 'stopped');
}

/** Forgets dry runs that nobody confirmed. What was confirmed stays, as a part of the record. */
export async function forgetUnconfirmed(q: Queryable, hours: number): Promise<number> {
  const { rowCount } = await q.query(
    `delete from artwork_reconciler.bulk_action
     where confirmed_at is null and created_at < clock_timestamp() - $1::float8 * interval '1 hour'`,
    [hours],
  );
  return rowCount ?? 0;
}
