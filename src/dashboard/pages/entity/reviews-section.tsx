import type { Review } from '../../../database/audit-queries/index.ts';
import { shortened } from '../../../wording/shortened.ts';
import { Badge } from '../../layout/badge.tsx';
import { When } from '../../layout/when.tsx';

/** An entity's reviews. */
export function ReviewsSection({ reviews }: { readonly reviews: readonly Review[] }) {
  if (reviews.length === 0) return null;
  return (
    <section aria-labelledby="reviews">
      <h2 id="reviews">Reviews</h2>
      <div class="scroll">
        <table>
          <caption>What a person was asked, the oldest first</caption>
          <thead>
            <tr>
              <th scope="col">Review</th>
              <th scope="col">Status</th>
              <th scope="col">Opened</th>
              <th scope="col">Why</th>
              <th scope="col">Closed</th>
            </tr>
          </thead>
          <tbody>
            {reviews.map((review) => (
              <tr data-row={`review-${review.id}`}>
                <td>
                  <a href={`/reviews/${review.id}`}>review {review.id}</a>
                </td>
                <td>
                  <Badge of={review.status} /> {review.regressed && <Badge of="regressed" />}
                </td>
                <td>
                  <When at={review.createdAt} />
                </td>
                <td>{shortened(review.reviewReason, 300)}</td>
                <td>
                  {review.resolvedAt && (
                    <>
                      <When at={review.resolvedAt} /> by {review.resolvedBy ?? 'an audit'}:{' '}
                      {shortened(review.resolutionNotes ?? '', 300)}
                    </>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
