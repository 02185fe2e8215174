import { Hono } from 'hono';
import { z } from 'zod';
import { listReviews } from '../../../database/audit-queries/index.ts';
import { readEntityNames } from '../../../database/musicbrainz/entity-names.ts';
import { readOperatorActions } from '../../../database/operator-actions/index.ts';
import { neighboursOf, readReviewVersion } from '../../../database/review-queries/index.ts';
import type { DashboardEnv } from '../../environment.ts';
import { completeFollowed, readFollowed } from '../../followed-audit/follow-audit.ts';
import { runId } from '../../lists/parameter-kinds.ts';
import { readParameters } from '../../lists/read-parameters.ts';
import { reviewFields, reviewFilterOf } from '../reviews/parameters.ts';
import { closeAction } from './close-action.ts';
import { reviewOf } from './review-of.ts';
import { ReviewPage } from './review-page.tsx';

/** Rows of each part of the page. */
const shown = 20;

const parameters = z.object({ ...reviewFields, followed: runId() });

/** One review, as a part of the list that it is worked off from. */
export function reviewRoutes(): Hono<DashboardEnv> {
  return new Hono<DashboardEnv>()
    .get('/reviews/:id{\\d{1,16}}', async (c) => {
      const { followed, ...queue } = readParameters(c, parameters);
      const { scanRows } = c.var.parts.config().dashboard;
      const { facts, read } = await c.var.read(async (q) => {
        const review = await reviewOf(c, q);
        const reviews = await listReviews(q, { entityId: review.entityId, limit: shown });
        return {
          facts: {
            review,
            version: (await readReviewVersion(q, review.id)) ?? '',
            name: (await readEntityNames(q, [review])).get(review.gid) ?? null,
            neighbours: await neighboursOf(q, reviewFilterOf(queue), review, scanRows),
            others: reviews.filter(({ id }) => id !== review.id),
            actions: (await readOperatorActions(q, { targets: [`review ${review.id}`] }, { limit: shown })).rows,
          },
          read: followed === undefined ? null : await readFollowed(q, review, followed),
        };
      });
      const audit = followed === undefined ? null : await completeFollowed(c, facts.review, followed, read);
      return c.html(<ReviewPage c={c} facts={facts} followed={audit} />);
    })
    .post('/reviews/:id{\\d{1,16}}', closeAction);
}
