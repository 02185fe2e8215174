import type { Command } from 'commander';
import type { Queryable } from '../../database/connection.ts';
import type { EventFilter } from '../../database/event-queries/index.ts';
import type { EventState } from '../../domain/queue/indexer-event.ts';
import { addOperatorOptions, type OperatorOptions } from '../operator.ts';
import { rowIds } from '../option-values.ts';
import { checkSelection as checkSelected } from '../selection.ts';
import { addFilterOptions, checkFilter, type FilterOptions, isFiltered, readFilter } from './filter-options.ts';

/** What a command is given that changes many events. */
export interface SelectionOptions extends FilterOptions, OperatorOptions {
  readonly all?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** Adds what such a command is given: ids, or `--all` with what chooses them. */
export function addSelection(command: Command, states: readonly EventState[]): Command {
  command
    .argument('[id...]', 'the ids of events', rowIds)
    .option('--all', 'instead of ids: everything that the following options choose, of which there must be one');
  addFilterOptions(command, states);
  return addOperatorOptions(command)
    .option('--dry-run', 'say what would be done, and do nothing')
    .option('--json', 'print one JSON object a line');
}

/** So that nothing is done to every event by surprise. @throws {UsageError} */
export function checkSelection(ids: readonly number[], options: SelectionOptions): void {
  checkFilter(options);
  const given = { ids, all: options.all ?? false, filtered: isFiltered(options) };
  const whole = '--state failed is all that have failed';
  checkSelected('event', given, { some: '--reason timeout', whole });
}

export async function readSelection(
  q: Queryable,
  ids: readonly number[],
  options: SelectionOptions,
): Promise<EventFilter> {
  return options.all ? readFilter(q, options) : { ids };
}
