import { type BulkKind, changed, type RowOutcome } from '../bulk-actions/bulk-kind.ts';
import { actionToUndo, type RecordedAction, rowsOfRecord, type UndoFilter } from '../bulk-actions/recorded.ts';
import type { Transaction } from '../connection.ts';
import { reopenReviewIn } from '../entities/close-review.ts';
import { reviewRows } from './bulk-reviews.ts';

/** Undoes the closing of reviews by one recorded action, as far as nothing else has happened to them since. */
export const undoOnReviews: BulkKind = {
  async choose(tx, filter, page) {
    const { ids, next } = await rowsOfRecord(tx, (filter as UndoFilter).action, page);
    return { rows: await reviewRows(tx, ids), next };
  },

  async carryOut(tx, { filter, rows, dryRun, by }) {
    const action = await actionToUndo(tx, filter);
    const outcomes: RowOutcome[] = [];
    for (const { target, version } of rows) {
      const word = { reviewId: target, actor: by.actor, note: by.note ?? '' };
      // The entity is locked before its review, as audits do; what is changed meanwhile is seen after that only.
      const answer = await reopenReviewIn(tx, word, { dryRun: true });
      const reason =
        answer.kind === 'refused' ? answer.reason : await whyNot(tx, action, { reviewId: target, version });
      if (reason !== null) outcomes.push({ target, outcome: 'refused', reason });
      else {
        if (!dryRun) await reopenReviewIn(tx, word, { isRecorded: true });
        outcomes.push({ target, outcome: 'done' });
      }
    }
    return outcomes;
  },
};

interface ClosedReview {
  readonly version: string;
  readonly resolvedBy: string | null;
  readonly isOurs: boolean;
  /** An audit since then that found nothing. */
  readonly cleanSince: boolean;
}

/** What has happened to a closed review since, in words; null where nothing has. */
async function whyNot(
  tx: Transaction,
  { from, until, actor }: RecordedAction,
  { reviewId, version }: { readonly reviewId: number; readonly version: string | null },
): Promise<string | null> {
  const { rows } = await tx.query<ClosedReview>(
    `select review.updated_at::text as version, review.resolved_by as "resolvedBy",
       review.resolved_by = $2 and review.resolved_at between $3 and $4::timestamptz + interval '1 ms' as "isOurs",
       entity.status in ('clean', 'legacy') and entity.last_audit_at > review.resolved_at as "cleanSince"
     from artwork_reconciler.needs_manual_review review
     join artwork_reconciler.audit_entity entity on entity.id = review.audit_entity_id
     where review.id = $1`,
    [reviewId, actor, from, until],
  );
  const [review] = rows;
  if (review?.version !== version) return changed;
  if (!review.isOurs) return `it was reopened, and closed again by ${review.resolvedBy ?? 'an audit'}`;
  return review.cleanSince ? 'an audit has found nothing more since' : null;
}
