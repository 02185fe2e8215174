import type { Database, Transaction } from '../connection.ts';
import { transactionWithRetry } from '../locks.ts';
import { type BulkState, completeBulkAction, noteFault, stopBulkAction } from './bulk-action.ts';
import type { BatchRow, RowOutcome, BulkKind, BulkKinds } from '../operators/bulk-kind.ts';
import { isListFilter, mostOrNothing } from '../operators/by-list.ts';

export type BulkStep =
  /** There is more to do. */
  | 'more'
  /** The dry run, or the action, is complete. */
  | 'complete'
  /** There is nothing to do about it: it waits for a person, has ended, or is no more. */
  | 'idle';

/** What there is of an action in a step; its row is locked. */
interface LockedAction {
  readonly id: string;
  readonly kind: string;
  readonly filter: unknown;
  readonly state: BulkState;
  readonly cursor: unknown;
  readonly plannedBy: string;
  readonly actor: string | null;
  readonly note: string | null;
}

/**
 * Does the next piece of a bulk action in one transaction: chooses some rows, or says what would become of some, or does
 * some, and marks them. Two who do so at once take turns, so that no row is done twice.
 *
 * @param rows how many at once
 */
export async function stepBulkAction(
  db: Database,
  kinds: BulkKinds,
  { id, rows }: { readonly id: string; readonly rows: number },
): Promise<BulkStep> {
  return transactionWithRetry(db, async (tx) => {
    const action = await lockAction(tx, id);
    if (action === undefined) return 'idle';
    const kind = kinds[action.kind];
    if (kind === undefined) throw new Error(`there is no kind of bulk action ${action.kind}: a newer version made it`);
    return stepOf(tx, { action, kind, rows });
  });
}

/**
 * Does piece after piece of a bulk action, until its dry run or the action is complete, or time is up. A batch that fails
 * has changed nothing; why it failed is written down.
 *
 * @param work.isOver asked after each piece
 * What is to be done all or not at all, of which something can't be done any more, is stopped.
 *
 * @returns whether there is more to do
 * @throws what a batch failed with
 */
export async function workOnBulkAction(
  db: Database,
  kinds: BulkKinds,
  { id, rows, isOver }: { readonly id: string; readonly rows: number; readonly isOver: () => boolean },
): Promise<boolean> {
  try {
    while ((await stepBulkAction(db, kinds, { id, rows })) === 'more') if (isOver()) return true;
    return false;
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    if (error instanceof NothingDoneError) {
      await stopBulkAction(db, { id, by: { actor: 'all or nothing', note: words } });
      return false;
    }
    // Where the database is away this fails too.
    await noteFault(db, id, words).catch(() => undefined);
    throw error;
  }
}

async function stepOf(
  tx: Transaction,
  { action, kind, rows }: { readonly action: LockedAction; readonly kind: BulkKind; readonly rows: number },
): Promise<BulkStep> {
  if (action.state === 'choosing') {
    await chooseRows(tx, action, kind, rows);
    return 'more';
  }
  const isWhole = action.state === 'running' && isListFilter(action.filter) && action.filter.allOrNothing === true;
  if (await workBatch(tx, action, kind, isWhole ? mostOrNothing : rows)) return 'more';
  if (action.state === 'running') await completeBulkAction(tx, action.id);
  else await tx.query(`update artwork_reconciler.bulk_action set state = 'planned' where id = $1`, [action.id]);
  return 'complete';
}

async function lockAction(tx: Transaction, id: string): Promise<LockedAction | undefined> {
  const { rows } = await tx.query<LockedAction>(
    `update artwork_reconciler.bulk_action set fault = null
     where id = $1 and state in ('choosing', 'planning', 'running')
     returning id, kind, filter, state, cursor, planned_by as "plannedBy", actor, note`,
    [id],
  );
  return rows[0];
}

/** Chooses the next rows, or, where there are no more, continues to say what would become of them. */
async function chooseRows(tx: Transaction, action: LockedAction, kind: BulkKind, limit: number): Promise<void> {
  const { rows, next } = await kind.choose(tx, action.filter, { after: action.cursor, limit });
  await tx.query(
    `with written as (
       insert into artwork_reconciler.bulk_action_row as former (bulk_action, target, place, along, version, same_as)
       select $1, * from unnest($2::bigint[], $3::timestamptz[], $4::boolean[], $5::text[], $6::text[])
       -- One that goes along with a row may be asked for itself on a later page.
       on conflict (bulk_action, target) do update set along = false where former.along and not excluded.along
       returning xmax = 0 as is_new, along
     )
     update artwork_reconciler.bulk_action
     set chosen = chosen + (select count(*) from written where is_new),
       along = along + (select count(*) from written where is_new and along)
         - (select count(*) from written where not is_new),
       cursor = $7::jsonb, state = $8
     where id = $1`,
    [
      action.id,
      rows.map(({ target }) => target),
      rows.map(({ place }) => place),
      rows.map(({ along }) => along ?? false),
      rows.map(({ version }) => version ?? null),
      rows.map(({ sameAs }) => sameAs ?? null),
      next === null ? null : JSON.stringify(next),
      next === null ? 'planning' : 'choosing',
    ],
  );
}

