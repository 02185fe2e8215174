import type { Command } from 'commander';
import { entityList } from '../../database/entities/list-entities.ts';
import { addListOptions, carryOutList, type ListedAction, type ListOptions, listsLookLike } from '../bulk/by-list.ts';
import { carryOutInBulk } from '../bulk/carry-out.ts';
import { configOf } from '../database.ts';
import { UsageError } from '../errors.ts';
import { addFilterOptions, isFiltered, readFilter } from '../filter-options.ts';
import { addOperatorOptions, operatorOf, type OperatorOptions } from '../option-values.ts';

interface Lever extends ListedAction {
  readonly name: string;
  readonly summary: string;
  readonly description: string;
}

const entitiesArgument = 'MBIDs, item identifiers or addresses; `-` reads them from standard input, one a line';

function add(entities: Command, { name, summary, description, ...action }: Lever): void {
  const command = entities
    .command(name)
    .summary(summary)
    .description(`${description} ${listsLookLike}`)
    .argument('[mbid|url|-...]', entitiesArgument);
  addListOptions(command).action((texts: readonly string[], options: ListOptions, self: Command) =>
    carryOutList(self, texts, options, action),
  );
}

export function addPrioritise(entities: Command): void {
  add(entities, {
    name: 'prioritise',
    summary: 'audit these before others',
    description:
      'Has entities audited before all others but those whose repairs are to be verified. What is clean, or waits for a ' +
      'person, is due now; a review stays open until the audit has decided. One that is not known yet is added. One ' +
      'that waits for its item to settle, or for a pause to end, waits on, and is first then.',
    kind: 'prioritise_entities',
    outcome: 'prioritised',
    words: 'prioritised',
  });
}

export function addExclude(entities: Command): void {
  add(entities, {
    name: 'exclude',
    summary: 'leave these alone for ever',
    description:
      'Leaves entities alone until `entities include`: neither the pacer nor a recheck, a list or an audit by hand audits ' +
      'them. Their open reviews are closed, and an audit in progress decides nothing any more. Events of MusicBrainz are ' +
      'carried out as ever, and so are repairs that are queued already. Needs a note. `entities list --cause excluded` ' +
      'lists them.',
    kind: 'exclude_entities',
    outcome: 'excluded',
    words: 'excluded',
    needsNote: true,
  });
}

export function addInclude(entities: Command): void {
  add(entities, {
    name: 'include',
    summary: 'take an exclusion back',
    description: 'Takes back what `entities exclude` did: the entities are due now.',
    kind: 'include_entities',
    outcome: 'included',
    words: 'included again',
  });
}

interface RecheckOptions extends Readonly<Record<string, unknown>>, OperatorOptions {
  readonly all?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** Of itself it chooses nothing. */
const chosen = { ...entityList, standard: {} };

export function addRecheck(entities: Command): void {
  const command = entities
    .command('recheck')
    .summary('audit those of a kind again')
    .description(
      'Has entities audited again, each when its turn comes: all that the options choose, of which there must be one. ' +
        'What is clean, or waits for a person, is due now; a review stays open until the audit has decided. What is ' +
        'due, in progress or in repair is skipped, what is excluded is refused. `entities prioritise` takes a list.',
    );
  addFilterOptions(command, chosen);
  addOperatorOptions(command)
    .option('--dry-run', 'say what would be done, and do nothing')
    .option('--json', 'print one JSON object a line')
    .action(async (options: RecheckOptions, self: Command) => {
      if (!isFiltered(chosen, options)) {
        throw new UsageError('which entities? Give at least one option that chooses, e.g. --check item.dark');
      }
      const filter = readFilter(chosen, options);
      const said = { noun: 'entity', outcome: 'rechecked', words: 'due again', here: true } as const;
      const rows = { kind: 'recheck_entities', filter, by: operatorOf(options), ...said } as const;
      await carryOutInBulk(configOf(self), rows, { ...options, all: true });
    });
}
