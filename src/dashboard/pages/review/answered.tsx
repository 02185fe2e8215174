import type { Queryable } from '../../../database/connection.ts';
import { whyNotReopened } from '../../../database/entities/close-review.ts';
import { readLaterReview, readReview, readReviewVersion, type Review } from '../../../database/reviews/reviews.ts';
import type { PageContext } from '../../environment.ts';
import { ActionForm } from '../../forms/action-form.tsx';
import { Badge } from '../../layout/inline.tsx';
import { addressWith } from '../../forms/parameters.ts';

/** The parameter of the page after an answer: the review that was answered. */
export const answeredParameter = 'answered';

/** A review that was just answered, and what has become of it. */
export interface Answered {
  readonly review: Review;
  readonly version: string;
  readonly canBeReopened: boolean;
  /** The newest review that its entity's audits opened since. */
  readonly later: Awaited<ReturnType<typeof readLaterReview>>;
}

/** Null where there is none of that number. */
export async function readAnswered(q: Queryable, reviewId: number): Promise<Answered | null> {
  const review = await readReview(q, reviewId);
  if (review === undefined) return null;
  const version = (await readReviewVersion(q, reviewId)) ?? '';
  const canBeReopened = (await whyNotReopened(q, review)) === null;
  return { review, version, canBeReopened, later: await readLaterReview(q, review) };
}

/** On the page after an answer: what was answered, how to take it back, and how far the audit is that it led to. */
export function AnsweredView({ c, answered }: { readonly c: PageContext; readonly answered: Answered }) {
  const { review, version, canBeReopened, later } = answered;
  const { id, status } = review;
  const link = <a href={`/reviews/${id}`}>Review {id}</a>;
  if (status === 'open') {
    return (
      <div class="notice" id="answered" role="status">
        {link} is open again.
      </div>
    );
  }
  return (
    <div class="notice good answered" id="answered" role="status">
      <span>
        {link} <Badge of={status} />, its audit: <AuditState review={review} later={later} />
      </span>{' '}
      {canBeReopened && later?.status !== 'open' && (
        <ActionForm c={c} action={`/reviews/${id}`} id="undo">
          <input type="hidden" name="seen" value={version} />
          <input type="hidden" name="note" value="the answer was taken back right away" />
          <button name="what" value="reopen" data-key="u" aria-keyshortcuts="u">
            Undo
          </button>
        </ActionForm>
      )}{' '}
      <a href={addressWith(c, { [answeredParameter]: null })}>Dismiss</a>
    </div>
  );
}

function AuditState({ review, later }: Pick<Answered, 'later' | 'review'>) {
  if (later !== undefined) {
    return (
      <>
        {later.regressed ? <Badge of="regressed" /> : 'another reason'} as{' '}
        <a href={`/reviews/${later.id}`}>review {later.id}</a>
      </>
    );
  }
  const { entityStatus } = review;
  if (entityStatus === 'unchecked') return <>due</>;
  return entityStatus === 'audit_in_progress' ? <>running</> : <Badge of={entityStatus} />;
}
