import type { BulkKind, RowOutcome } from '../bulk-actions/bulk-kind.ts';
import { actionToUndo, rowsOfRecord, type UndoFilter } from '../bulk-actions/recorded.ts';
import type { Transaction } from '../connection.ts';

/** Undoes that entities were made due, or given a priority, as far as they were not audited since. */
export const undoOnEntities: BulkKind = {
  async choose(tx, filter, page) {
    const { ids, next } = await rowsOfRecord(tx, (filter as UndoFilter).action, page);
    const { rows } = await tx.query<{ target: number; place: string }>(
      `select id as target, now()::text as place from unnest($1::bigint[]) as id`,
      [ids],
    );
    return { rows, next };
  },

  async carryOut(tx, { filter, rows, dryRun }) {
    const { bulkAction } = await actionToUndo(tx, filter);
    const ids = rows.map(({ target }) => target);
    const { rows: locked } = await tx.query<Found & { id: number }>(
      `select entity.id, entity.status::text as status,
         not done.before ? 'status' as added,
         -- The record has milliseconds.
         coalesce(
           abs(extract(epoch from entity.last_audit_at - (done.before->>'last_audit_at')::timestamptz)) >= 0.001,
           (entity.last_audit_at is null) <> (done.before->>'last_audit_at' is null)
         ) as audited
       from artwork_reconciler.bulk_action_row done
       join artwork_reconciler.audit_entity entity on entity.id = done.target
       where done.bulk_action = $1 and done.target = any ($2::bigint[])
       order by entity.id for update of entity`,
      [bulkAction, ids],
    );
    const found = new Map(locked.map((row) => [row.id, row]));
    const outcomes = ids.map((target): RowOutcome => {
      const row = found.get(target);
      const reason = row === undefined ? 'it is gone' : whyNot(row);
      return reason === null ? { target, outcome: 'done' } : { target, outcome: 'refused', reason };
    });
    if (!dryRun) {
      const done = outcomes.filter(({ outcome }) => outcome === 'done').map(({ target }) => target);
      await putBack(tx, bulkAction, done);
    }
    return outcomes;
  },
};

interface Found {
  readonly status: string;
  readonly audited: boolean;
  /** It was not known before. */
  readonly added: boolean;
}

function whyNot({ status, audited, added }: Found): string | null {
  if (added) return 'it was added by this, and stays known';
  if (status === 'audit_in_progress') return 'it is being audited now';
  if (audited) return 'it was audited since';
  return status === 'unchecked' ? null : `it is ${status.replaceAll('_', ' ')} by now`;
}

/** As the rows of the action say that they were. */
async function putBack(tx: Transaction, bulkAction: string | null, ids: readonly number[]): Promise<void> {
  await tx.query(
    `update artwork_reconciler.audit_entity entity
     set status = (done.before->>'status')::artwork_reconciler.audit_entity_status,
         priority = (done.before->>'priority')::smallint,
         due_at = (done.before->>'due_at')::timestamptz, due_cause = done.before->>'due_cause'
     from artwork_reconciler.bulk_action_row done
     where done.bulk_action = $1 and done.target = entity.id and entity.id = any ($2::bigint[])
       and done.before ? 'status'`,
    [bulkAction, ids],
  );
}
