import type { Database, Transaction } from '../connection.ts';
import { makeUnchecked } from './make-unchecked.ts';
import {
  type LockedReview,
  lockReview,
  recordReviewAction,
  refusedReview,
  type ReviewAnswer,
  type ReviewOptions,
  type ReviewWord,
} from './person-review.ts';

/**
 * A person has seen to it: the review is `resolved`, the entity due now. The same finding again opens a review that is
 * marked regressed.
 *
 * Refused without a note, and where the review isn't open (a stale page, a double click).
 */
export async function resolveReview(
  db: Database,
  word: ReviewWord,
  options: ReviewOptions = {},
): Promise<ReviewAnswer> {
  return db.transaction((tx) => closeReview(tx, word, 'resolved', options));
}

/**
 * A person says that it shall stay as it is: the review is `wont_fix`, the entity due now. While the evidence of its
 * findings stays the same they count as `report`; the others decide as usual.
 *
 * Refused as `resolveReview` is.
 */
export async function wontFixReview(
  db: Database,
  word: ReviewWord,
  options: ReviewOptions = {},
): Promise<ReviewAnswer> {
  return db.transaction((tx) => closeReview(tx, word, 'wont_fix', options));
}

/** Both, as a part of a transaction. */
export async function closeReview(
  tx: Transaction,
  word: ReviewWord,
  status: 'resolved' | 'wont_fix',
  { dryRun = false, isRecorded = false }: ReviewOptions,
): Promise<ReviewAnswer> {
  if (!dryRun && word.note.trim() === '') return refusedReview(`review ${word.reviewId} needs a note that says why`);
  const review = await lockReview(tx, word.reviewId);
  if (!review) return refusedReview(`there is no review ${word.reviewId}`);
  if (review.status !== 'open') {
    return refusedReview(`review ${word.reviewId} is ${review.status} already: only an open one can be closed`);
  }
  const done = { kind: 'done', reviewId: review.id, entityId: review.audit_entity_id } as const;
  if (dryRun) return done;
  await tx.query(
    `update artwork_reconciler.needs_manual_review
     set status = $2::artwork_reconciler.manual_review_status, resolution_notes = $3,
         resolved_at = now(), resolved_by = $4, updated_at = now()
     where id = $1`,
    [review.id, status, word.note, word.actor],
  );
  if (status === 'wont_fix') await keepEvidence(tx, review);
  const entityStatus = await makeDue(tx, review);
  if (!isRecorded) {
    await recordReviewAction(tx, status === 'resolved' ? 'resolve review' : 'wont fix review', word, review, {
      status,
      entityStatus,
    });
  }
  return done;
}

async function keepEvidence(tx: Transaction, review: LockedReview): Promise<void> {
  for (const { check, evidence } of review.reasons) {
    if (evidence === null) continue;
    await tx.query(
      `insert into artwork_reconciler.wont_fix_evidence (audit_entity_id, evidence, check_name, review_id)
       values ($1, $2, $3, $4)
       on conflict (audit_entity_id, evidence)
       do update set review_id = excluded.review_id, check_name = excluded.check_name, since = now()`,
      [review.audit_entity_id, evidence, check, review.id],
    );
  }
}

/**
 * Due now. One that an audit has in hand, or whose repairs are open, is left to these: both end in an audit or a
 * decision anyway, and taking it out of their hands would lose what they are about to record.
 */
async function makeDue(tx: Transaction, review: LockedReview): Promise<string> {
  if (review.entity_status === 'audit_in_progress' || review.entity_status === 'repair_queue') {
    return review.entity_status;
  }
  await makeUnchecked(tx, review.audit_entity_id, { waitSeconds: null, cause: null });
  // Who has seen to it has removed what kept repairs from taking: they get a new row of tries.
  await tx.query(`update artwork_reconciler.audit_entity set repairs = 0, repaired_checks = null where id = $1`, [
    review.audit_entity_id,
  ]);
  return 'unchecked';
}
