import type { Command } from 'commander';
import type { FieldTable, FilterOf } from '../database/lists/fields.ts';
import { type List, readWholePage } from '../database/lists/list.ts';
import { InvalidPlaceError } from '../database/lists/walk.ts';
import { rowInJson } from '../export/csv.ts';
import { printJson, printLines } from '../terminal/terminal.ts';
import { choiceInWords } from '../wording/lists.ts';
import { configOf, withDatabase } from './database.ts';
import { UsageError } from './errors.ts';
import { addFilterOptions, readFilter } from './filter-options.ts';
import { rowId, wholeNumber } from './option-values.ts';

interface Options extends Readonly<Record<string, unknown>> {
  readonly limit: number;
  readonly after?: number;
  readonly json?: boolean;
}

/** Rows that a statement may read. */
const looked = 10_000;

/**
 * Adds `list` to a command: the rows of a list that the options choose, page after page.
 *
 * @param inWords the rows as a person reads them, one a line; each has the id by which the next page is asked for
 * @param standard what is listed where nothing is said of it, where that isn't what the page shows
 */
export function addListCommand<Row extends { readonly id: number }, Fields extends FieldTable>(
  command: Command,
  list: List<Row, Fields>,
  inWords: (rows: readonly Row[]) => readonly string[],
  standard: FilterOf<Fields> = list.standard,
): void {
  const { one, many, order } = list;
  const usual = Object.values(standard)
    .flat()
    .map((value) => choiceInWords({}, String(value)));
  const listCommand = command
    .command('list')
    .summary(`list ${many}, ${order}`)
    .description(
      `Lists ${many}, ${order}: ${usual.length === 0 ? 'all of them' : `those that are ${usual.join(', ')}`}, or those that the options choose.`,
    );
  addFilterOptions(listCommand, list)
    .option('--limit <number>', 'list up to this number', wholeNumber(1, 10_000), 50)
    .option('--after <id>', `those that come after this ${one} in the list`, rowId)
    .option('--json', 'print one JSON object a line')
    .action(async (options: Options, self: Command) => {
      const filter = readFilter({ ...list, standard }, options);
      const { limit, after, json } = options;
      const { rows, next } = await withDatabase(configOf(self).database, (db) =>
        readWholePage(db, list, filter, { limit, look: looked, after: after === undefined ? null : String(after) }),
      ).catch((error: unknown) => {
        if (error instanceof InvalidPlaceError) throw new UsageError(`--after: ${error.message}`);
        throw error;
      });
      const width = (process.stdout.isTTY && process.stdout.columns) || null;
      if (json) printJson(rows.map((row) => rowInJson(list.columns, row)));
      else printLines(inWords(rows).map((line) => (width === null ? line : [...line].slice(0, width).join(''))));
      // Beside the list, so that a program reads rows only; the next page begins after the last id it got.
      if (next !== null) printLines([`There are more: --after ${rows.at(-1)?.id}`], process.stderr);
      else if (rows.length === 0) printLines(['There are none'], process.stderr);
    });
}
