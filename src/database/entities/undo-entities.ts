import type { BulkBatch, BulkKind, RowOutcome } from '../operators/bulk-kind.ts';
import { actionToUndo, type RecordedAction, rowsOfRecord, type UndoFilter } from '../operators/recorded.ts';
import type { Transaction } from '../connection.ts';
import { parseRowId } from '../row-id.ts';
import { reopenReviewIn } from './close-review.ts';
import { includeEntities, putExclusionsBack } from './exclusion.ts';
import { entitiesOfList, takeBack } from './hand-over.ts';

/**
 * Undoes that entities were made due, given a priority, excluded or included, as far as they were not audited since; or
 * that a list of findings was handed over.
 */
export const undoOnEntities: BulkKind = {
  async choose(tx, filter, page) {
    const action = await actionToUndo(tx, filter);
    const { ids, next } =
      action.kind === 'hand_over_list'
        ? await handedOver(tx, action, page)
        : await rowsOfRecord(tx, (filter as UndoFilter).action, page);
    const { rows } = await tx.query<{ target: number; place: string }>(
      `select id as target, now()::text as place from unnest($1::bigint[]) as id`,
      [ids],
    );
    return { rows, next };
  },

  async carryOut(tx, batch) {
    const action = await actionToUndo(tx, batch.filter);
    if (action.kind === 'hand_over_list') return undoList(tx, action, batch);
    const ids = batch.rows.map(({ target }) => target);
    const { rows: locked } = await tx.query<Found>(
      `select done.target, entity.id, entity.status::text as status,
         not done.before ? 'status' as added,
         done.before->>'review' as review, done.before->>'status' as former,
         -- The record has milliseconds.
         coalesce(
           abs(extract(epoch from entity.last_audit_at - (done.before->>'last_audit_at')::timestamptz)) >= 0.001,
           (entity.last_audit_at is null) <> (done.before->>'last_audit_at' is null)
         ) as audited,
         exclusion.excluded_by as "excludedBy",
         exclusion.excluded_by = $3 and exclusion.excluded_at between $4::timestamptz and $5::timestamptz + interval '1 ms' as "isOurs"
       from artwork_reconciler.bulk_action_row done
       join artwork_reconciler.audit_entity entity on entity.id = done.target
       left join artwork_reconciler.exclusion on exclusion.audit_entity_id = entity.id
       where done.bulk_action = $1 and done.target = any ($2::bigint[])
       order by entity.id for update of entity`,
      [action.bulkAction, ids, action.actor, action.from, action.until],
    );
    const found = new Map(locked.map((row) => [row.target, row]));
    const outcomes = ids.map((target): RowOutcome => {
      const row = found.get(target);
      const reason = row === undefined ? 'it is gone' : whyNot(action, row);
      return reason === null ? { target, outcome: 'done' } : { target, outcome: 'refused', reason };
    });
    if (!batch.dryRun) {
      const done = outcomes.filter(({ outcome }) => outcome === 'done').map(({ target }) => found.get(target)!);
      await undo(tx, action, done, batch);
    }
    return outcomes;
  },
};

interface Found {
  readonly target: number;
  readonly id: number;
  readonly status: string;
  readonly audited: boolean;
  /** It was not known before. */
  readonly added: boolean;
  /** What it was before. */
  readonly former: string | null;
  /** The review that was open before. */
  readonly review: string | null;
  /** Who excluded it, where it is excluded now, and whether by this action. */
  readonly excludedBy: string | null;
  readonly isOurs: boolean | null;
}

function whyNot({ kind }: RecordedAction, { status, audited, added, excludedBy, isOurs }: Found): string | null {
  if (kind === 'exclude_entities') {
    if (excludedBy === null) return 'it is not excluded any more';
    return isOurs === true ? null : `it is excluded by another action, of ${excludedBy}`;
  }
  if (added) return 'it was added by this, and stays known';
  if (excludedBy !== null) return `it is excluded by ${excludedBy} by now`;
  if (status === 'audit_in_progress') return 'it is being audited now';
  if (audited) return 'it was audited since';
  return status === 'unchecked' ? null : `it is ${status.replaceAll('_', ' ')} by now`;
}

async function undo(
  tx: Transaction,
  { kind, bulkAction }: RecordedAction,
  done: readonly Found[],
  { by }: BulkBatch,
): Promise<void> {
  const ids = done.map(({ id }) => id);
  if (kind === 'include_entities') return putExclusionsBack(tx, bulkAction, ids);
  if (kind !== 'exclude_entities') return putBack(tx, bulkAction, ids);
  await includeEntities(tx, ids);
  // What was in progress or in repair then is due now: its claim, and what it waited for, were forgotten.
  const asBefore = done.filter(({ former }) => former === 'clean' || former === 'legacy' || former === 'unchecked');
  await putBack(
    tx,
    bulkAction,
    asBefore.map(({ id }) => id),
  );
  for (const { review } of done) {
    const reviewId = parseRowId(review ?? '');
    if (reviewId === null) continue;
    await reopenReviewIn(tx, { reviewId, actor: by.actor, note: by.note ?? '' }, { isRecorded: true });
  }
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

/** The entities that a list handed over and that are handed over by it still. */
async function handedOver(
  tx: Transaction,
  { actor, after: recorded }: RecordedAction,
  { after, limit }: { readonly after: unknown; readonly limit: number },
): Promise<{ readonly ids: readonly number[]; readonly next: number | null }> {
  const handedOverAt = String(recorded?.['handed_over_at']);
  const ids = await entitiesOfList(tx, { actor, handedOverAt, after: parseRowId(String(after)) ?? 0, limit });
  return { ids, next: ids.length < limit ? null : ids.at(-1)! };
}

async function undoList(tx: Transaction, action: RecordedAction, { rows, dryRun }: BulkBatch): Promise<RowOutcome[]> {
  const ids = rows.map(({ target }) => target);
  await tx.query('select from artwork_reconciler.audit_entity where id = any ($1::bigint[]) order by id for update', [
    ids,
  ]);
  const first = Math.min(...ids) - 1;
  const still = new Set((await handedOver(tx, action, { after: first, limit: 2 ** 31 - 1 })).ids);
  const outcomes = ids.map((target): RowOutcome =>
    still.has(target)
      ? { target, outcome: 'done' }
      : { target, outcome: 'refused', reason: 'it is not handed over by this list any more' },
  );
  if (!dryRun)
    await takeBack(
      tx,
      ids.filter((id) => still.has(id)),
    );
  return outcomes;
}
