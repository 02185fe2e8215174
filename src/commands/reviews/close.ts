import type { Command } from 'commander';
import { listReviews, type ReviewStatus } from '../../database/audit-queries/index.ts';
import type { Database } from '../../database/connection.ts';
import {
  reopenReview,
  resolveReview,
  type ReviewAnswer,
  type ReviewOptions,
  type ReviewWord,
  wontFixReview,
} from '../../database/entity-states/index.ts';
import { configOf } from '../configuration.ts';
import { withDatabase } from '../database.ts';
import { UsageError } from '../errors.ts';
import { type Fate, printFates, summarizeFates } from '../fates.ts';
import { addOperatorOptions, operatorOf, type OperatorOptions } from '../operator.ts';
import { rowIds } from '../option-values.ts';
import { checkSelection } from '../selection.ts';
import { addFilterOptions, checkFilter, type FilterOptions, isFiltered, readFilter } from './filter-options.ts';

interface Options extends FilterOptions, OperatorOptions {
  readonly all?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** What a command does to each review. */
interface Action {
  readonly name: string;
  readonly summary: string;
  readonly description: string;
  /** Those of which something can be done; `--all` takes the first where none is named. */
  readonly statuses: readonly [ReviewStatus, ...ReviewStatus[]];
  readonly needsNote: boolean;
  readonly outcome: Fate['outcome'];
  /** What was done; "would be" goes before it in a dry run. */
  readonly words: string;
  readonly act: (db: Database, word: ReviewWord, options: ReviewOptions) => Promise<ReviewAnswer>;
}

export function addResolve(reviews: Command): void {
  add(reviews, {
    name: 'resolve',
    summary: 'say that it was seen to',
    description:
      'Says that it was seen to: the entity is audited again, and the same finding again opens a review that is marked ' +
      'regressed. Needs a note.',
    statuses: ['open'],
    needsNote: true,
    outcome: 'resolved',
    words: 'resolved; its entity is due',
    act: resolveReview,
  });
}

export function addWontFix(reviews: Command): void {
  add(reviews, {
    name: 'wont-fix',
    summary: 'say that it shall stay as it is',
    description:
      'Says that it shall stay as it is: while the evidence stays the same, the finding decides nothing any more. Needs ' +
      'a note.',
    statuses: ['open'],
    needsNote: true,
    outcome: 'wont_fix',
    words: 'closed as won’t fix; its entity is due',
    act: wontFixReview,
  });
}

export function addReopen(reviews: Command): void {
  add(reviews, {
    name: 'reopen',
    summary: 'take a closing back',
    description:
      'Takes a closing back: the entity waits for a person again, and what the review let stand counts again. Refused ' +
      'where another review of the entity is open.',
    statuses: ['resolved', 'wont_fix'],
    needsNote: false,
    outcome: 'reopened',
    words: 'reopened',
    act: reopenReview,
  });
}

function add(reviews: Command, action: Action): void {
  const command = reviews
    .command(action.name)
    .summary(action.summary)
    .description(action.description)
    .argument('[id...]', 'the ids of reviews', rowIds)
    .option('--all', 'instead of ids: everything that the following options choose, of which there must be one');
  addFilterOptions(command, action.statuses);
  addOperatorOptions(command)
    .option('--dry-run', 'say what would be done, and do nothing')
    .option('--json', 'print one JSON object a line')
    .action(async (ids: readonly number[], options: Options, self: Command) => {
      checkFilter(options);
      const given = { ids, all: options.all ?? false, filtered: isFiltered(options) };
      const whole = `--status ${action.statuses[0]} is all that are`;
      checkSelection('review', given, { some: '--check item.dark', whole });
      if (action.needsNote && options.note === undefined) throw new UsageError('say why, with --note: it is recorded');
      await withDatabase(configOf(self).database, (db) => actOn(db, action, ids, options));
    });
}

/** Each review is a transaction of its own: thousands in one would hold their entities' audits up. */
async function actOn(db: Database, action: Action, ids: readonly number[], options: Options): Promise<void> {
  const { dryRun = false } = options;
  const { actor, note } = operatorOf(options);
  const counts: Partial<Record<Fate['outcome'], number>> = {};
  for await (const reviewId of options.all ? chosen(db, action, options) : ids) {
    const answer = await action.act(db, { reviewId, actor, note: note ?? '' }, { dryRun });
    const fate = fateOf(answer, reviewId, action, dryRun);
    counts[fate.outcome] = (counts[fate.outcome] ?? 0) + 1;
    printFates('review', [fate], options);
  }
  summarizeFates(counts, options);
}

function fateOf(answer: ReviewAnswer, id: number, { outcome, words }: Action, dryRun: boolean): Fate {
  if (answer.kind === 'done') return { id, outcome, words: `${dryRun ? 'would be ' : ''}${words}` };
  const { reason } = answer;
  return { id, outcome: 'refused', words: `refused: ${reason}`, detail: { reason } };
}

const pageSize = 500;

/** The ids of all reviews that the options choose; those that are closed meanwhile are behind the page's place. */
async function* chosen(db: Database, { statuses }: Action, options: Options): AsyncGenerator<number> {
  const filter = { status: statuses[0], ...(await readFilter(db, options)) };
  for (let afterId: number | undefined; ;) {
    const page = await listReviews(db, { ...filter, limit: pageSize, ...(afterId !== undefined && { afterId }) });
    for (const { id } of page) yield id;
    afterId = page.at(-1)?.id;
    if (page.length < pageSize || afterId === undefined) return;
  }
}
