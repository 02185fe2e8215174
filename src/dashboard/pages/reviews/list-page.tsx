import type { CappedCount, ListPage } from '../../../database/lists/index.ts';
import type { AudienceReviews, ListedReview } from '../../../database/review-queries/index.ts';
import { shortened } from '../../../wording/shortened.ts';
import type { PageContext } from '../../environment.ts';
import { Badge } from '../../layout/badge.tsx';
import { EntityLink } from '../../layout/entity-links.tsx';
import { Page } from '../../layout/page.tsx';
import { When } from '../../layout/when.tsx';
import { Downloads } from '../../lists/downloads.tsx';
import { CountNote, ShortPageNote } from '../../lists/list-notes.tsx';
import { Pager } from '../../lists/pager.tsx';
import { isOperator } from '../../access/person.ts';
import { AudienceReviewsView } from './audiences.tsx';
import { ReviewBulkForm } from './bulk-form.tsx';
import { ReviewFilterForm } from './filter-form.tsx';
import { queueQuery } from './parameters.ts';
import { ReviewTabs } from './review-tabs.tsx';

interface Props {
  readonly c: PageContext;
  readonly page: ListPage<ListedReview>;
  readonly count: CappedCount;
  /** What waits for each audience, whatever the filter. */
  readonly waiting: readonly AudienceReviews[];
}

/** The reviews that a filter matches, the oldest first. */
export function ReviewsPage({ c, page, count, waiting }: Props) {
  const selectable = isOperator(c.var.person);
  return (
    <Page c={c} title="Reviews" section="/reviews" live>
      <ReviewTabs current="list" />
      <AudienceReviewsView waiting={waiting} />
      <ReviewFilterForm c={c} />
      <CountNote count={count} one="review" many="reviews" />
      {page.rows.length > 0 && (
        <ReviewBulkForm c={c} count={count}>
          <div class="scroll">
            <table>
              <caption>Reviews, the oldest first</caption>
              <thead>
                <tr>
                  {selectable && (
                    <th scope="col">
                      <input type="checkbox" data-select-all aria-label="Select all reviews of this page" />
                    </th>
                  )}
                  <th scope="col">Review</th>
                  <th scope="col">Status</th>
                  <th scope="col">Entity</th>
                  <th scope="col">Why</th>
                  <th scope="col">Opened</th>
                </tr>
              </thead>
              <tbody>
                {page.rows.map((review) => (
                  <Row c={c} review={review} selectable={selectable} />
                ))}
              </tbody>
            </table>
          </div>
        </ReviewBulkForm>
      )}
      <ShortPageNote page={page} many="reviews" />
      <Pager c={c} next={page.next} />
      <Downloads c={c} />
    </Page>
  );
}

function Row({
  c,
  review,
  selectable,
}: {
  readonly c: PageContext;
  readonly review: ListedReview;
  readonly selectable: boolean;
}) {
  const { id, status, regressed, reviewReason, createdAt } = review;
  const queue = queueQuery((name) => c.req.query(name));
  return (
    <tr data-row={id}>
      {selectable && (
        <td>
          <input type="checkbox" name="id" value={id} data-select aria-label={`Select review ${id}`} />
        </td>
      )}
      <th scope="row">
        <a href={`/reviews/${id}${queue === '' ? '' : `?${queue}`}`}>{id}</a>
      </th>
      <td>
        <Badge of={status} /> {regressed && <Badge of="regressed" />}
      </td>
      <td>
        <EntityLink entity={review} />
      </td>
      <td>{shortened(reviewReason, 300)}</td>
      <td>
        <When at={createdAt} />
      </td>
    </tr>
  );
}
