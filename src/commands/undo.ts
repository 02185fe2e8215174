import type { Command } from 'commander';
import { confirmBulkAction, forgetDryRun, readBulkAction } from '../database/bulk-actions/bulk-action.ts';
import { type BulkKindName, bulkKinds } from '../database/bulk-actions/kinds.ts';
import { type BulkRow, bulkRowList } from '../database/bulk-actions/list-bulk-rows.ts';
import { workOnBulkAction } from '../database/bulk-actions/step.ts';
import { NotUndoneError, planUndo } from '../database/bulk-actions/undo.ts';
import type { Database } from '../database/connection.ts';
import { readList } from '../database/lists/list.ts';
import type { ListPage } from '../database/lists/walk.ts';
import { printJson, printLines } from '../terminal/terminal.ts';
import { configOf, withDatabase } from './database.ts';
import { addOperatorOptions, operatorOf, type OperatorOptions, rowIds } from './option-values.ts';

interface Options extends OperatorOptions {
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export function addUndo(program: Command): void {
  const undo = program
    .command('undo')
    .description(
      'Undoes what one recorded action did to events, reviews or entities (requeue, dismiss, withdraw, resolve, won’t fix, ' +
        'hand over, take back, prioritise, recheck, exclude, include), or a change of pace, mode, a pause or a window, as far as nothing else has happened to each since; the others are named with what happened. ' +
        'It is recorded, and can be undone itself.',
    )
    .argument('<action>', 'the id of a record, as the page of the record and /api/record have it', rowIds)
    .option('--dry-run', 'say what would be done, and do nothing')
    .option('--json', 'print one JSON object a line');
  addOperatorOptions(undo).action(async ([action]: readonly number[], options: Options, command: Command) => {
    const { database, bulk } = configOf(command);
    await withDatabase(database, async (db) => {
      const by = operatorOf(options);
      const { id, kind } = await planUndo(db, action!, by.actor).catch((error: unknown) => {
        throw error instanceof NotUndoneError ? new Error(`${error.message}; nothing was changed`) : error;
      });
      try {
        // By this process: it takes no worker, and where it ends before, workers continue what is confirmed.
        const work = () => workOnBulkAction(db, bulkKinds, { id, rows: bulk.rows, isOver: () => false });
        await work();
        const planned = await readBulkAction(db, id);
        const isNothing = planned !== null && planned.planned.done + planned.planned.skipped === 0;
        if (options.dryRun !== true && !isNothing) {
          await confirmBulkAction(db, { id, by });
          await work();
        }
        await report(db, { id, noun: nounOf(kind) }, options);
      } finally {
        await forgetDryRun(db, id);
      }
    });
  });
}

/** What an undone row is; a change of a setting is called by its record. */
function nounOf(kind: BulkKindName): string {
  if (kind === 'undo_settings') return 'action';
  return kind.split('_').at(-1)!.replace(/ies$/, 'y').replace(/s$/, '');
}

/** Rows that are read at once. */
const pageSize = 1_000;

/** @throws {Error} where nothing was undone */
async function report(db: Database, { id, noun }: { id: string; noun: string }, options: Options): Promise<void> {
  const action = await readBulkAction(db, id);
  const isDone = action?.confirmedAt != null;
  let done = 0;
  let others = 0;
  for (let after: string | null = null; ;) {
    const rows: ListPage<BulkRow> = await readList(
      db,
      bulkRowList,
      { bulkAction: id },
      { limit: pageSize, look: pageSize + 1, after },
    );
    for (const { target, planned, plannedReason, outcome, reason } of rows.rows) {
      const [became, why] = isDone ? [outcome, reason] : [planned, plannedReason];
      if (became === 'done') done += 1;
      else others += 1;
      const words = became === 'done' ? `${isDone ? '' : 'would be '}undone` : `${became ?? 'left'}: ${why ?? ''}`;
      if (options.json) printJson([{ id: target, outcome: became, reason: why, ...(!isDone && { dry_run: true }) }]);
      else printLines([`${noun} ${target}: ${words}`]);
    }
    after = rows.next;
    if (after === null) break;
  }
  const summary = `${done} ${isDone ? '' : 'would be '}undone, ${others} left as they are`;
  printLines([`${summary}${isDone ? '' : '; nothing was changed'}`], process.stderr);
  if (done === 0) throw new Error('nothing is left to undo; the reasons stand above');
}
