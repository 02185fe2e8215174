import type { Command } from 'commander';
import { listReviews, reviewStatuses } from '../../database/audit-queries/index.ts';
import { configOf } from '../configuration.ts';
import { withDatabase } from '../database.ts';
import { wholeNumber } from '../option-values.ts';
import { addFilterOptions, checkFilter, type FilterOptions, readFilter } from './filter-options.ts';
import { listedInWords, reviewInJson } from './output.ts';
import { printJson, printLines } from '../../terminal/terminal.ts';

interface Options extends FilterOptions {
  readonly limit: number;
  readonly after?: number;
  readonly json?: boolean;
}

export function addList(reviews: Command): void {
  const list = reviews
    .command('list')
    .summary('list reviews, the oldest first')
    .description('Lists reviews, the oldest first: those that are open, or those that the options choose.');
  addFilterOptions(list, reviewStatuses)
    .option('--limit <number>', 'at most so many', wholeNumber(1, 10_000), 50)
    .option('--after <id>', 'those that come after this review in the list', wholeNumber(1, Number.MAX_SAFE_INTEGER))
    .option('--json', 'print one JSON object a line')
    .action(async ({ limit, after, json, ...chosen }: Options, command: Command) => {
      checkFilter(chosen);
      const found = await withDatabase(configOf(command).database, async (db) =>
        listReviews(db, {
          status: 'open',
          ...(await readFilter(db, chosen)),
          limit: limit + 1,
          ...(after !== undefined && { afterId: after }),
        }),
      );
      const page = found.slice(0, limit);
      const width = (process.stdout.isTTY && process.stdout.columns) || null;
      if (json) printJson(page.map(reviewInJson));
      else printLines(listedInWords(page, width));
      // Beside the list, so that a program reads reviews only.
      if (found.length > limit) printLines([`There are more: --after ${page.at(-1)?.id}`], process.stderr);
      else if (page.length === 0) printLines(['There are none'], process.stderr);
    });
}
