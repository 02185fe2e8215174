import type { Command } from 'commander';
import type { Queryable } from '../../database/connection.ts';
import type { EventFilter } from '../../database/event-queries/index.ts';
import type { EventState } from '../../domain/indexer-event.ts';
import { UsageError } from '../errors.ts';
import { addOperatorOptions, type OperatorOptions } from '../operator.ts';
import { eventIds } from '../option-values.ts';
import { addFilterOptions, checkFilter, isFiltered, readFilter, type FilterOptions } from './filter-options.ts';

/** What a command is given that changes many events. */
export interface SelectionOptions extends FilterOptions, OperatorOptions {
  readonly all?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** Adds what such a command is given: ids, or `--all` with what chooses them. */
export function addSelection(command: Command, states: readonly EventState[]): Command {
  command
    .argument('[id...]', 'the ids of events', eventIds)
    .option('--all', 'instead of ids: everything that the following options choose, of which there must be one');
  addFilterOptions(command, states);
  return addOperatorOptions(command)
    .option('--dry-run', 'say what would be done, and do nothing')
    .option('--json', 'print one JSON object a line');
}

/** So that nothing is done to every event by surprise. @throws {UsageError} */
export function checkSelection(ids: readonly number[], options: SelectionOptions): void {
  checkFilter(options);
  const filtered = isFiltered(options);
  if (ids.length > 0 && (options.all || filtered)) {
    throw new UsageError('give either the ids of events, or --all with what chooses them');
  }
  if (ids.length === 0 && !options.all) {
    throw new UsageError('which events? Give their ids, or --all with what chooses them, e.g. --all --reason timeout');
  }
  if (options.all && !filtered) {
    throw new UsageError('--all takes at least one option that chooses events; --state failed is all that have failed');
  }
}

export async function readSelection(
  q: Queryable,
  ids: readonly number[],
  options: SelectionOptions,
): Promise<EventFilter> {
  return options.all ? readFilter(q, options) : { ids };
}
