import { pausedBy, type StoredBrakeName } from '../../domain/brake.ts';
import type { Queryable } from '../connection.ts';
import { planBulkAction } from './bulk-action.ts';
import type { BulkKindName } from './kinds.ts';
import { kindOf, readRecordedAction, type RecordedAction } from '../operators/recorded.ts';

/** Which kind of bulk action undoes what. */
const undoneBy: Readonly<Record<string, BulkKindName>> = {
  requeue_events: 'undo_events',
  dismiss_events: 'undo_events',
  withdraw_events: 'undo_events',
  resolve_reviews: 'undo_reviews',
  wont_fix_reviews: 'undo_reviews',
  hand_over_reviews: 'undo_reviews',
  take_back_reviews: 'undo_reviews',
  hand_over_list: 'undo_entities',
  prioritise_entities: 'undo_entities',
  recheck_entities: 'undo_entities',
  exclude_entities: 'undo_entities',
  include_entities: 'undo_entities',
  set_pace: 'undo_settings',
  clear_pace: 'undo_settings',
  set_mode: 'undo_settings',
  set_brake: 'undo_settings',
  release_brake: 'undo_settings',
  add_window: 'undo_settings',
  end_window: 'undo_settings',
};

/** What does instead of undoing it what it may be wanted for. */
const instead: Readonly<Record<string, string>> = {
  audit_entity:
    '`events withdraw` takes what it queued out of the queue; what was carried out is what MusicBrainz says',
  index_entity: 'what it uploads is what MusicBrainz says; nothing else is changed by it',
  index_entities: 'what it uploads is what MusicBrainz says; nothing else is changed by it',
  reopen_reviews: 'close the review again: `reviews resolve` or `reviews wont-fix`',
  recheck_reviews: 'the audits decide: what they resolved is opened again by the next one that finds it',
  undo_settings: 'what it changed has its own record, after it, which can be undone',
  restore_window: '`schedule resume --window` ends the window again',
  adopt_database: 'docs/backup.md says how a database is adopted again',
  adopt_moved_database: 'docs/backup.md says how a database is adopted again',
};

const brakeInstead =
  'it takes new observations to put the brake on again; `schedule pause`, `events pause` and `repairs pause` stop work by hand';

/**
 * What an action can be undone by; or, in words, what to do instead.
 *
 * @param target what it was done to, as its record names it
 */
export function howToUndo(
  action: string,
  target: string,
): { readonly instead: string } | { readonly kind: BulkKindName } {
  const name = kindOf(action);
  if (name === 'release_brake' && pausedBy(target as StoredBrakeName) === null) return { instead: brakeInstead };
  const kind = Object.hasOwn(undoneBy, name) ? undoneBy[name] : undefined;
  if (kind !== undefined) return { kind };
  if (Object.hasOwn(instead, name)) return { instead: instead[name]! };
  if (name.startsWith('undo_')) return { kind: name as BulkKindName };
  if (name.startsWith('stop_')) return { instead: 'begin it once more: what was done stays done, and is skipped' };
  return { instead: 'this version does not know how' };
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
  const how = howToUndo(action.kind, action.target);
  if ('instead' in how) {
    throw new NotUndoneError(
      `action ${id} is “${action.kind.replaceAll('_', ' ')}”, which can't be undone: ${how.instead}`,
    );
  }
  const { kind, filter } =
    action.undid === null ? { kind: how.kind, filter: { action: id } } : await howToRedo(q, action, action.undid);
  return { id: await planBulkAction(q, { kind, filter, plannedBy }), kind };
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
