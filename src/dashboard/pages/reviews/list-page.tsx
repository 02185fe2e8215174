import type { PropsWithChildren } from 'hono/jsx';
import type { CappedCount, ListPage } from '../../../database/lists/walk.ts';
import { reviewList } from '../../../database/reviews/list-reviews.ts';
import type { AudienceReviews } from '../../../database/reviews/review-groups.ts';
import type { Review } from '../../../database/reviews/reviews.ts';
import { audienceNames } from '../../../domain/checks/check.ts';
import { countInWords, shortened } from '../../../wording/text.ts';
import { ChooseForm, HandOverFields, SelectRow } from '../../bulk/choose-form.tsx';
import type { PageContext } from '../../environment.ts';
import { Badge, EntityLink, When } from '../../layout/inline.tsx';
import { Page } from '../../layout/page.tsx';
import { Pictured } from '../../layout/thumbnail.tsx';
import { Downloads } from '../../lists/downloads.tsx';
import { CountNote, FilterForm, ListTable, Pager, ShortPageNote } from '../../lists/list-view.tsx';
import { filterQuery, parametersOf } from '../../forms/parameters.ts';
import { isOperator } from '../../person.ts';
import { type Answered, AnsweredView } from '../review/answered.tsx';
import { pictureOfReview, reviewTitle } from '../../layout/review-title.ts';

/** Groups that are shown of each audience. */
const shownGroups = 3;

/** The open reviews of each audience side by side, so that many of one kind hide nobody else's. */
function AudienceReviewsView({ waiting }: { readonly waiting: readonly AudienceReviews[] }) {
  return (
    <section aria-label="Open reviews, by who can act" class="side-by-side">
      {waiting.map(({ audience, groups, oldest, ...count }) => (
        <section aria-labelledby={`for-${audience}`} data-audience={audience}>
          <h2 id={`for-${audience}`}>
            <a href={`/reviews?audience=${audience}`}>For {audienceNames[audience]}</a>
          </h2>
          <p>
            {countInWords(count)} open
            {oldest !== null && (
              <>
                , the oldest <When at={oldest} />
              </>
            )}
          </p>
          <ul class="counted">
            {groups.slice(0, shownGroups).map(({ group, ...inGroup }) => (
              <li>
                <span>{countInWords(inGroup)}</span>
                <a href={`/reviews?${new URLSearchParams({ group }).toString()}`} title={group}>
                  {shortened(group || '(no reason recorded)', 100)}
                </a>
              </li>
            ))}
            {groups.length > shownGroups && (
              <li>
                <span>+ {groups.length - shownGroups}</span>
                <a href="/reviews/groups">more reasons</a>
              </li>
            )}
          </ul>
        </section>
      ))}
    </section>
  );
}

interface Props {
  readonly c: PageContext;
  readonly page: ListPage<Review>;
  readonly count: CappedCount;
  /** What waits for each audience, whatever the filter. */
  readonly waiting: readonly AudienceReviews[];
  readonly answered: Answered | null;
}

/** The reviews that a filter matches, the oldest first. */
export function ReviewsPage({ c, page, count, waiting, answered }: Props) {
  const selectable = isOperator(c.var.person);
  return (
    <Page c={c} title="Reviews" section="/reviews" live>
      {answered && <AnsweredView c={c} answered={answered} />}
      <ReviewTabs current="list" />
      <AudienceReviewsView waiting={waiting} />
      <FilterForm c={c} list={reviewList} action="/reviews">
        <CountNote count={count} one="review" many="reviews" />
        {page.rows.length > 0 && (
          <ReviewBulkForm c={c} count={count}>
            <ListTable
              caption="Reviews, the oldest first"
              columns={['Review', 'Status', 'Entity', 'Why', 'Opened']}
              selects={selectable ? 'reviews' : null}
            >
              {page.rows.map((review) => (
                <Row c={c} review={review} selectable={selectable} />
              ))}
            </ListTable>
          </ReviewBulkForm>
        )}
        <ShortPageNote page={page} many="reviews" />
        <Pager c={c} next={page.next} />
        <Downloads c={c} />
      </FilterForm>
    </Page>
  );
}

function Row({
  c,
  review,
  selectable,
}: {
  readonly c: PageContext;
  readonly review: Review;
  readonly selectable: boolean;
}) {
  const { id, status, regressed, handedOverTo, handedOverAt, ticket, reviewReason, createdAt, name } = review;
  const queue = filterQuery(c, reviewList);
  return (
    <tr data-row={id}>
      {selectable && (
        <td>
          <SelectRow c={c} id={id} name="review" />
        </td>
      )}
      <th scope="row" class="wide">
        <Pictured c={c} of={pictureOfReview(review, name)}>
          <a class="title" href={`/reviews/${id}${queue === '' ? '' : `?${queue}`}`}>
            {reviewTitle(review, name)}
          </a>
          <span class="kind">review {id}</span>
        </Pictured>
      </th>
      <td data-label="Status">
        <Badge of={status} /> {regressed && <Badge of="regressed" />}
        {handedOverTo !== null && (
          <span class="hint">
            handed over to {audienceNames[handedOverTo]} <When at={handedOverAt} /> {ticket}
          </span>
        )}
      </td>
      <td data-label="Entity" class="short-mbid">
        <EntityLink entity={review} />
      </td>
      <td data-label="Why">{shortened(reviewReason, 300)}</td>
      <td data-label="Opened">
        <When at={createdAt} />
      </td>
    </tr>
  );
}

interface BulkFormProps {
  readonly c: PageContext;
  readonly count: CappedCount;
}

/** From which many reviews are closed or reopened, as their status allows. */
function ReviewBulkForm({ c, count, children }: PropsWithChildren<BulkFormProps>) {
  const status = c.req.query('status') || 'open';
  return (
    <ChooseForm
      c={c}
      action="/reviews/bulk"
      legend="With many reviews"
      filter={parametersOf(reviewList)}
      matching={countInWords(count)}
      buttons={
        <>
          {(status === 'open' || status === 'any') && (
            <>
              <button name="what" value="resolve_reviews">
                Resolve…
              </button>
              <button name="what" value="wont_fix_reviews">
                Won’t fix…
              </button>
              <HandOverFields c={c} form="bulk" />
              <button name="what" value="hand_over_reviews">
                Hand over…
              </button>
              {c.req.query('handed_over') !== undefined && (
                <button name="what" value="take_back_reviews">
                  Take back…
                </button>
              )}
            </>
          )}
          {status !== 'open' && (
            <button name="what" value="reopen_reviews">
              Reopen…
            </button>
          )}
        </>
      }
    >
      {children}
    </ChooseForm>
  );
}

/** The two views of reviews. */
export function ReviewTabs({ current }: { readonly current: 'groups' | 'list' }) {
  return (
    <nav aria-label="Ways of looking at reviews">
      <ul class="inline-list">
        <li>
          <a href="/reviews" {...(current === 'list' && { 'aria-current': 'page' as const })}>
            One by one
          </a>
        </li>
        <li>
          <a href="/reviews/groups" {...(current === 'groups' && { 'aria-current': 'page' as const })}>
            By reason
          </a>
        </li>
      </ul>
    </nav>
  );
}
