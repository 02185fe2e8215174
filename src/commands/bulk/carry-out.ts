import type { Config } from '../../config/config.ts';
import type { Operator } from '../../database/operators/recorded.ts';
import {
  type BulkAction,
  confirmBulkAction,
  forgetDryRun,
  planBulkAction,
  readBulkAction,
} from '../../database/bulk-actions/bulk-action.ts';
import { type BulkKindName, bulkKinds } from '../../database/bulk-actions/kinds.ts';
import { type BulkRow, bulkRowList } from '../../database/bulk-actions/list-bulk-rows.ts';
import { workOnBulkAction } from '../../database/bulk-actions/step.ts';
import type { Database, Queryable } from '../../database/connection.ts';
import { readList } from '../../database/lists/list.ts';
import type { ListPage } from '../../database/lists/walk.ts';
import { openProgressLine } from '../../terminal/terminal.ts';
import { withDatabase } from '../database.ts';
import { type ShownOutcome, type Noun, printOutcomes, type ReportOptions, summarizeOutcomes } from '../row-outcomes.ts';
import { catchSignals } from '../signals.ts';
import type { ReachedTemporal } from './follow.ts';

/** What is done to many rows, and how that is said of each. */
interface ManyRows {
  readonly kind: BulkKindName;
  /** What chooses the rows, as the kind reads it. */
  readonly filter: unknown;
  readonly by: Operator;
  readonly noun: Noun;
  readonly outcome: ShownOutcome['outcome'];
  /** What was done; "would be" goes before it in a dry run. */
  readonly words: string;
  /** As for `carryOut`. */
  readonly here?: boolean;
}

/**
 * Does something to many rows at once, as the dashboard does: a dry run fixes them, workers carry it out, and what became of
 * each row is printed. Stopped meanwhile, the command ends, and what was confirmed continues; a dry run changes nothing.
 *
 * @throws {Error} where there was no worker to carry it out, or it was stopped or interrupted; where a row that was asked for
 *   by its id was refused
 */
export async function carryOutInBulk(config: Config, rows: ManyRows, options: ReportOptions): Promise<void> {
  const { kind, filter, by } = rows;
  await carryOut(config, {
    by,
    dryRun: options.dryRun ?? false,
    here: rows.here ?? false,
    begin: (db) => planBulkAction(db, { kind, filter, plannedBy: by.actor }),
    report: (db, action) => report(db, action, rows, options),
  });
}

/** A bulk action as a command has it done. */
interface Carried {
  readonly by: Operator;
  readonly dryRun: boolean;
  /** Begins its dry run. @returns its id */
  readonly begin: (db: Database) => Promise<string>;
  /** Says what became of its rows, or would. */
  readonly report: (db: Database, action: BulkAction) => Promise<void>;
  /** Whether the dry run says that nothing is to be done, though something could. */
  readonly isHeldBack?: (db: Database, planned: BulkAction) => Promise<boolean>;
  /** Does it here, batch by batch, so that it needs no worker; workers continue it where this process ends before. */
  readonly here?: boolean;
}

/** @throws {Error} as `carryOutInBulk` does, and what `report` throws */
export async function carryOut(config: Config, carried: Carried): Promise<void> {
  const { by, dryRun, begin, report: say, isHeldBack, here = false } = carried;
  const signals = catchSignals();
  const interrupted = new AbortController();
  signals.obey(() => interrupted.abort());
  let leave = async (): Promise<void> => undefined;
  try {
    await withDatabase(config.database, async (db) => {
      const id = await begin(db);
      try {
        const work = { id, rows: config.bulk.rows, interrupted: interrupted.signal };
        const planned = await workHere(db, work);
        const isNothing = planned.planned.done + planned.planned.skipped === 0;
        if (dryRun || isNothing || (await isHeldBack?.(db, planned))) return await say(db, planned);
        if (here) {
          await confirm(db, id, by);
          return await say(db, await workHere(db, work));
        }
        // Before it is confirmed: with somebody else's Temporal nothing is begun.
        const { followBulkAction, leaveTemporal, reachTemporal } = await import('./follow.ts');
        const temporal: ReachedTemporal = await reachTemporal(config.database);
        leave = () => leaveTemporal(temporal);
        await confirm(db, id, by);
        await say(db, await followBulkAction(db, temporal, id, interrupted.signal));
      } finally {
        await forgetDryRun(db, id);
      }
    });
  } finally {
    await leave();
    signals.release();
  }
}

