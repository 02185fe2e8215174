import type { Command } from 'commander';
import { listEvents } from '../../database/event-queries/index.ts';
import { configOf } from '../configuration.ts';
import { withDatabase } from '../database.ts';
import { wholeNumber } from '../option-values.ts';
import { addFilterOptions, checkFilter, type FilterOptions, readFilter } from './filter-options.ts';
import { eventInJson } from '../../wording/event-json.ts';
import { listedInWords } from './output.ts';
import { printJson, printLines } from '../../terminal/terminal.ts';

interface Options extends FilterOptions {
  readonly limit: number;
  readonly after?: number;
  readonly json?: boolean;
}

export function addList(events: Command): void {
  const list = events
    .command('list')
    .summary('list events, the newest first')
    .description('Lists events, the newest first: all of them, or those that the options choose.');
  addFilterOptions(list, ['queued', 'running', 'failed', 'completed'])
    .option('--limit <number>', 'at most so many', wholeNumber(1, 10_000), 50)
    .option('--after <id>', 'those that come after this event in the list', wholeNumber(1, Number.MAX_SAFE_INTEGER))
    .option('--json', 'print one JSON object a line')
    .action(async (options: Options, command: Command) => {
      checkFilter(options);
      const page = { limit: options.limit, before: options.after ?? null };
      const { events, next } = await withDatabase(configOf(command).database, async (db) =>
        listEvents(db, await readFilter(db, options), page),
      );
      const width = (process.stdout.isTTY && process.stdout.columns) || null;
      if (options.json) printJson(events.map(eventInJson));
      else printLines(listedInWords(events, width));
      // Beside the list, so that a program reads events only; the next page begins after the last id it got.
      if (next !== null) printLines([`There are more: --after ${next}`], process.stderr);
      else if (events.length === 0) printLines(['There are none'], process.stderr);
    });
}
