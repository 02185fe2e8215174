import type { AudienceReviews } from '../../../database/review-queries/index.ts';
import { audienceNames } from '../../../domain/checks/check.ts';
import { countInWords } from '../../../wording/capped-count.ts';
import { shortened } from '../../../wording/shortened.ts';
import { When } from '../../layout/when.tsx';

/** Groups that are shown of each audience. */
const shownGroups = 3;

/** The open reviews of each audience side by side, so that many of one kind hide nobody else's. */
export function AudienceReviewsView({ waiting }: { readonly waiting: readonly AudienceReviews[] }) {
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
          <ul>
            {groups.slice(0, shownGroups).map(({ group, ...inGroup }) => (
              <li>
                {countInWords(inGroup)}{' '}
                <a href={`/reviews?${new URLSearchParams({ group }).toString()}`}>
                  {shortened(group || '(no reason recorded)', 100)}
                </a>
              </li>
            ))}
            {groups.length > shownGroups && (
              <li>
                and {groups.length - shownGroups} more <a href="/reviews/groups">reasons</a>
              </li>
            )}
          </ul>
        </section>
      ))}
    </section>
  );
}
