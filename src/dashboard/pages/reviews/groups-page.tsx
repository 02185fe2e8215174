import { type ReviewStatus, reviewStatuses } from '../../../database/audit-queries/index.ts';
import type { ReviewGroups } from '../../../database/review-queries/index.ts';
import { audienceNames } from '../../../domain/checks/check.ts';
import { countInWords } from '../../../wording/capped-count.ts';
import type { PageContext } from '../../environment.ts';
import { CheckLink } from '../../findings/check-sentence.tsx';
import { Page } from '../../layout/page.tsx';
import { When } from '../../layout/when.tsx';
import { ReviewTabs } from './review-tabs.tsx';

interface Props {
  readonly c: PageContext;
  readonly status: ReviewStatus;
  readonly groups: ReviewGroups;
}

/** Reviews by what they are about, the commonest first. */
export function ReviewGroupsPage({ c, status, groups }: Props) {
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
        <div class="scroll">
          <table>
            <caption>Groups of reviews with the same reasons</caption>
            <thead>
              <tr>
                <th scope="col">Reasons</th>
                <th scope="col" class="number">
                  Reviews
                </th>
                <th scope="col">Oldest</th>
                <th scope="col">Checks</th>
                <th scope="col">Who can act</th>
              </tr>
            </thead>
            <tbody>
              {groups.groups.map((group, n) => (
                <tr data-row={`group-${n}`}>
                  <th scope="row" class="wide">
                    <a href={`/reviews?${new URLSearchParams({ status, group: group.group }).toString()}`}>
                      {group.group === '' ? '(no reason recorded)' : group.group}
                    </a>
                  </th>
                  <td class="number">{countInWords(group)}</td>
                  <td>
                    <When at={group.oldest} />
                  </td>
                  <td>
                    {group.checks.map((check, place) => (
                      <>
                        {place > 0 && ', '}
                        <CheckLink check={check} />
                      </>
                    ))}
                  </td>
                  <td>{group.audiences.map((audience) => audienceNames[audience]).join(', ')}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {groups.isPart && <p class="notice">There are more groups than are shown: find their reviews one by one.</p>}
    </Page>
  );
}
