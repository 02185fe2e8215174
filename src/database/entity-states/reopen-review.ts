import type { Database, Transaction } from '../connection.ts';
import { makeManualReview } from './make-manual-review.ts';
import {
  lockReview,
  recordReviewAction,
  refusedReview,
  type ReviewAnswer,
  type ReviewOptions,
  type ReviewWord,
} from './person-review.ts';

/**
 * Takes a closing back: the review is `open` again and its entity `manual_review`, out of whatever hand it was in (an
 * audit that has it in hand will find its claim gone). What the review let stand counts again.
 *
 * Refused where the entity has an open review, which is named, and where this one is open.
 */
export async function reopenReview(db: Database, word: ReviewWord, options: ReviewOptions = {}): Promise<ReviewAnswer> {
  return db.transaction((tx) => reopenReviewIn(tx, word, options));
}

/** The same as a part of a transaction. */
export async function reopenReviewIn(
  tx: Transaction,
  word: ReviewWord,
  { dryRun = false, isRecorded = false }: ReviewOptions,
): Promise<ReviewAnswer> {
  const review = await lockReview(tx, word.reviewId);
  if (!review) return refusedReview(`there is no review ${word.reviewId}`);
  if (review.status === 'open') return refusedReview(`review ${word.reviewId} is open already`);
  const { rows } = await tx.query<{ id: number }>(
    `select id from artwork_reconciler.needs_manual_review where audit_entity_id = $1 and status = 'open'`,
    [review.audit_entity_id],
  );
  const [other] = rows;
  if (other) return refusedReview(`review ${other.id} of the same entity is open: there can be one only`);
  const done = { kind: 'done', reviewId: review.id, entityId: review.audit_entity_id } as const;
  if (dryRun) return done;
  await tx.query(`delete from artwork_reconciler.wont_fix_evidence where review_id = $1`, [review.id]);
  await tx.query(
    `update artwork_reconciler.needs_manual_review
     set status = 'open', resolution_notes = null, resolved_at = null, resolved_by = null, updated_at = now()
     where id = $1`,
    [review.id],
  );
  await makeManualReview(tx, review.audit_entity_id);
  if (!isRecorded) {
    await recordReviewAction(tx, 'reopen review', word, review, { status: 'open', entityStatus: 'manual_review' });
  }
  return done;
}
