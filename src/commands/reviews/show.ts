import type { Command } from 'commander';
import { readReview } from '../../database/audit-queries/index.ts';
import { configOf } from '../configuration.ts';
import { withDatabase } from '../database.ts';
import { rowIds } from '../option-values.ts';
import { reviewInJson, reviewInWords } from './output.ts';
import { printJson, printLines } from '../../terminal/terminal.ts';

export function addShow(reviews: Command): void {
  reviews
    .command('show')
    .summary('show everything known of a review')
    .description('Shows everything known of a review: each reason with its examples, and who closed it and why.')
    .argument('<id...>', 'the ids of reviews', rowIds)
    .option('--json', 'print one JSON object a line')
    .action(async (ids: readonly number[], options: { json?: boolean }, command: Command) => {
      const missing: number[] = [];
      await withDatabase(configOf(command).database, async (db) => {
        for (const id of ids) {
          const review = await readReview(db, id);
          if (review === undefined) missing.push(id);
          else if (options.json) printJson([reviewInJson(review)]);
          else printLines(reviewInWords(review));
        }
      });
      if (missing.length > 0) throw new Error(`there is no review ${missing.join(', ')}`);
    });
}
