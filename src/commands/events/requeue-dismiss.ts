import type { Command } from 'commander';
import type { Operator } from '../../database/operators/recorded.ts';
import { readTargetNames } from '../../database/bulk-actions/list-bulk-rows.ts';
import type { Database } from '../../database/connection.ts';
import { dismissEvents, type DismissResult } from '../../database/queue/dismiss-events.ts';
import type { EventFilter } from '../../database/queue/event-fields.ts';
import { eventList } from '../../database/queue/list-events.ts';
import { requeueEvents, type RequeueResult } from '../../database/queue/requeue-events.ts';
import { withdrawEvents, type WithdrawResult } from '../../database/attempts/withdraw-events.ts';
import type { EventState } from '../../domain/queue/indexer-event.ts';
import { carryOutInBulk } from '../bulk/carry-out.ts';
import { configOf, withDatabase } from '../database.ts';
import { addFilterOptions, isFiltered, readFilter } from '../filter-options.ts';
import { addOperatorOptions, operatorOf, type OperatorOptions, rowIds } from '../option-values.ts';
import { checkSelection, type ShownOutcome, isForWorkers, reportOutcomes } from '../row-outcomes.ts';

export function addDismiss(events: Command): void {
  const dismiss = events
    .command('dismiss')
    .summary('hide failed events from lists and alerts')
    .description(
      'Hides failed events from lists, counts and alerts. They stay failed; requeueing one undoes it, and so does ' +
        'whatever else changes it.',
    );
  doToMany(dismiss, ['failed'], {
    kind: 'dismiss_events',
    outcome: 'dismissed',
    words: 'dismissed',
    act: dismissEvents,
    outcomesOf: dismissedOutcomes,
  });
}

function dismissedOutcomes({ dismissed, refused }: DismissResult, dryRun: boolean): ShownOutcome[] {
  return [
    ...dismissed.map((id) => ({
      id,
      outcome: 'dismissed' as const,
      words: dryRun ? 'would be dismissed' : 'dismissed',
    })),
    ...refusedOutcomes(refused),
  ];
}

/** Of itself a command chooses nothing: each says which events it is about. */
const chosen = { ...eventList, standard: {} };

/** What a command is given that changes many events. */
interface SelectionOptions extends Readonly<Record<string, unknown>>, OperatorOptions {
  readonly all?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** Adds what such a command is given: ids, or `--all` with what chooses them. */
function addSelection(command: Command, states: readonly EventState[]): Command {
  command
    .argument('[id...]', 'the ids of events', rowIds)
    .option('--all', 'instead of ids: everything that the following options choose, of which there must be one');
  addFilterOptions(command, chosen, { state: states });
  return addOperatorOptions(command)
    .option('--dry-run', 'say what would be done, and do nothing')
    .option('--json', 'print one JSON object a line');
}

/** What a command does to the events that it is given. */
interface EventsAction<Result> {
  readonly kind: 'dismiss_events' | 'requeue_events' | 'withdraw_events';
  readonly outcome: 'dismissed' | 'requeued' | 'withdrawn';
  readonly words: string;
  /** Does it here, to a few that are given by their ids. */
  readonly act: (
    db: Database,
    ids: readonly number[],
    by: Operator,
    options: { readonly dryRun: boolean },
  ) => Promise<Result>;
  readonly outcomesOf: (result: Result, dryRun: boolean) => readonly ShownOutcome[];
}

/** Has a command do something to events: here to a few, by workers to many. */
function doToMany<Result>(
  command: Command,
  states: readonly EventState[],
  { kind, outcome, words, act, outcomesOf }: EventsAction<Result>,
): void {
  addSelection(command, states).action(async (ids: readonly number[], options: SelectionOptions, self: Command) => {
    const filter = readSelection(ids, options);
    const { dryRun = false } = options;
    const config = configOf(self);
    const by = operatorOf(options);
    if (isForWorkers(ids, options, config)) {
      return carryOutInBulk(config, { kind, filter, by, noun: 'event', outcome, words }, options);
    }
    const shown = await withDatabase(config.database, async (db) => {
      const done = outcomesOf(await act(db, ids, by, { dryRun }), dryRun);
      const names = await readTargetNames(
        db,
        'events',
        done.map(({ id }) => id),
      );
      return done.map((each) => ({ ...each, name: names.get(each.id) ?? null }));
    });
    reportOutcomes('event', shown, options);
  });
}

/** The events that the command is about: so that nothing is done to every one by surprise. @throws {UsageError} */
function readSelection(ids: readonly number[], options: SelectionOptions): EventFilter {
  const filter = readFilter(chosen, options);
  const given = { ids, all: options.all ?? false, filtered: isFiltered(chosen, options) };
  const whole = '--state failed is all that have failed';
  checkSelection('event', given, { some: '--reason timeout', whole });
  return options.all ? filter : { ids };
}

export function addRequeue(events: Command): void {
  const requeue = events
    .command('requeue')
    .summary('queue failed events again')
    .description(
      'Queues failed events again, and gives them all their attempts again. What failed because of one of them goes ' +
        'along. One that is queued already in another row is skipped; one that depends on an event that stays failed is ' +
        'refused.',
    );
  doToMany(requeue, ['failed', 'queued'], {
    kind: 'requeue_events',
    outcome: 'requeued',
    words: 'queued again',
    act: requeueEvents,
    outcomesOf: requeuedOutcomes,
  });
}

export function addWithdraw(events: Command): void {
  const withdraw = events
    .command('withdraw')
    .summary('take queued repairs out of the queue')
    .description(
      'Takes events that audits ordered out of the queue, with all that belongs to the same repairs. What is being carried ' +
        'out is left to end, and named. They are failed and dismissed then, and their entities are due; `events requeue` ' +
        'has them again.',
    );
  doToMany(withdraw, ['queued'], {
    kind: 'withdraw_events',
    outcome: 'withdrawn',
    words: 'withdrawn',
    act: withdrawEvents,
    outcomesOf: withdrawnOutcomes,
  });
}

function withdrawnOutcomes({ withdrawn, along, refused }: WithdrawResult, dryRun: boolean): ShownOutcome[] {
  const alongToo = new Set(along);
  return [
    ...withdrawn.map((id) => ({
      id,
      outcome: 'withdrawn' as const,
      words: `${dryRun ? 'would be ' : ''}withdrawn${alongToo.has(id) ? ', as it belongs to the same repairs' : ''}`,
      detail: { along: alongToo.has(id) },
    })),
    ...refusedOutcomes(refused),
  ];
}

function requeuedOutcomes({ requeued, along, skipped, refused }: RequeueResult, dryRun: boolean): ShownOutcome[] {
  const alongToo = new Set(along);
  return [
    ...requeued.map((id) => ({
      id,
      outcome: 'requeued' as const,
      words: `${dryRun ? 'would be queued again' : 'queued again'}${alongToo.has(id) ? ', along with what it depends on' : ''}`,
      detail: { along: alongToo.has(id) },
    })),
    ...skipped.map(({ id, twin }) => ({
      id,
      outcome: 'skipped' as const,
      words: `skipped: event ${twin} is the same${dryRun ? '' : ', and queued'}`,
      detail: { twin },
    })),
    ...refusedOutcomes(refused),
  ];
}

function refusedOutcomes(refused: DismissResult['refused']): ShownOutcome[] {
  return refused.map(({ id, reason }) => ({
    id,
    outcome: 'refused' as const,
    words: `refused: ${reason}`,
    detail: { reason },
  }));
}
