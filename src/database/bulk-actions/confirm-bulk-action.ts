import type { Operator } from '../brakes/stored-brakes.ts';
import type { Database } from '../connection.ts';
import type { BulkState } from './bulk-action.ts';

/**
 * Lets a bulk action be carried out, and records who wanted it, in one record for all of its rows. Confirming again
 * changes nothing.
 *
 * @param targetInWords what it is done to, for the record, e.g. `1,200 events`
 * @returns whether it was this call that started it, and the state it found; null where there is no such action
 */
export async function confirmBulkAction(
  db: Database,
  { id, by, targetInWords }: { readonly id: string; readonly by: Operator; readonly targetInWords: string },
): Promise<{ readonly started: boolean; readonly state: BulkState } | null> {
  return db.transaction(async (tx) => {
    const { rows } = await tx.query<{ state: BulkState; kind: string }>(
      `select state, kind from artwork_reconciler.bulk_action where id = $1 for update`,
      [id],
    );
    const [action] = rows;
    if (action === undefined) return null;
    if (action.state !== 'planned') return { started: false, state: action.state };
    await tx.query(
      `with recorded as (
         insert into artwork_reconciler.operator_action (actor, action, target, after, note)
         select $2, replace(kind, '_', ' '), $4, jsonb_build_object(
             'bulk_action', id, 'filter', filter, 'state', 'running', 'planned',
             jsonb_build_object('done', planned_done, 'skipped', planned_skipped, 'refused', planned_refused)
           ), $3
         from artwork_reconciler.bulk_action where id = $1
         returning id
       )
       update artwork_reconciler.bulk_action
       set state = 'running', actor = $2, note = $3, confirmed_at = now(), fault = null, lease_holder = null,
         lease_until = null, operator_action = (select id from recorded)
       where id = $1`,
      [id, by.actor, by.note ?? null, targetInWords],
    );
    return { started: true, state: 'running' };
  });
}
