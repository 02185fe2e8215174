import { z } from 'zod';
import { reopenReview, resolveReview, wontFixReview } from '../../../database/entity-states/index.ts';
import { neighboursOf, readReviewVersion } from '../../../database/review-queries/index.ts';
import type { PageContext } from '../../environment.ts';
import { readForm } from '../../forms/read-form.ts';
import { choice, freeText, ticked } from '../../lists/parameter-kinds.ts';
import { readParameters } from '../../lists/read-parameters.ts';
import { badInput, stale } from '../../refusals.ts';
import { queueQuery, reviewFields, reviewFilterOf } from '../reviews/parameters.ts';
import { reviewOf } from './review-of.ts';

const operations = { resolve: resolveReview, wont_fix: wontFixReview, reopen: reopenReview } as const;

const fields = z.object({
  what: choice(['resolve', 'wont_fix', 'reopen']),
  note: freeText(2000),
  seen: freeText(100),
  next: ticked(),
});
const queueParameters = z.object(reviewFields);

/** Closes or reopens one review, if it is as the page showed it, and leads back to it or to the next one. */
export async function closeAction(c: PageContext): Promise<Response> {
  const { what, note, seen, next } = await readForm(c, fields);
  const filter = reviewFilterOf(readParameters(c, queueParameters));
  if (what === undefined) throw badInput(['what takes one of resolve, wont_fix, reopen; it got nothing']);
  if (note === undefined) throw badInput(['note takes a text: this is not done without a word on why']);
  if (seen === undefined) throw badInput(['seen takes the moment of the review’s last change that the page showed']);
  const { parts, person } = c.var;
  const review = await c.var.read((q) => reviewOf(c, q));
  // Of who has seen other reasons than stand there now, the word is about something else.
  const version = await readReviewVersion(parts.db, review.id);
  if (version !== seen) {
    throw stale(
      `Review ${review.id} has changed since the page was shown; it is ${review.status} now. Nothing was changed.`,
    );
  }
  const answer = await operations[what](parts.db, { reviewId: review.id, actor: person.name, note });
  if (answer.kind === 'refused') throw stale(`${answer.reason}. Nothing was changed.`);
  const query = queueQuery((name) => c.req.query(name));
  const suffix = query === '' ? '' : `?${query}`;
  if (!next) return c.redirect(`/reviews/${review.id}${suffix}`, 303);
  const { scanRows } = parts.config().dashboard;
  const { after } = await c.var.read((q) => neighboursOf(q, filter, review, scanRows));
  return c.redirect(after === null ? `/reviews${suffix}` : `/reviews/${after}${suffix}`, 303);
}
