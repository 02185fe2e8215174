import type { Transaction } from '../connection.ts';

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

export interface LockedReview {
  readonly id: number;
  readonly audit_entity_id: number;
  readonly status: 'open' | 'resolved' | 'wont_fix';
  readonly reasons: readonly { readonly check: string | null; readonly evidence: string | null }[];
  readonly resolution_notes: string | null;
  readonly resolved_by: string | null;
  readonly entity_status: string;
}

/**
 * Locks a review's entity, then the review. In this order, as audits do, so that a person and an audit wait for each
 * other and never in a circle.
 */
export async function lockReview(tx: Transaction, reviewId: number): Promise<LockedReview | undefined> {
  await tx.query(
    `select from artwork_reconciler.audit_entity
     where id = (select audit_entity_id from artwork_reconciler.needs_manual_review where id = $1)
     for update`,
    [reviewId],
  );
  const { rows } = await tx.query<LockedReview>(
    `select review.id, review.audit_entity_id, review.status::text, review.reasons, review.resolution_notes,
            review.resolved_by, entity.status::text as entity_status
     from artwork_reconciler.needs_manual_review review
     join artwork_reconciler.audit_entity entity on entity.id = review.audit_entity_id
     where review.id = $1
     for update of review`,
    [reviewId],
  );
  return rows[0];
}

export function refusedReview(reason: string): ReviewAnswer {
  return { kind: 'refused', reason };
}

/** Records what a person did with a review, in the transaction that did it. */
export async function recordReviewAction(
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
        entity_status: before.entity_status,
        resolution_notes: before.resolution_notes,
        resolved_by: before.resolved_by,
      },
      { status: after.status, entity_status: after.entityStatus },
      word.note.trim() === '' ? null : word.note,
    ],
  );
}
