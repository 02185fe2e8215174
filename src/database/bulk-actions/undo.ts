import type { Queryable } from '../connection.ts';
import { planBulkAction } from './bulk-action.ts';
import type { BulkKindName } from './kinds.ts';
import { readRecordedAction, type RecordedAction } from './recorded.ts';

/** Which kind of bulk action undoes what. */
const undoneBy: Readonly<Record<string, BulkKindName>> = {
  requeue_events: 'undo_events',
  dismiss_events: 'undo_events',
  withdraw_events: 'undo_events',
  resolve_reviews: 'undo_reviews',
  wont_fix_reviews: 'undo_reviews',
  prioritise_entities: 'undo_entities',
  recheck_entities: 'undo_entities',
};

/** What can be undone: the names that records have. */
export function canBeUndone(action: string): boolean {
  const kind = action.replaceAll(' ', '_').replace(/_review$/, '_reviews');
  return Object.hasOwn(undoneBy, kind) || kind.startsWith('undo_');
}

/** A recorded action that can't be undone, in words. */
export class NotUndoneError extends Error {
  override readonly name = 'NotUndoneError';
}

/**
 * Begins the dry run of undoing what one recorded action did. Where that itself undid another one, that one is done again
 * to the rows that it was taken back from.
 *
 * @param id of the record
 * @returns the bulk action's id and kind
 * @throws {NotUndoneError}
 */
export async function planUndo(
  q: Queryable,
  id: number,
  plannedBy: string,
): Promise<{ readonly id: string; readonly kind: BulkKindName }> {
  const action = await readRecordedAction(q, id);
  if (action === null) throw new NotUndoneError(`there is no action ${id} in the record`);
  const { kind, filter } = action.undid === null ? howToUndo(action) : await howToRedo(q, action, action.undid);
  return { id: await planBulkAction(q, { kind, filter, plannedBy }), kind };
}

function howToUndo({ id, kind }: RecordedAction): { readonly kind: BulkKindName; readonly filter: unknown } {
  const undo = Object.hasOwn(undoneBy, kind) ? undoneBy[kind] : undefined;
  if (undo !== undefined) return { kind: undo, filter: { action: id } };
  const known = Object.keys(undoneBy).map((name) => name.replaceAll('_', ' '));
  throw new NotUndoneError(
    `action ${id} is “${kind.replaceAll('_', ' ')}”, which can't be undone; what can be is ${known.join(', ')}`,
  );
}

async function howToRedo(
  q: Queryable,
  { bulkAction }: RecordedAction,
  undid: number,
): Promise<{ readonly kind: BulkKindName; readonly filter: unknown }> {
  const first = await readRecordedAction(q, undid);
  if (first === null || !Object.hasOwn(undoneBy, first.kind)) {
    throw new NotUndoneError(`action ${undid}, which was undone, is not in the record any more`);
  }
  const { rows } = await q.query<{ id: number }>(
    `select target as id from artwork_reconciler.bulk_action_row
     where bulk_action = $1 and outcome = 'done' order by target`,
    [bulkAction],
  );
  return { kind: first.kind as BulkKindName, filter: { ids: rows.map((row) => row.id) } };
}
