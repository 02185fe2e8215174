import type { Database, Queryable, Transaction } from '../connection.ts';
import { clear } from './claims.ts';
import { exclusionInWords, readExclusion } from './exclusion.ts';
import { takeBack } from './hand-over.ts';
import { makeUnchecked } from './make-due.ts';
import { makeManualReview } from './write-review.ts';

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
  const done = { kind: 'done', reviewId: review.id, entityId: review.entityId } as const;
  if (dryRun) return done;
  await tx.query(
    `update artwork_reconciler.needs_manual_review
     set status = $2::artwork_reconciler.manual_review_status, resolution_notes = $3,
         resolved_at = now(), resolved_by = $4, updated_at = now()
     where id = $1`,
    [review.id, status, word.note, word.actor],
  );
  if (status === 'wont_fix') await keepEvidence(tx, review);
  await takeBack(tx, [review.entityId]);
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
      [review.entityId, evidence, check, review.id],
    );
  }
}

/**
 * Due now. One that an audit has claimed, or whose repairs are open, is left to these: both end in an audit or a
 * decision anyway, and taking it out of their hands would lose what they are about to record.
 */
async function makeDue(tx: Transaction, review: LockedReview): Promise<string> {
  if (review.entityStatus === 'audit_in_progress' || review.entityStatus === 'repair_queue') {
    return review.entityStatus;
  }
  await makeUnchecked(tx, review.entityId, { waitSeconds: null, cause: null });
  // Who has seen to it has removed what kept repairs from taking: they get a new row of tries.
  await tx.query(`update artwork_reconciler.audit_entity set ${clear('repairs')} where id = $1`, [review.entityId]);
  return 'unchecked';
}

/** A person's word on a review. */
export interface ReviewWord {
  readonly reviewId: number;
  /** Who says so. */
  readonly actor: string;
  /** Why; must not be empty where a review is resolved or called won't fix. */
  readonly note: string;
}

export interface ReviewOptions {
  /** Says what would be done, and does nothing. */
  readonly dryRun?: boolean;
  /** Whether it is a part of something that has a record of its own. */
  readonly isRecorded?: boolean;
}

export type ReviewAnswer =
  | { readonly kind: 'done'; readonly reviewId: number; readonly entityId: number }
  /** Nothing was changed. */
  | { readonly kind: 'refused'; readonly reason: string };

interface LockedReview {
  readonly id: number;
  readonly entityId: number;
  readonly status: 'open' | 'resolved' | 'wont_fix';
  readonly reasons: readonly { readonly check: string | null; readonly evidence: string | null }[];
  readonly resolutionNotes: string | null;
  readonly resolvedBy: string | null;
  readonly resolvedAt: Date | null;
  readonly entityStatus: string;
}

/**
 * Locks a review's entity, then the review. In this order, as audits do, so that a person and an audit wait for each
 * other and never in a circle.
 */
async function lockReview(tx: Transaction, reviewId: number): Promise<LockedReview | undefined> {
  await tx.query(
    `select from artwork_reconciler.audit_entity
     where id = (select audit_entity_id from artwork_reconciler.needs_manual_review where id = $1)
     for update`,
    [reviewId],
  );
  const { rows } = await tx.query<LockedReview>(
    `select review.id, review.audit_entity_id as "entityId", review.status::text, review.reasons,
            review.resolution_notes as "resolutionNotes", review.resolved_by as "resolvedBy",
            review.resolved_at as "resolvedAt", entity.status::text as "entityStatus"
     from artwork_reconciler.needs_manual_review review
     join artwork_reconciler.audit_entity entity on entity.id = review.audit_entity_id
     where review.id = $1
     for update of review`,
    [reviewId],
  );
  return rows[0];
}

function refusedReview(reason: string): ReviewAnswer {
  return { kind: 'refused', reason };
}

/** Records what a person did with a review, in the transaction that did it. */
async function recordReviewAction(
  tx: Transaction,
  action: 'reopen review' | 'resolve review' | 'wont fix review',
  word: ReviewWord,
  before: LockedReview,
  after: { readonly status: string; readonly entityStatus: string },
): Promise<void> {
  await tx.query(
    `insert into artwork_reconciler.operator_action (actor, action, target, before, after, note)
     values ($1, $2, $3, $4, $5, $6)`,
    [
      word.actor,
      action,
      `review ${word.reviewId}`,
      {
        status: before.status,
        entity_status: before.entityStatus,
        resolution_notes: before.resolutionNotes,
        resolved_by: before.resolvedBy,
      },
      { status: after.status, entity_status: after.entityStatus },
      word.note.trim() === '' ? null : word.note,
    ],
  );
}

