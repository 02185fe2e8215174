import { reopenInBulk, resolveInBulk, wontFixInBulk } from '../../database/entity-states/index.ts';
import { pageReviews, type ReviewListFilter } from '../../database/review-queries/index.ts';
import { reviewFilterInWords } from '../../wording/review-filter.ts';
import { shortened } from '../../wording/shortened.ts';
import type { BulkPage } from './bulk-page.ts';

const reviews = {
  one: 'review',
  many: 'reviews',
  section: '/reviews',
  needsNote: true,
  filterInWords: (filter) => reviewFilterInWords(filter as ReviewListFilter),
  targetPath: (id) => `/reviews/${id}`,
  async nameTargets(q, ids) {
    const { rows } = await pageReviews(q, { ids }, { limit: ids.length, look: ids.length + 1 });
    return new Map(
      rows.map(({ id, entityType, gid, reviewReason }) => [
        id,
        { label: `review ${id}: ${entityType} ${gid}: ${shortened(reviewReason)}`, path: `/reviews/${id}` },
      ]),
    );
  },
} as const satisfies Partial<BulkPage>;

export const resolveReviewsPage: BulkPage = { ...reviews, kind: resolveInBulk, verb: 'Resolve', done: 'resolved' };
export const wontFixReviewsPage: BulkPage = {
  ...reviews,
  kind: wontFixInBulk,
  verb: 'Won’t fix',
  done: 'left as it is',
};
export const reopenReviewsPage: BulkPage = { ...reviews, kind: reopenInBulk, verb: 'Reopen', done: 'reopened' };
