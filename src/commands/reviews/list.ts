import type { Command } from 'commander';
import { withNames } from '../../database/musicbrainz/entity-kinds.ts';
import { reviewList } from '../../database/reviews/list-reviews.ts';
import { readReview, type Review } from '../../database/reviews/reviews.ts';
import { rowInJson } from '../../export/csv.ts';
import { printJson, printLines } from '../../terminal/terminal.ts';
import { nameInWords, oneLine, quotedName } from '../../wording/text.ts';
import { agoInWords, momentInWords } from '../../wording/time.ts';
import { configOf, withDatabase } from '../database.ts';
import { addListCommand } from '../list-command.ts';
import { rowIds } from '../option-values.ts';

export function addList(reviews: Command): void {
  addListCommand(reviews, reviewList, listedInWords);
}

/** Reviews of a list as a person reads them, one a line. */
function listedInWords(reviews: readonly Review[]): readonly string[] {
  return reviews.map(({ id, status, regressed, createdAt, entityType, gid, reviewReason, name }) => {
    const marks = regressed ? `${status}, regressed` : status;
    return `${id}  ${marks}  ${agoInWords(createdAt)}  ${entityType} ${gid}  ${name ? `“${oneLine(nameInWords(name))}”  ` : ''}${oneLine(reviewReason)}`;
  });
}

/** Everything of a review, for a person, line by line. */
export function reviewInWords(review: Review): readonly string[] {
  const { resolvedAt, resolvedBy, auditId } = review;
  const by = resolvedBy ?? 'an audit';
  const lines = [
    `review ${review.id}: ${review.status}${review.regressed ? ', regressed: a person had called it resolved' : ''}`,
    `  ${review.entityType} ${review.gid}${quotedName(review.name)}, status: ${review.entityStatus.replaceAll('_', ' ')}`,
    `  opened   ${momentInWords(review.createdAt)}${auditId === null ? '' : `; its reasons are those of audit ${auditId}`}`,
    ...(resolvedAt === null
      ? []
      : [`  closed   ${momentInWords(resolvedAt)} by ${by}: ${oneLine(review.resolutionNotes ?? '')}`]),
  ];
  for (const { reason, count, examples } of review.reasons) {
    lines.push(`  ${oneLine(reason)}`);
    for (const { subject, expected, found } of examples) {
      lines.push(`    ${oneLine(subject)}: expected ${oneLine(expected)}, found ${oneLine(found)}`);
    }
    if (count > examples.length) lines.push(`    … ${count} in all`);
  }
  return lines;
}

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
          const known = await readReview(db, id);
          const [review] = await withNames(db, known === undefined ? [] : [known], (row) => row);
          if (review === undefined) missing.push(id);
          else if (options.json) printJson([rowInJson(reviewList.columns, review)]);
          else printLines(reviewInWords(review));
        }
      });
      if (missing.length > 0) throw new Error(`there is no review ${missing.join(', ')}`);
    });
}