/**
 * Decides the next rows of an action, and does them unless it is still the dry run; what the dry run refused stays
 * refused, whatever has changed since: nobody was shown that it would be done.
 *
 * @returns whether there were any
 */
async function workBatch(tx: Transaction, action: LockedAction, kind: BulkKind, limit: number): Promise<boolean> {
  const dryRun = action.state === 'planning';
  const rows = await readBatch(tx, { action, kind, dryRun, limit });
  if (rows.length === 0) return false;
  const refused = rows.filter(({ planned }) => planned === 'refused');
  const batch = rows.filter((row): row is PendingRow & BatchRow => row.planned !== 'refused');
  const by = { actor: action.actor ?? action.plannedBy, note: action.note };
  const outcomes = [
    ...refused.map(({ target, plannedReason }): RowOutcome => ({
      target,
      outcome: 'refused',
      ...(plannedReason !== null && { reason: plannedReason }),
    })),
    ...(batch.length === 0
      ? []
      : await kind.carryOut(tx, { actionId: action.id, filter: action.filter, rows: batch, dryRun, by })),
  ];
  const [first, ...others] = outcomes.filter(({ outcome }) => outcome === 'refused');
  if (!dryRun && first !== undefined && isListFilter(action.filter) && action.filter.allOrNothing) {
    throw new NothingDoneError(`${1 + others.length} can’t be done any more (${first.reason}), so nothing was`);
  }
  await (dryRun ? writePlan(tx, action.id, outcomes) : writeOutcome(tx, action.id, outcomes));
  return true;
}

/** Of what was to be done all or not at all, something can't be done any more. */
class NothingDoneError extends Error {
  override readonly name = 'NothingDoneError';
}

interface PendingRow {
  readonly target: number;
  readonly version: string | null;
  readonly planned: 'done' | 'refused' | 'skipped' | null;
  readonly plannedReason: string | null;
}

async function readBatch(
  tx: Transaction,
  {
    action,
    kind,
    dryRun,
    limit,
  }: { readonly action: LockedAction; readonly kind: BulkKind; readonly dryRun: boolean; readonly limit: number },
): Promise<PendingRow[]> {
  const pending = dryRun ? 'planned is null' : 'outcome is null';
  const columns = `target, version, planned, planned_reason as "plannedReason"`;
  const { rows: next } = await tx.query<PendingRow>(
    `select ${columns} from artwork_reconciler.bulk_action_row
     where bulk_action = $1 and ${pending} order by place, target limit $2`,
    [action.id, limit],
  );
  if (kind.together === undefined || next.length === 0) return next;
  const targets = next.map(({ target }) => target);
  const more = await kind.together(tx, { actionId: action.id, targets, dryRun });
  if (more.length === 0) return next;
  const { rows } = await tx.query<PendingRow>(
    `select ${columns} from artwork_reconciler.bulk_action_row
     where bulk_action = $1 and ${pending} and target = any ($2::bigint[]) order by place, target`,
    [action.id, [...targets, ...more]],
  );
  return rows;
}

async function writePlan(tx: Transaction, id: string, outcomes: readonly RowOutcome[]): Promise<void> {
  await tx.query(
    `with outcome as (select * from unnest($2::bigint[], $3::text[], $4::text[]) as outcome (target, outcome, reason)),
     written as (
       update artwork_reconciler.bulk_action_row written set planned = outcome.outcome, planned_reason = outcome.reason
       from outcome where written.bulk_action = $1 and written.target = outcome.target and written.planned is null
       returning written.planned
     )
     update artwork_reconciler.bulk_action
     set planned_done = planned_done + (select count(*) from written where planned = 'done'),
       planned_skipped = planned_skipped + (select count(*) from written where planned = 'skipped'),
       planned_refused = planned_refused + (select count(*) from written where planned = 'refused')
     where id = $1`,
    columnsOf(id, outcomes),
  );
}

async function writeOutcome(tx: Transaction, id: string, outcomes: readonly RowOutcome[]): Promise<void> {
  await tx.query(
    `with written as (
       insert into artwork_reconciler.bulk_action_row as former (bulk_action, target, place, along, outcome, reason, before)
       select $1, target, now(), true, outcome, reason, before
       from unnest($2::bigint[], $3::text[], $4::text[], $5::jsonb[]) as outcome (target, outcome, reason, before)
       -- What is no row of the action yet is only named with its result.
       on conflict (bulk_action, target)
         do update set outcome = excluded.outcome, reason = excluded.reason, before = excluded.before
         where former.outcome is null
       returning outcome
     )
     update artwork_reconciler.bulk_action
     set done = done + (select count(*) from written where outcome = 'done'),
       skipped = skipped + (select count(*) from written where outcome = 'skipped'),
       refused = refused + (select count(*) from written where outcome = 'refused')
     where id = $1`,
    [...columnsOf(id, outcomes), outcomes.map(({ before }) => (before === undefined ? null : JSON.stringify(before)))],
  );
}

function columnsOf(id: string, outcomes: readonly RowOutcome[]): unknown[] {
  return [
    id,
    outcomes.map(({ target }) => target),
    outcomes.map(({ outcome }) => outcome),
    outcomes.map(({ reason }) => reason ?? null),
  ];
}
