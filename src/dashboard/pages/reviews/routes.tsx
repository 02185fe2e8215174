import { Hono } from 'hono';
import { z } from 'zod';
import { countList, readList } from '../../../database/lists/list.ts';
import { reviewList } from '../../../database/reviews/list-reviews.ts';
import { byAudience, readReviewGroups, type ReviewGroups } from '../../../database/reviews/review-groups.ts';
import { type ReviewStatus, reviewStatuses } from '../../../database/reviews/reviews.ts';
import { audienceNames } from '../../../domain/checks/check.ts';
import { countInWords } from '../../../wording/text.ts';
import type { BulkPage } from '../../bulk/bulk-page.ts';
import { bulkPages, chosenBy } from '../../bulk/kinds.ts';
import { beginBulkAction } from '../../bulk/work.ts';
import type { DashboardEnv, PageContext } from '../../environment.ts';
import { formFields, readForm } from '../../forms/action-form.tsx';
import { CheckLink } from '../../layout/finding-view.tsx';
import { When } from '../../layout/inline.tsx';
import { Page } from '../../layout/page.tsx';
import { listFile } from '../../lists/downloads.tsx';
import { figures, ListTable } from '../../lists/list-view.tsx';
import { choice, readListAddress, readParameters, rowId, rowIds } from '../../forms/parameters.ts';
import { badAddress, badField } from '../../refusals.ts';
import { answeredParameter, readAnswered } from '../review/answered.tsx';
import { ReviewsPage, ReviewTabs } from './list-page.tsx';

const actions = [
  'resolve_reviews',
  'wont_fix_reviews',
  'reopen_reviews',
  'hand_over_reviews',
  'take_back_reviews',
] as const;

const fields = z.object({
  what: choice(actions),
  scope: choice(['selected', 'matching']),
  id: rowIds(),
});

/** Begins the dry run of what is to be done to the selected reviews, or, only where that was said, to all that match. */
async function bulkReviewsAction(c: PageContext): Promise<Response> {
  const { what, scope, id: ids } = await readForm(c, fields);
  if (what === undefined) throw badAddress('what', `what takes one of ${actions.join(', ')}; it got nothing`);
  const page: BulkPage = bulkPages[what];
  const texts = await formFields(c);
  const told = page.told?.read(c, texts);
  if (scope === 'matching') return beginBulkAction(c, what, { ...chosenBy(what, texts), ...told });
  if (ids === undefined) {
    throw badField('scope', 'No review is selected: select some, or choose everything that the filter matches');
  }
  return beginBulkAction(c, what, { ids, ...told });
}

const listParameters = z.object({ [answeredParameter]: rowId() });
const groupParameters = z.object({ status: choice(reviewStatuses) });

/** Reviews: the list, the list by reasons, and what can be done to many of them. */
export function reviewsRoutes(): Hono<DashboardEnv> {
  return new Hono<DashboardEnv>()
    .get('/reviews', async (c) => {
      const { filter, after } = readListAddress(c, reviewList);
      const { [answeredParameter]: answered } = readParameters(c, listParameters);
      const { rows: limit, scanRows: look } = c.var.parts.config().dashboard;
      const shown = await c.var.read(async (q) => {
        const page = await readList(q, reviewList, filter, { limit, look, after });
        // Looking for texts costs as much for the count as for the page; a dry run counts exactly.
        const isCostly = filter.text !== undefined;
        const isWhole = page.next === null && after === null;
        const count = isCostly
          ? { count: page.rows.length, exact: isWhole }
          : await countList(q, reviewList, filter, look);
        return {
          page,
          count,
          waiting: byAudience(await readReviewGroups(q, 'open')),
          answered: answered === undefined ? null : await readAnswered(q, answered),
        };
      });
      return c.html(<ReviewsPage c={c} {...shown} />);
    })
    .get('/reviews.csv', listFile(reviewList, 'csv'))
    .get('/reviews.json', listFile(reviewList, 'json'))
    .get('/reviews/groups', async (c) => {
      const { status = 'open' } = readParameters(c, groupParameters);
      const groups = await c.var.read((q) => readReviewGroups(q, status));
      return c.html(<ReviewGroupsPage c={c} status={status} groups={groups} />);
    })
    .post('/reviews/bulk', bulkReviewsAction);
}

interface Props {
  readonly c: PageContext;
  readonly status: ReviewStatus;
  readonly groups: ReviewGroups;
}

/** Reviews by what they are about, the most common first. */
function ReviewGroupsPage({ c, status, groups }: Props) {
  return (
    <Page c={c} title="Reviews by reason" section="/reviews" live>
      <ReviewTabs current="groups" />
      <nav aria-label="Status">
        <ul class="inline-list">
          {reviewStatuses.map((each) => (
            <li>
              <a href={`/reviews/groups?status=${each}`} {...(each === status && { 'aria-current': 'page' as const })}>
                {each.replace('_', ' ')}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <p class="hint">
        All reasons of a review count, without what differs from entity to entity: what stands in quotes, MBIDs,
        numbers.
      </p>
      {groups.groups.length === 0 ? (
        <p class="none">There are no reviews of this status.</p>
      ) : (
        <ListTable
          caption="Groups of reviews with the same reasons"
          columns={[figures('Reviews'), 'Oldest', 'Reasons', 'Checks', 'Who can act']}
        >
          {groups.groups.map((group, n) => (
            <tr data-row={`group-${n}`}>
              <td class="number" data-label="Reviews">
                {countInWords(group)}
              </td>
              <td data-label="Oldest">
                <When at={group.oldest} />
              </td>
              <th scope="row" class="wide">
                <a href={`/reviews?${new URLSearchParams({ status, group: group.group }).toString()}`}>
                  {group.group === '' ? '(no reason recorded)' : group.group}
                </a>
              </th>
              <td data-label="Checks">
                {group.checks.map((check, place) => (
                  <>
                    {place > 0 && ', '}
                    <CheckLink check={check} />
                  </>
                ))}
              </td>
              <td data-label="Who can act">{group.audiences.map((audience) => audienceNames[audience]).join(', ')}</td>
            </tr>
          ))}
        </ListTable>
      )}
      {groups.isPart && <p class="notice">There are more groups than are shown: find their reviews one by one.</p>}
    </Page>
  );
}