/**
 * Takes a closing back: the review is `open` again and its entity `manual_review`, out of whatever hand it was in (an
 * audit that has claimed it will find its claim gone). What the review let stand counts again.
 *
 * Refused where the entity has another open review, which is named, or is excluded, where this one is open, and where no person
 * closed it: an audit found it gone. One that is marked regressed because of this closing is withdrawn instead.
 */
export async function reopenReview(db: Database, word: ReviewWord, options: ReviewOptions = {}): Promise<ReviewAnswer> {
  return db.transaction((tx) => reopenReviewIn(tx, word, options));
}

type ClosedReview = Omit<LockedReview, 'entityStatus' | 'reasons'>;

/** Why a review can't be reopened as things stand; null where it can. */
export async function whyNotReopened(q: Queryable, review: ClosedReview): Promise<string | null> {
  const { id, status, resolvedBy, resolutionNotes } = review;
  if (status === 'open') return `review ${id} is open already`;
  if (resolvedBy === null) {
    return `review ${id} closed automatically${resolutionNotes === null ? '' : `: ${resolutionNotes}`}`;
  }
  const exclusion = await readExclusion(q, review.entityId);
  if (exclusion !== null) return `its entity is left alone: ${exclusionInWords(exclusion)}`;
  const other = await readOpenReview(q, review);
  return other?.cameBack === false ? `review ${other.id} of the same entity is open: there can be one only` : null;
}

/** The one that is open of the entity of a closed one. */
async function readOpenReview(q: Queryable, closed: ClosedReview): Promise<OtherReview | undefined> {
  const { rows } = await q.query<OtherReview>(
    `select id, regressed and $2 = 'resolved' and created_at >= $3 as "cameBack"
     from artwork_reconciler.needs_manual_review where audit_entity_id = $1 and status = 'open'`,
    [closed.entityId, closed.status, closed.resolvedAt],
  );
  return rows[0];
}

interface OtherReview {
  readonly id: number;
  /** It is marked regressed, since the closing that is taken back called the same evidence resolved. */
  readonly cameBack: boolean;
}

/**
 * Withdraws a review that is marked regressed only because another one had been called resolved: that one continues with
 * its reasons, which are the newest.
 */
async function takeIn(tx: Transaction, reviewId: number, regressed: number, actor: string): Promise<void> {
  await tx.query(
    `with withdrawn as (
       update artwork_reconciler.needs_manual_review
       set status = 'resolved', regressed = false, resolved_at = now(), resolved_by = null, updated_at = now(),
           resolution_notes = format('withdrawn: %s reopened review %s, which has its reasons', $3::text, $1::bigint)
       where id = $2
       returning review_reason, reasons, evidence, audit_id
     )
     update artwork_reconciler.needs_manual_review kept
     set review_reason = withdrawn.review_reason, reasons = withdrawn.reasons, evidence = withdrawn.evidence,
         audit_id = withdrawn.audit_id
     from withdrawn where kept.id = $1`,
    [reviewId, regressed, actor],
  );
}

/** The same as a part of a transaction. */
export async function reopenReviewIn(
  tx: Transaction,
  word: ReviewWord,
  { dryRun = false, isRecorded = false }: ReviewOptions,
): Promise<ReviewAnswer> {
  const review = await lockReview(tx, word.reviewId);
  if (!review) return refusedReview(`there is no review ${word.reviewId}`);
  const refusal = await whyNotReopened(tx, review);
  if (refusal !== null) return refusedReview(refusal);
  const other = await readOpenReview(tx, review);
  const done = { kind: 'done', reviewId: review.id, entityId: review.entityId } as const;
  if (dryRun) return done;
  await tx.query(`delete from artwork_reconciler.wont_fix_evidence where review_id = $1`, [review.id]);
  if (other !== undefined) await takeIn(tx, review.id, other.id, word.actor);
  await tx.query(
    `update artwork_reconciler.needs_manual_review
     set status = 'open', resolution_notes = null, resolved_at = null, resolved_by = null, updated_at = now()
     where id = $1`,
    [review.id],
  );
  await makeManualReview(tx, review.entityId);
  if (!isRecorded) {
    await recordReviewAction(tx, 'reopen review', word, review, { status: 'open', entityStatus: 'manual_review' });
  }
  return done;
}
