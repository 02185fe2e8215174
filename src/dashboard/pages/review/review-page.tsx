import type { Review } from '../../../database/audit-queries/index.ts';
import type { OperatorAction } from '../../../database/operator-actions/index.ts';
import type { EntityName } from '../../../database/musicbrainz/entity-names.ts';
import { shortened } from '../../../wording/shortened.ts';
import type { PageContext } from '../../environment.ts';
import type { FollowedAudit } from '../../followed-audit/follow-audit.ts';
import { FollowedView } from '../../followed-audit/followed-view.tsx';
import { Badge } from '../../layout/badge.tsx';
import { ElsewhereLinks, EntityLink, entityPath } from '../../layout/entity-links.tsx';
import { Page } from '../../layout/page.tsx';
import { When } from '../../layout/when.tsx';
import { AuditForm } from '../entity/actions-section.tsx';
import { OperatorActions } from '../record/operator-actions.tsx';
import { queueQuery } from '../reviews/parameters.ts';
import { CloseForm } from './close-form.tsx';
import { Reasons } from './reasons.tsx';

export interface ReviewFacts {
  readonly review: Review;
  readonly version: string;
  readonly name: EntityName | null;
  readonly neighbours: { readonly before: number | null; readonly after: number | null };
  /** Of the same entity, this one aside. */
  readonly others: readonly Review[];
  readonly actions: readonly OperatorAction[];
}

interface Props {
  readonly c: PageContext;
  readonly facts: ReviewFacts;
  readonly followed: FollowedAudit | null;
}

/** One review: why, what can be seen of it, and what a person says. */
export function ReviewPage({ c, facts, followed }: Props) {
  const { review, name, others, actions } = facts;
  const queue = queueQuery((each) => c.req.query(each));
  return (
    <Page c={c} title={`Review ${review.id}`} section="/reviews" live>
      <QueueLinks facts={facts} queue={queue} />
      <p>
        <Badge of={review.status} /> {review.regressed && <Badge of="regressed" />} opened{' '}
        <When at={review.createdAt} />
        {review.regressed && ': something in it came back after a person had called it resolved'}
      </p>
      <p>
        {name && <strong>{shortened(name.artist === null ? name.name : `${name.name}, by ${name.artist}`)}</strong>}{' '}
        <EntityLink entity={review} />, which is <Badge of={review.entityStatus} />, priority {review.priority}
      </p>
      <ElsewhereLinks c={c} entity={review} />
      {review.resolvedAt && (
        <div class="notice">
          <p>
            Closed <When at={review.resolvedAt} /> by {review.resolvedBy ?? 'an audit'}:
          </p>
          <pre>{review.resolutionNotes ?? ''}</pre>
        </div>
      )}
      {followed && <FollowedView c={c} entity={review} followed={followed} />}
      <Reasons review={review} />
      <details id="images" data-lazy={`${entityPath(review)}/images`}>
        <summary>Images side by side</summary>
        <p>
          <a href={`${entityPath(review)}/images`}>Ask the archive now</a>: what MusicBrainz lists, what the item holds,
          and what owners of other images hold. These are requests to the archive.
        </p>
      </details>
      <h2>What you say</h2>
      <CloseForm c={c} review={review} version={facts.version} queue={queue} />
      <AuditForm c={c} entityKey={review} status={review.entityStatus} from={`/reviews/${review.id}`} />
      {actions.length > 0 && (
        <section aria-labelledby="history">
          <h2 id="history">History</h2>
          <OperatorActions actions={actions} caption="What operators did to this review, the newest first" />
        </section>
      )}
      {others.length > 0 && <Others others={others} />}
    </Page>
  );
}

function QueueLinks({ facts, queue }: { readonly facts: ReviewFacts; readonly queue: string }) {
  const { before, after } = facts.neighbours;
  const suffix = queue === '' ? '' : `?${queue}`;
  return (
    <nav class="pager" aria-label="Reviews of this list">
      {before !== null && (
        <a href={`/reviews/${before}${suffix}`} rel="prev">
          Previous review
        </a>
      )}
      <a href={`/reviews${suffix}`}>The list</a>
      {after !== null && (
        <a href={`/reviews/${after}${suffix}`} rel="next">
          Next review
        </a>
      )}
    </nav>
  );
}

function Others({ others }: { readonly others: readonly Review[] }) {
  return (
    <section aria-labelledby="others">
      <h2 id="others">Other reviews of the entity</h2>
      <ul>
        {others.map((other) => (
          <li>
            <a href={`/reviews/${other.id}`}>review {other.id}</a> <Badge of={other.status} />{' '}
            {shortened(other.reviewReason)}
          </li>
        ))}
      </ul>
    </section>
  );
}
