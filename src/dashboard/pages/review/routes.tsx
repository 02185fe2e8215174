import { Hono } from 'hono';
import { z } from 'zod';
import type { Queryable } from '../../../database/connection.ts';
import { reopenReview, resolveReview, whyNotReopened, wontFixReview } from '../../../database/entities/close-review.ts';
import { neighboursIn, readList } from '../../../database/lists/list.ts';
import { readActionsOn, readLastReviewNote } from '../../../database/bulk-actions/operator-actions.ts';
import { readEntityNames } from '../../../database/musicbrainz/entity-kinds.ts';
import { readImageEdits } from '../../../database/musicbrainz/image-owners.ts';
import { reviewList } from '../../../database/reviews/list-reviews.ts';
import { readReview, readReviewVersion, type Review, type ReviewStatus } from '../../../database/reviews/reviews.ts';
import { parseRowId } from '../../../database/row-id.ts';
import type { DashboardEnv, PageContext } from '../../environment.ts';
import { completeFollowed, readFollowed } from '../../followed-audit.tsx';
import { readForm } from '../../forms/action-form.tsx';
import {
  choice,
  filterQuery,
  freeText,
  readListAddress,
  readParameters,
  rowId,
  runId,
  ticked,
} from '../../forms/parameters.ts';
import { badAddress, notFound, noteIsNeeded, stale } from '../../refusals.ts';
import { isOperator } from '../../person.ts';
import { answeredParameter, readAnswered } from './answered.tsx';
import { filesNamedBy } from '../../layout/review-title.ts';
import { ReviewPage } from './review-page.tsx';

const operations = { resolve: resolveReview, wont_fix: wontFixReview, reopen: reopenReview } as const;
const statusAfter = { resolve: 'resolved', wont_fix: 'wont_fix', reopen: 'open' } as const;

export type ReviewOperation = keyof typeof operations;

const fields = z.object({
  what: choice(['resolve', 'wont_fix', 'reopen']),
  note: freeText(2000),
  seen: freeText(100),
  next: ticked(),
});

/** Closes or reopens one review, if it is as the page showed it, and leads back to it or to the next one. */
async function closeAction(c: PageContext): Promise<Response> {
  const { what, note, seen, next } = await readForm(c, fields);
  const { filter } = readListAddress(c, reviewList);
  if (what === undefined) throw badAddress('what', 'what takes one of resolve, wont_fix, reopen; it got nothing');
  if (note === undefined) throw noteIsNeeded();
  if (seen === undefined)
    throw badAddress('seen', 'seen takes the moment of the review’s last change that the page showed');
  const { parts } = c.var;
  const review = await c.var.read((q) => reviewOf(q, c.req.param('id') ?? ''));
  // Of who has seen other reasons than stand there now, the word is about something else.
  const version = await readReviewVersion(parts.db, review.id);
  if (version !== seen) {
    throw stale(
      `Review ${review.id} has changed since the page was shown; it is ${review.status} now. Nothing was changed.`,
    );
  }
  await changeReview(c, { id: review.id, what, note });
  const query = new URLSearchParams(filterQuery(c, reviewList));
  if (what !== 'reopen') query.set(answeredParameter, String(review.id));
  const suffix = query.size === 0 ? '' : `?${query.toString()}`;
  if (!next) return c.redirect(`/reviews/${review.id}${suffix}`, 303);
  const { scanRows } = parts.config().dashboard;
  const { after } = await c.var.read((q) => neighboursIn(q, reviewList, filter, { id: review.id, look: scanRows }));
  return c.redirect(after === null ? `/reviews${suffix}` : `/reviews/${after.id}${suffix}`, 303);
}

/**
 * Closes or reopens a review.
 *
 * @param change.seenAudit that of the reasons that were seen: of who has seen others the word is about something else
 * @returns its status after that
 * @throws {Refusal} 404; 409 where it isn't as it was seen, or where it can't be done to it
 */
export async function changeReview(
  c: PageContext,
  change: {
    readonly id: number;
    readonly what: ReviewOperation;
    readonly note: string;
    readonly seenAudit?: number;
  },
): Promise<ReviewStatus> {
  const { id, what, note, seenAudit } = change;
  const { parts, person } = c.var;
  const { auditId } = await c.var.read((q) => reviewOf(q, String(id)));
  if (seenAudit !== undefined && auditId !== seenAudit) {
    throw stale(
      `Review ${id} has the reasons of audit ${auditId ?? '(none)'}, not of ${seenAudit}. Nothing was changed.`,
    );
  }
  const answer = await operations[what](parts.db, { reviewId: id, actor: person.name, note });
  if (answer.kind === 'refused') throw stale(`${answer.reason}. Nothing was changed.`);
  return statusAfter[what];
}

/** Rows of each part of the page. */
const shown = 20;

const parameters = z.object({ followed: runId(), [answeredParameter]: rowId() });

/** One review, as a part of the list that it is worked off from. */
export function reviewRoutes(): Hono<DashboardEnv> {
  return new Hono<DashboardEnv>()
    .get('/reviews/:id{\\d{1,16}}', async (c) => {
      const { followed, answered } = readParameters(c, parameters);
      const { person } = c.var;
      const { filter } = readListAddress(c, reviewList);
      const { scanRows } = c.var.parts.config().dashboard;
      const { facts, read } = await c.var.read(async (q) => {
        const review = await reviewOf(q, c.req.param('id'));
        const { rows: reviews } = await readList(
          q,
          reviewList,
          { entityId: review.entityId, handedOver: 'shown' },
          { limit: shown, look: scanRows },
        );
        return {
          facts: {
            review,
            version: (await readReviewVersion(q, review.id)) ?? '',
            name: (await readEntityNames(q, [review])).get(review.gid) ?? null,
            neighbours: await neighboursIn(q, reviewList, filter, { id: review.id, look: scanRows }),
            others: reviews.filter(({ id }) => id !== review.id),
            actions: await readActionsOn(q, [`review ${review.id}`], shown),
            edits: await readImageEdits(q, review.entityType, artworkIdsIn(review)),
            whyClosed: review.status === 'open' ? null : await whyNotReopened(q, review),
            lastNote: isOperator(person) ? await readLastReviewNote(q, person.name) : null,
            answered: answered === undefined ? null : await readAnswered(q, answered),
          },
          read: followed === undefined ? null : await readFollowed(q, review, followed),
        };
      });
      const audit = followed === undefined ? null : await completeFollowed(c, facts.review, followed, read);
      return c.html(<ReviewPage c={c} facts={facts} followed={audit} />);
    })
    .post('/reviews/:id{\\d{1,16}}', closeAction);
}

function artworkIdsIn({ gid, reasons }: Review): readonly number[] {
  return filesNamedBy(gid, reasons).flatMap(({ artworkId }) => (artworkId === null ? [] : [artworkId]));
}

/** The review of a number, as an address names it. @throws {Refusal} 404 */
async function reviewOf(q: Queryable, number: string): Promise<Review> {
  const id = parseRowId(number);
  const review = id === null ? undefined : await readReview(q, id);
  if (review === undefined) throw notFound(`There is no review ${number}.`);
  return review;
}