/** Milliseconds between two reports of how far a dry run is. */
const showInterval = 1_000;

/** Works on a dry run, or on a small action, until it is complete. @throws {Error} where it was interrupted */
async function workHere(
  db: Database,
  { id, rows, interrupted }: { readonly id: string; readonly rows: number; readonly interrupted: AbortSignal },
): Promise<BulkAction> {
  const progress = openProgressLine(process.stderr);
  try {
    for (;;) {
      const end = performance.now() + showInterval;
      const isOver = (): boolean => performance.now() >= end || interrupted.aborted;
      const hasMore = await workOnBulkAction(db, bulkKinds, { id, rows, isOver });
      const action = await readBulkAction(db, id);
      if (interrupted.aborted) throw new Error(interruptedInWords(id, action));
      if (action === null) throw new Error(`the dry run ${id} was discarded meanwhile: nothing was changed`);
      if (!hasMore) return action;
      const { done, skipped, refused } = action.confirmedAt === null ? action.planned : action.outcome;
      progress.show(
        action.state === 'choosing'
          ? `${action.chosen} found so far`
          : `${done + skipped + refused} of ${action.chosen} ${action.confirmedAt === null ? 'checked' : 'done'}`,
      );
    }
  } finally {
    progress.end();
  }
}

function interruptedInWords(id: string, action: BulkAction | null): string {
  if (action?.confirmedAt == null) return 'interrupted: nothing was changed';
  return `interrupted: bulk action ${id} continues in the workers; \`artwork-reconciler bulk show ${id}\` says how far it is`;
}

async function confirm(db: Database, id: string, by: Operator): Promise<void> {
  const confirmed = await confirmBulkAction(db, { id, by });
  if (!confirmed?.started) throw new Error(`the dry run ${id} was discarded meanwhile: nothing was changed`);
}

/** Rows that are read at once. */
const pageSize = 1_000;

async function report(q: Queryable, action: BulkAction, rows: ManyRows, options: ReportOptions): Promise<void> {
  const of = action.confirmedAt === null ? 'planned' : 'outcome';
  const counts: Partial<Record<ShownOutcome['outcome'], number>> = {};
  const chosen = { bulkAction: action.id };
  for (let after: string | null = null; ;) {
    const page: ListPage<BulkRow> = await readList(q, bulkRowList, chosen, {
      limit: pageSize,
      look: pageSize + 1,
      after,
    });
    const shown = page.rows.flatMap((row) => shownOutcome(row, of, rows, options) ?? []);
    for (const { outcome } of shown) counts[outcome] = (counts[outcome] ?? 0) + 1;
    printOutcomes(rows.noun, shown, options);
    after = page.next;
    if (after === null) break;
  }
  summarizeOutcomes(counts, options);
  if (action.state === 'stopped') {
    throw new Error(`bulk action ${action.id} was stopped by ${action.stoppedBy}: the rest is left as it was`);
  }
}

/** Null of a row that an action did not come to. */
function shownOutcome(
  row: BulkRow,
  of: 'outcome' | 'planned',
  rows: ManyRows,
  { dryRun }: ReportOptions,
): ShownOutcome | null {
  const [became, reason] = of === 'planned' ? [row.planned, row.plannedReason] : [row.outcome, row.reason];
  const { target: id, along, name } = row;
  if (became === null) return null;
  if (became !== 'done') return { id, name, outcome: became, words: `${became}: ${reason}`, detail: { reason } };
  return {
    id,
    name,
    outcome: rows.outcome,
    words: `${dryRun ? 'would be ' : ''}${rows.words}${along ? ', along with what it depends on' : ''}`,
    ...(rows.outcome === 'requeued' && { detail: { along } }),
  };
}
