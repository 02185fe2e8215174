import { type Command, Option } from 'commander';
import { handedOverTo, type HandOverOptions } from '../../database/entities/hand-over.ts';
import type { BulkKindName } from '../../database/bulk-actions/kinds.ts';
import { reviewList } from '../../database/reviews/list-reviews.ts';
import { addListInputOptions, carryOutList, isList, type ListOptions, listsLookLike } from '../bulk/by-list.ts';
import { carryOutInBulk } from '../bulk/carry-out.ts';
import { configOf } from '../database.ts';
import { UsageError } from '../errors.ts';
import { addFilterOptions, isFiltered, readFilter } from '../filter-options.ts';
import { addOperatorOptions, operatorOf, rowIdsOrList, someText } from '../option-values.ts';
import { checkSelection, type ShownOutcome } from '../row-outcomes.ts';

interface Options extends Readonly<Record<string, unknown>>, ListOptions {
  readonly all?: boolean;
  readonly to?: HandOverOptions['to'];
  readonly ticket?: string;
}

interface Action {
  readonly kind: BulkKindName;
  readonly outcome: ShownOutcome['outcome'];
  readonly words: string;
  readonly told: object;
}

function add(command: Command): Command {
  command
    .argument('[id...]', 'the ids of reviews; `-` reads a list of entities from standard input', rowIdsOrList)
    .option('--all', 'instead of ids: everything that the following options choose, of which there must be one');
  addFilterOptions(command, reviewList);
  return addOperatorOptions(addListInputOptions(command))
    .option('--dry-run', 'say what would be done, and do nothing')
    .option('--json', 'print one JSON object a line');
}

async function carryOut(
  command: Command,
  targets: readonly (number | '-')[],
  options: Options,
  action: Action,
): Promise<void> {
  const ids = targets.filter((each) => each !== '-');
  const filtered = isFiltered(reviewList, options);
  if (isList(targets, options)) {
    if (ids.length > 0 || options.all === true)
      throw new UsageError('give ids of reviews, or a list, or --all: one of them');
    return carryOutList(command, options.file === undefined ? ['-'] : [], options, action);
  }
  checkSelection(
    'review',
    { ids, all: options.all ?? false, filtered },
    { some: '--check meta.noindex', whole: '--status open is all that are' },
  );
  const filter = { ...(options.all ? readFilter(reviewList, options) : { ids }), ...action.told };
  const rows = { ...action, filter, by: operatorOf(options), noun: 'review', here: true } as const;
  await carryOutInBulk(configOf(command), rows, options);
}

export function addHandOver(reviews: Command): void {
  const command = reviews
    .command('hand-over')
    .summary('leave it to others who can act on it')
    .description(
      'Hands open reviews over to the archive’s staff or to MusicBrainz’ editors: they are out of the list of open ones ' +
        'until an audit finds them gone, which resolves them, or finds something else, or `[audit] handed_over_days` are ' +
        `over; then their entities are audited again. ${listsLookLike}`,
    );
  add(command)
    .addOption(new Option('--to <whom>', 'who can act on it').choices(handedOverTo).makeOptionMandatory())
    .option('--ticket <text>', 'where it was reported, e.g. the number of a ticket', someText)
    .action(async (targets: readonly (number | '-')[], options: Options, self: Command) => {
      const { to, ticket } = options;
      const days = configOf(self).audit.handedOverDays;
      const told = { handOver: { to: to!, days, ...(ticket !== undefined && { ticket }) } };
      const said = { kind: 'hand_over_reviews', outcome: 'handed_over', words: 'handed over', told } as const;
      await carryOut(self, targets, options, said);
    });
}

export function addTakeBack(reviews: Command): void {
  const command = reviews
    .command('take-back')
    .summary('take a hand-over back')
    .description(
      `Takes back what \`reviews hand-over\` did: the reviews are in the list of open ones again. ${listsLookLike}`,
    );
  add(command).action(async (targets: readonly (number | '-')[], options: Options, self: Command) => {
    const said = { kind: 'take_back_reviews', outcome: 'taken_back', words: 'in the list again', told: {} } as const;
    await carryOut(self, targets, options, said);
  });
}
