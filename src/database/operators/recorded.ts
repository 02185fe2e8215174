import type { Queryable, Transaction } from '../connection.ts';
import { parseRowId } from '../row-id.ts';

/** The person who does it; recorded with the change. Without one, it was the program itself. */
export interface Operator {
  readonly actor: string;
  readonly note?: string | null;
}

/** A recorded action on rows, to be undone. */
export interface RecordedAction {
  readonly id: number;
  /** As kinds of bulk actions are named, also of one that was none: `requeue_events`. */
  readonly kind: string;
  readonly actor: string;
  /** What it was done to, as the record names it. */
  readonly target: string;
  readonly before: Readonly<Record<string, unknown>> | null;
  readonly after: Readonly<Record<string, unknown>> | null;
  /** Between these it changed its rows: what has another moment was changed by something else. */
  readonly from: Date;
  readonly until: Date;
  /** The bulk action that it was; null where its record has the rows. */
  readonly bulkAction: string | null;
  /** Of one that undid another one, which. */
  readonly undid: number | null;
}

/** How kinds of bulk actions are named, also of an action that was none: `requeue_events`. */
export function kindOf(action: string): string {
  return action.replaceAll(' ', '_').replace(/_review$/, '_reviews');
}

type RecordRow = Omit<RecordedAction, 'bulkAction' | 'kind' | 'undid'> & { readonly action: string };

/** Null where there is no such record. */
export async function readRecordedAction(q: Queryable, id: number): Promise<RecordedAction | null> {
  const { rows } = await q.query<RecordRow>(
    `select record.id, record.action, record.target, record.actor, record.at as "from", record.before, record.after,
       case when bulk.id is null then record.at else coalesce(bulk.ended_at, clock_timestamp()) end as until
     from artwork_reconciler.operator_action record
     left join artwork_reconciler.bulk_action bulk on bulk.operator_action = record.id
     where record.id = $1`,
    [id],
  );
  if (rows[0] === undefined) return null;
  const { action, ...record } = rows[0];
  const { bulk_action: bulkAction, filter } = record.after ?? {};
  const { action: undid } = (filter ?? {}) as { readonly action?: unknown };
  const kind = kindOf(action);
  return {
    ...record,
    kind,
    bulkAction: typeof bulkAction === 'string' ? bulkAction : null,
    undid: kind.startsWith('undo_') ? parseRowId(String(undid)) : null,
  };
}

/** Where the records of actions that were no bulk actions have their rows. */
const idsIn: Readonly<Record<string, string>> = {
  requeue_events: 'requeued',
  dismiss_events: 'dismissed',
  withdraw_events: 'withdrawn',
};

/** The rows that a recorded action did something to, by id, a page of them. */
export async function rowsOfRecord(
  tx: Transaction,
  id: number,
  { after, limit }: { readonly after: unknown; readonly limit: number },
): Promise<{ readonly ids: readonly number[]; readonly next: number | null }> {
  const action = await readRecordedAction(tx, id);
  const from = parseRowId(String(after)) ?? 0;
  if (action === null) return { ids: [], next: null };
  const review = /^review (\d+)$/.exec(action.target)?.[1];
  const named = review === undefined ? action.after?.[idsIn[action.kind] ?? ''] : [review];
  const { rows } =
    action.bulkAction === null
      ? await tx.query<{ id: number }>(`select id from unnest($1::bigint[]) as id where id > $2 order by id limit $3`, [
          Array.isArray(named) ? named : [],
          from,
          limit,
        ])
      : await tx.query<{ id: number }>(
          `select target as id from artwork_reconciler.bulk_action_row
           where bulk_action = $1 and outcome = 'done' and target > $2 order by target limit $3`,
          [action.bulkAction, from, limit],
        );
  const ids = rows.map((row) => row.id);
  return { ids, next: ids.length < limit ? null : ids.at(-1)! };
}

/** What an action that undoes another one has as its filter. */
export interface UndoFilter {
  readonly action: number;
}

/**
 * The action that a filter names.
 *
 * @throws {Error} where its record is gone
 */
export async function actionToUndo(tx: Transaction, filter: unknown): Promise<RecordedAction> {
  const { action: id } = filter as UndoFilter;
  const action = await readRecordedAction(tx, id);
  if (action === null) throw new Error(`action ${id} is not recorded any more: there is nothing to undo`);
  return action;
}
