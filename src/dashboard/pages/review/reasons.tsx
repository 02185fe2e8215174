import { findCheck } from '../../../domain/checks/catalogue.ts';
import type { Review } from '../../../database/audit-queries/index.ts';
import type { ReviewReason } from '../../../domain/review-reason.ts';
import { CheckLink, CheckSentence } from '../../findings/check-sentence.tsx';
import { Examples } from '../../findings/finding-view.tsx';

/** All reasons of a review, each as expected and found. */
export function Reasons({ review }: { readonly review: Review }) {
  const { reasons } = review;
  return (
    <section aria-labelledby="reasons">
      <h2 id="reasons">Why a person is asked</h2>
      {reasons.length === 0 ? <pre>{review.reviewReason}</pre> : reasons.map((reason) => <Reason reason={reason} />)}
    </section>
  );
}

function Reason({ reason }: { readonly reason: ReviewReason }) {
  const { check, examples, count } = reason;
  const entry = check === null ? null : findCheck(check);
  return (
    <section class="finding">
      <h3>{check === null ? 'Not a finding' : <CheckLink check={check} />}</h3>
      {check !== null && <CheckSentence check={check} />}
      <pre>{reason.reason}</pre>
      <Examples examples={examples} count={count} />
      {entry && (
        <details>
          <summary>Why its findings lead to what they lead to</summary>
          <p>{entry.why}</p>
        </details>
      )}
    </section>
  );
}
