import { Hono } from 'hono';
import { z } from 'zod';
import { audiencesOfReview, reviewStatuses } from '../../../database/audit-queries/index.ts';
import {
  byAudience,
  countReviews,
  type ListedReview,
  pageReviews,
  readReviewGroups,
} from '../../../database/review-queries/index.ts';
import type { DashboardEnv, PageContext } from '../../environment.ts';
import { allPages, download, type DownloadForm } from '../../lists/download.ts';
import { choice } from '../../lists/parameter-kinds.ts';
import { readParameters } from '../../lists/read-parameters.ts';
import { bulkReviewsAction } from './bulk-action.ts';
import { ReviewGroupsPage } from './groups-page.tsx';
import { ReviewsPage } from './list-page.tsx';
import { reviewFilterOf, reviewListParameters } from './parameters.ts';

/** Reviews that a page of a file has. */
const filePage = 2_000;

const groupParameters = z.object({ status: choice(reviewStatuses) });

/** Reviews: the list, the list by reasons, and what can be done to many of them. */
export function reviewsRoutes(): Hono<DashboardEnv> {
  return new Hono<DashboardEnv>()
    .get('/reviews', async (c) => {
      const { after, ...parameters } = readParameters(c, reviewListParameters);
      const filter = reviewFilterOf(parameters);
      const { rows: limit, scanRows: look } = c.var.parts.config().dashboard;
      const shown = await c.var.read(async (q) => {
        const page = await pageReviews(q, filter, { limit, look, after: after ?? null });
        // Looking for texts costs as much for the count as for the page; a dry run counts exactly.
        const isCostly = filter.text !== undefined;
        const isWhole = page.next === null && after === undefined;
        const count = isCostly ? { count: page.rows.length, exact: isWhole } : await countReviews(q, filter, look);
        return { page, count, waiting: byAudience(await readReviewGroups(q, 'open')) };
      });
      return c.html(<ReviewsPage c={c} {...shown} />);
    })
    .get('/reviews.csv', (c) => listFile(c, 'csv'))
    .get('/reviews.json', (c) => listFile(c, 'json'))
    .get('/reviews/groups', async (c) => {
      const { status = 'open' } = readParameters(c, groupParameters);
      const groups = await c.var.read((q) => readReviewGroups(q, status));
      return c.html(<ReviewGroupsPage c={c} status={status} groups={groups} />);
    })
    .post('/reviews/bulk', bulkReviewsAction);
}

function listFile(c: PageContext, kind: 'csv' | 'json'): Promise<Response> {
  const { after: _, ...parameters } = readParameters(c, reviewListParameters);
  const filter = reviewFilterOf(parameters);
  const { scanRows: look } = c.var.parts.config().dashboard;
  const read = (after: string | null) =>
    c.var.read((q) => pageReviews(q, filter, { limit: filePage, look: Math.max(look, filePage), after }));
  return download(c, kind, file, allPages(read));
}

const file: DownloadForm<ListedReview> = {
  name: 'reviews',
  columns: [
    ['id', ({ id }) => id],
    ['entity_type', ({ entityType }) => entityType],
    ['gid', ({ gid }) => gid],
    ['entity_status', ({ entityStatus }) => entityStatus],
    ['status', ({ status }) => status],
    ['regressed', ({ regressed }) => regressed],
    ['checks', ({ checks }) => checks.join('; ')],
    ['audiences', (review) => audiencesOfReview(review).join('; ')],
    ['reasons', ({ reviewReason }) => reviewReason],
    ['created_at', ({ createdAt }) => createdAt],
    ['resolved_at', ({ resolvedAt }) => resolvedAt],
    ['resolved_by', ({ resolvedBy }) => resolvedBy],
    ['resolution_notes', ({ resolutionNotes }) => resolutionNotes],
  ],
  json: (review) => ({
    id: review.id,
    entity_type: review.entityType,
    gid: review.gid,
    entity_status: review.entityStatus,
    priority: review.priority,
    status: review.status,
    regressed: review.regressed,
    group: review.group,
    audiences: audiencesOfReview(review),
    reasons: review.reasons,
    created_at: review.createdAt,
    audit: review.auditId,
    resolved_at: review.resolvedAt,
    resolved_by: review.resolvedBy,
    resolution_notes: review.resolutionNotes,
  }),
};
