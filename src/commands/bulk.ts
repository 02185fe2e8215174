import { type Command, InvalidArgumentError } from 'commander';
import {
  type BulkAction,
  listBulkActions,
  readBulkAction,
  stopBulkAction,
} from '../database/bulk-actions/bulk-action.ts';
import { printJson, printLines } from '../terminal/terminal.ts';
import { bulkStateInWords } from '../wording/lists.ts';
import { agoInWords, momentInWords } from '../wording/time.ts';
import { configOf, withDatabase } from './database.ts';
import { operatorOf, type OperatorOptions, someText, wholeNumber } from './option-values.ts';
import { catchSignals } from './signals.ts';

export function addBulk(program: Command): void {
  const bulk = program
    .command('bulk')
    .summary('list, show, follow and stop what is done to many rows at once')
    .description(
      'Lists, shows, follows and stops bulk actions: what the dashboard, or `events` and `reviews` with --all, do to many ' +
        'rows at once. Workers carry them out.',
    );
  addList(bulk);
  addShow(bulk);
  addFollow(bulk);
  addStop(bulk);
}

/** Reads the id of a bulk action. */
function actionId(text: string): string {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)) return text;
  throw new InvalidArgumentError('It takes the id of a bulk action, as `bulk list` shows it.');
}

function addList(bulk: Command): void {
  bulk
    .command('list')
    .summary('list bulk actions, the newest first')
    .description('Lists bulk actions, the newest first; dry runs that nobody has confirmed yet among them.')
    .option('--limit <number>', 'the maximum number of rows', wholeNumber(1, 10_000), 50)
    .option('--json', 'print one JSON object a line')
    .action(async ({ limit, json }: { limit: number; json?: boolean }, command: Command) => {
      const actions = await withDatabase(configOf(command).database, (db) => listBulkActions(db, limit));
      if (json) return printJson(actions.map(inJson));
      if (actions.length === 0) printLines(['There are none'], process.stderr);
      printLines(
        actions.map(
          (action) => `${action.id}  ${agoInWords(action.createdAt)}  ${nameOf(action)}: ${farInWords(action)}`,
        ),
      );
    });
}

function addShow(bulk: Command): void {
  bulk
    .command('show')
    .summary('show how far one is')
    .description('Shows a bulk action: who wanted it, how far it is, and what became of its rows.')
    .argument('<id>', 'the id of a bulk action', actionId)
    .option('--json', 'print one JSON object')
    .action(async (id: string, { json }: { json?: boolean }, command: Command) => {
      const action = await withDatabase(configOf(command).database, (db) => readBulkAction(db, id));
      if (action === null) throw unknown(id);
      if (json) printJson([inJson(action)]);
      else printLines(inLines(action));
    });
}

function addFollow(bulk: Command): void {
  bulk
    .command('follow')
    .summary('watch one until it has ended')
    .description(
      'Watches a confirmed bulk action until it has ended, and shows what became of its rows. Stopping this command stops ' +
        'watching it, and no more. Exit code 1 where no worker carries it out.',
    )
    .argument('<id>', 'the id of a bulk action', actionId)
    .action(async (id: string, _options: object, command: Command) => {
      const { followBulkAction, leaveTemporal, reachTemporal } = await import('./bulk/follow.ts');
      const { database } = configOf(command);
      const signals = catchSignals();
      const interrupted = new AbortController();
      signals.obey(() => interrupted.abort());
      const temporal = await reachTemporal(database);
      try {
        const action = await withDatabase(database, (db) => followBulkAction(db, temporal, id, interrupted.signal));
        printLines(inLines(action));
      } finally {
        await leaveTemporal(temporal);
        signals.release();
      }
    });
}

function addStop(bulk: Command): void {
  bulk
    .command('stop')
    .summary('stop one')
    .description('Stops a bulk action after its batch in progress, or discards a dry run. What is done stays done.')
    .argument('<id>', 'the id of a bulk action', actionId)
    .option('--actor <name>', 'who does this, for the record; your login name otherwise', someText)
    .action(async (id: string, options: Pick<OperatorOptions, 'actor'>, command: Command) => {
      const action = await withDatabase(configOf(command).database, async (db) => {
        await stopBulkAction(db, { id, by: operatorOf(options) });
        return readBulkAction(db, id);
      });
      if (action === null) throw unknown(id);
      if (action.state !== 'stopped') throw new Error(`bulk action ${id} was done already: there is nothing to stop`);
      printLines([`bulk action ${id}: ${farInWords(action)}`]);
    });
}

function unknown(id: string): Error {
  return new Error(`there is no bulk action ${id}: a dry run that nobody confirms is forgotten after a while`);
}

/** `requeue events`, as records name it. */
function nameOf({ kind }: BulkAction): string {
  return kind.replaceAll('_', ' ');
}

/** Its state, and of how many rows what is so far. */
function farInWords(action: BulkAction): string {
  const { done, skipped, refused } = action.confirmedAt === null ? action.planned : action.outcome;
  const would = action.confirmedAt === null ? 'would be ' : '';
  return `${bulkStateInWords(action)}, of ${action.chosen} rows ${done} ${would}done, ${skipped} skipped, ${refused} refused`;
}

function inLines(action: BulkAction): readonly string[] {
  const { actor, confirmedAt, endedAt, fault, note, plannedBy, stoppedBy } = action;
  return [
    `bulk action ${action.id}: ${nameOf(action)}`,
    `  ${farInWords(action)}`,
    `  dry run    by ${plannedBy}, ${momentInWords(action.createdAt)}`,
    ...(confirmedAt === null
      ? []
      : [`  confirmed  by ${actor}, ${momentInWords(confirmedAt)}${note === null ? '' : `: ${note}`}`]),
    ...(endedAt === null
      ? []
      : [`  ended      ${stoppedBy === null ? '' : `by ${stoppedBy}, `}${momentInWords(endedAt)}`]),
    ...(fault === null ? [] : [`  the last batch failed and is tried again: ${fault}`]),
  ];
}

function inJson(action: BulkAction): Record<string, unknown> {
  return {
    id: action.id,
    kind: action.kind,
    state: action.state,
    rows: action.chosen,
    along: action.along,
    planned: action.planned,
    outcome: action.outcome,
    planned_by: action.plannedBy,
    created_at: action.createdAt,
    actor: action.actor,
    note: action.note,
    confirmed_at: action.confirmedAt,
    ended_at: action.endedAt,
    stopped_by: action.stoppedBy,
    last_failure: action.fault,
  };
}
