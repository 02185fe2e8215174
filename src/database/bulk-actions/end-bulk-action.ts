import type { Operator } from '../brakes/stored-brakes.ts';
import type { Queryable } from '../connection.ts';

/**
 * Completes a bulk action of which all is done, and its record by what became of the rows. One that has ended stays as it
 * is.
 */
export async function completeBulkAction(q: Queryable, id: string): Promise<void> {
  await q.query(`with ${ended('done', 'null')} select from ended`, [id]);
}

/**
 * Stops a bulk action, or discards its dry run: what is done is done, nothing more is. A batch in progress is waited for.
 * Who stopped it gets a record of its own, since another person may have confirmed it.
 *
 * @param targetInWords what it would have been done to, for the record, e.g. `1,200 events`
 * @returns whether it was open until now
 */
export async function stopBulkAction(
  q: Queryable,
  { id, by, targetInWords }: { readonly id: string; readonly by: Operator; readonly targetInWords: string },
): Promise<boolean> {
  const { rowCount } = await q.query(
    `with ${ended('stopped', '$2')},
     stop_recorded as (
       insert into artwork_reconciler.operator_action (actor, action, target, before, after)
       select $2, 'stop ' || replace(kind, '_', ' '), $3, jsonb_build_object('bulk_action', id, 'state', former_state),
         jsonb_build_object('bulk_action', id, 'state', state, 'outcome', ${outcome('ended')})
       from ended
     )
     select from ended`,
    [id, by.actor, targetInWords],
  );
  return rowCount === 1;
}

/** Common table expressions: `ended`, the action as it now is, if it was open; and its record, completed. */
function ended(state: 'done' | 'stopped', stoppedBy: '$2' | 'null'): string {
  return `
    open as (
      select id, state as former_state from artwork_reconciler.bulk_action
      where id = $1 and state not in ('done', 'stopped')
      for update
    ),
    ended as (
      update artwork_reconciler.bulk_action action
      set state = '${state}', stopped_by = ${stoppedBy}, ended_at = clock_timestamp(), fault = null, lease_holder = null,
        lease_until = null
      from open where action.id = open.id
      returning action.*, open.former_state
    ),
    recorded as (
      update artwork_reconciler.operator_action record
      set after = record.after || jsonb_build_object('state', ended.state, 'outcome', ${outcome('ended')})
      from ended where record.id = ended.operator_action
    )`;
}

function outcome(table: string): string {
  return `jsonb_build_object('done', ${table}.done, 'skipped', ${table}.skipped, 'refused', ${table}.refused)`;
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
