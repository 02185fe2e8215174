import { excludeInBulk, includeInBulk, prioritiseInBulk, recheckInBulk } from '../entities/bulk-entities.ts';
import { indexInBulk } from '../queue/queue-event.ts';
import { requeueInBulk } from '../queue/bulk-requeue.ts';
import { dismissInBulk } from '../queue/dismiss-events.ts';
import { handOverInBulk, takeBackInBulk, undoOnReviews } from '../reviews/bulk-hand-over.ts';
import { undoOnSettings } from '../pace/undo-settings.ts';
import { undoOnEntities } from '../entities/undo-entities.ts';
import { undoOnEvents } from '../queue/undo-events.ts';
import { recheckReviewsInBulk, reopenInBulk, resolveInBulk, wontFixInBulk } from '../reviews/bulk-reviews.ts';
import { withdrawInBulk } from '../attempts/withdraw-events.ts';
import type { BulkKind } from '../operators/bulk-kind.ts';

/**
 * All that can be done to many rows at once, by the names that records have: what is done, and to what. One that was
 * released keeps its name.
 */
export const bulkKinds = {
  requeue_events: requeueInBulk,
  dismiss_events: dismissInBulk,
  withdraw_events: withdrawInBulk,
  resolve_reviews: resolveInBulk,
  wont_fix_reviews: wontFixInBulk,
  reopen_reviews: reopenInBulk,
  hand_over_reviews: handOverInBulk,
  take_back_reviews: takeBackInBulk,
  recheck_reviews: recheckReviewsInBulk,
  undo_events: undoOnEvents,
  undo_reviews: undoOnReviews,
  undo_entities: undoOnEntities,
  undo_settings: undoOnSettings,
  recheck_entities: recheckInBulk,
  prioritise_entities: prioritiseInBulk,
  exclude_entities: excludeInBulk,
  include_entities: includeInBulk,
  index_entities: indexInBulk,
} as const satisfies Readonly<Record<string, BulkKind>>;

export type BulkKindName = keyof typeof bulkKinds;
