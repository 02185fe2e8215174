import type { Command } from 'commander';
import type { BulkKindName } from '../../database/bulk-actions/kinds.ts';
import type { Database } from '../../database/connection.ts';
import { readTargetNames } from '../../database/bulk-actions/list-bulk-rows.ts';
import {
  reopenReview,
  resolveReview,
  type ReviewAnswer,
  type ReviewOptions,
  type ReviewWord,
  wontFixReview,
} from '../../database/entities/close-review.ts';
import { reviewList } from '../../database/reviews/list-reviews.ts';
import type { ReviewStatus } from '../../database/reviews/reviews.ts';
import { addListInputOptions, carryOutList, isList, type ListOptions, listsLookLike } from '../bulk/by-list.ts';
import { carryOutInBulk } from '../bulk/carry-out.ts';
import { configOf, withDatabase } from '../database.ts';
import { UsageError } from '../errors.ts';
import { addFilterOptions, isFiltered, readFilter } from '../filter-options.ts';
import { addOperatorOptions, operatorOf, rowIds, rowIdsOrList } from '../option-values.ts';
import { checkSelection, type ShownOutcome, isForWorkers, printOutcomes, summarizeOutcomes } from '../row-outcomes.ts';

interface Options extends Readonly<Record<string, unknown>>, ListOptions {
  readonly all?: boolean;
  readonly onlyIfGone?: boolean;
}

/** What a command does to each review. */
interface Action {
  readonly name: string;
  readonly summary: string;
  readonly description: string;
  /** Those of which something can be done; `--all` takes the first where none is named. */
  readonly statuses: readonly [ReviewStatus, ...ReviewStatus[]];
  readonly needsNote: boolean;
  readonly outcome: ShownOutcome['outcome'];
  /** What was done; "would be" goes before it in a dry run. */
  readonly words: string;
  readonly kind: BulkKindName;
  /** Whether it takes a list of entities, whose open reviews are meant. */
  readonly takesList: boolean;
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
    kind: 'resolve_reviews',
    takesList: true,
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
    kind: 'wont_fix_reviews',
    takesList: true,
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
    kind: 'reopen_reviews',
    takesList: false,
    act: reopenReview,
  });
}

function add(reviews: Command, action: Action): void {
  const command = reviews
    .command(action.name)
    .summary(action.summary)
    .description(action.takesList ? `${action.description} ${listsLookLike}` : action.description)
    .argument(
      '[id...]',
      action.takesList ? 'the ids of reviews; `-` reads a list of entities from standard input' : 'the ids of reviews',
      action.takesList ? rowIdsOrList : rowIds,
    )
    .option('--all', 'instead of ids: everything that the following options choose, of which there must be one');
  addFilterOptions(command, listOf(action), { status: action.statuses });
  if (action.takesList) addListInputOptions(command);
  if (action.name === 'resolve') {
    command.option(
      '--only-if-gone',
      'of a list: audit each again, and resolve those of which nothing is found any more',
    );
  }
  addOperatorOptions(command)
    .option('--dry-run', 'say what would be done, and do nothing')
    .option('--json', 'print one JSON object a line')
    .action(async (targets: readonly (number | '-')[], options: Options, self: Command) => {
      const ids = targets.filter((each) => each !== '-');
      if (options.onlyIfGone) {
        if (isList(targets, options)) refuseBesideList(action, { ...options, ids });
        const { resolveGone } = await import('./resolve-gone.ts');
        return resolveGone(self, targets, options);
      }
      if (isList(targets, options)) return actOnList(self, action, { ...options, ids });
      const filter = readFilter(listOf(action), options);
      const given = { ids, all: options.all ?? false, filtered: isFiltered(listOf(action), options) };
      const whole = `--status ${action.statuses[0]} is all that are`;
      checkSelection('review', given, { some: '--check item.dark', whole });
      if (action.needsNote && options.note === undefined) throw new UsageError('say why, with --note: it is recorded');
      const config = configOf(self);
      if (!isForWorkers(ids, options, config)) {
        return withDatabase(config.database, (db) => actOn(db, action, ids, options));
      }
      const { kind, outcome, words } = action;
      const rows = { kind, filter: options.all ? filter : { ids }, by: operatorOf(options) };
      await carryOutInBulk(config, { ...rows, noun: 'review', outcome, words }, options);
    });
}

/** @throws {UsageError} where ids, or what chooses, stand beside a list */
function refuseBesideList(action: Action, { ids, ...options }: Options & { readonly ids: readonly number[] }): void {
  if (ids.length > 0 || options.all === true || isFiltered({ ...listOf(action), fields: fieldsBesideList }, options)) {
    throw new UsageError('give ids of reviews, or a list of entities, or --all with what chooses them: one of them');
  }
}

/** Does it to the open reviews of a list's entities. @throws {UsageError} where ids, or what chooses, stand beside it */
async function actOnList(
  command: Command,
  action: Action,
  { ids, ...options }: Options & { readonly ids: readonly number[] },
): Promise<void> {
  refuseBesideList(action, { ...options, ids });
  const { kind, outcome, words, needsNote } = action;
  const texts = options.file === undefined ? ['-'] : [];
  await carryOutList(command, texts, options, { kind, outcome, words, needsNote });
}

/** A list says which entities are meant, so that only their type may be asked for besides. */
const { entityType: _ofLists, ...fieldsBesideList } = reviewList.fields;

/** Each review is a transaction of its own: many in one would hold their entities' audits up. */
async function actOn(db: Database, action: Action, ids: readonly number[], options: Options): Promise<void> {
  const { dryRun = false } = options;
  const { actor, note } = operatorOf(options);
  const counts: Partial<Record<ShownOutcome['outcome'], number>> = {};
  for (const reviewId of ids) {
    const answer = await action.act(db, { reviewId, actor, note: note ?? '' }, { dryRun });
    const name = (await readTargetNames(db, 'reviews', [reviewId])).get(reviewId) ?? null;
    const shown = { ...shownOutcome(answer, reviewId, action, dryRun), name };
    counts[shown.outcome] = (counts[shown.outcome] ?? 0) + 1;
    printOutcomes('review', [shown], options);
  }
  summarizeOutcomes(counts, options);
}

function shownOutcome(answer: ReviewAnswer, id: number, { outcome, words }: Action, dryRun: boolean): ShownOutcome {
  if (answer.kind === 'done') return { id, outcome, words: `${dryRun ? 'would be ' : ''}${words}` };
  const { reason } = answer;
  return { id, outcome: 'refused', words: `refused: ${reason}`, detail: { reason } };
}

/** The list of reviews from which it takes all, those of the first status where none is named. */
function listOf({ statuses }: Action) {
  return { ...reviewList, standard: { status: statuses[0] } };
}
