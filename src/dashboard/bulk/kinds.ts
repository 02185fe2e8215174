import type { BulkKinds } from '../../database/bulk-actions/index.ts';
import type { BulkPage } from './bulk-page.ts';
import { reopenReviewsPage, resolveReviewsPage, wontFixReviewsPage } from './review-actions.ts';
import { dismissEventsPage, requeueEventsPage } from './event-actions.ts';

/** All that can be done to many rows at once, by the names that records have; one that was released keeps its name. */
export const bulkPages = {
  requeue_events: requeueEventsPage,
  dismiss_events: dismissEventsPage,
  resolve_reviews: resolveReviewsPage,
  wont_fix_reviews: wontFixReviewsPage,
  reopen_reviews: reopenReviewsPage,
} as const satisfies Readonly<Record<string, BulkPage>>;

export type BulkKindName = keyof typeof bulkPages;

/** Null for what only a newer version knows. */
export function bulkPageOf(kind: string): BulkPage | null {
  return Object.hasOwn(bulkPages, kind) ? bulkPages[kind as BulkKindName] : null;
}

export const bulkKinds: BulkKinds = Object.fromEntries(
  Object.entries(bulkPages).map(([name, { kind }]): [string, BulkPage['kind']] => [name, kind]),
);
