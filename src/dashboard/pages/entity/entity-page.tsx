import type { Exclusion } from '../../../database/entities/exclusion.ts';
import type { AuditEntity } from '../../../database/audits/entity-history.ts';
import type { Review } from '../../../database/reviews/reviews.ts';
import type { RememberedContent } from '../../../domain/documents/image-content.ts';
import { nextStep, statusMeanings } from '../../../wording/statuses.ts';
import { shortened } from '../../../wording/text.ts';
import type { PageContext } from '../../environment.ts';
import { type FollowedAudit, FollowedView } from '../../followed-audit.tsx';
import { KnownContents } from '../../images/images-view.tsx';
import { Badge, TemporalRun, When } from '../../layout/inline.tsx';
import { Page } from '../../layout/page.tsx';
import { ListTable } from '../../lists/list-view.tsx';
import { OperatorActions } from '../record/operator-actions.tsx';
import { AuditsSection, EventsSection } from './audits-and-events.tsx';
import { EntityActions, EntityHead } from './entity-head.tsx';
import type { EntityFacts } from './read-entity-page.ts';

/** A box set may have a thousand. */
const mostShown = 20;

/** The contents that audits saw of the entity's images. */
function ContentsSection({ contents }: { readonly contents: readonly RememberedContent[] }) {
  if (contents.length === 0) return null;
  const images = new Map<string, RememberedContent[]>();
  for (const content of contents) {
    const name = `${content.artworkId}.${content.suffix}`;
    images.set(name, [...(images.get(name) ?? []), content]);
  }
  return (
    <section aria-labelledby="contents">
      <h2 id="contents">Contents of its images</h2>
      <dl>
        {[...images].slice(0, mostShown).map(([name, known]) => (
          <>
            <dt>Image {name}</dt>
            <dd>
              <KnownContents contents={known} />
            </dd>
          </>
        ))}
      </dl>
      {images.size > mostShown && <p>and of {images.size - mostShown} images more, which are not shown.</p>}
    </section>
  );
}

interface Props {
  readonly c: PageContext;
  readonly facts: EntityFacts;
  readonly followed: FollowedAudit | null;
  /** The event that was just queued, or found queued. */
  readonly indexed: number | null;
}

/** Everything known of one entity. */
export function EntityPage({ c, facts, followed, indexed }: Props) {
  const { key, entity, reviews } = facts;
  const open = reviews.find(({ status }) => status === 'open');
  return (
    <Page c={c} title={titleOf(facts)} section="/entities" live>
      <EntityHead c={c} facts={facts} current="entity" />
      {followed && <FollowedView c={c} entity={key} followed={followed} />}
      {indexed !== null && (
        <p class="notice good" id="indexed">
          Its index is queued: <a href={`/events/${indexed}`}>event {indexed}</a>. Where one was queued already, it is
          that one.
        </p>
      )}
      {open && (
        <p class="notice warn">
          <a href={`/reviews/${open.id}`}>Review {open.id}</a> waits for a person: {shortened(open.reviewReason, 300)}
        </p>
      )}
      {entity === null ? (
        <p class="notice">
          It is not among the entities that are audited: no backfill, import or event has named it yet. An audit adds
          it.
        </p>
      ) : (
        <StatusSection c={c} entity={entity} exclusion={facts.exclusion} />
      )}
      <EntityActions c={c} facts={facts} />
      <AuditsSection c={c} facts={facts} />
      <EventsSection facts={facts} />
      <ReviewsSection reviews={reviews} />
      <ContentsSection contents={facts.contents} />
      {facts.actions.length > 0 && (
        <section aria-labelledby="record">
          <h2 id="record">What operators did</h2>
          <OperatorActions
            c={c}
            actions={facts.actions}
            caption="To it, its reviews and its events, the newest first"
          />
        </section>
      )}
    </Page>
  );
}

/** The entity's name where MusicBrainz has one. */
export function titleOf({ name, key }: Pick<EntityFacts, 'key' | 'name'>): string {
  if (name === null) return `${key.entityType} ${key.gid}`;
  const whole = name.artist === null ? name.name : `${name.name}, by ${name.artist}`;
  const merged = name.mergedInto === null ? '' : 'merged into ';
  return shortened(whole.trim() === '' ? `${key.entityType} without a name` : `${merged}${whole}`, 200);
}

/** An entity's reviews. */
function ReviewsSection({ reviews }: { readonly reviews: readonly Review[] }) {
  if (reviews.length === 0) return null;
  return (
    <section aria-labelledby="reviews">
      <h2 id="reviews">Reviews</h2>
      <ListTable
        caption="What a person was asked, the oldest first"
        columns={['Review', 'Status', 'Opened', 'Why', 'Closed']}
      >
        {reviews.map((review) => (
          <tr data-row={`review-${review.id}`}>
            <th scope="row">
              <a href={`/reviews/${review.id}`}>review {review.id}</a>
            </th>
            <td data-label="Status">
              <Badge of={review.status} /> {review.regressed && <Badge of="regressed" />}
            </td>
            <td data-label="Opened">
              <When at={review.createdAt} />
            </td>
            <td data-label="Why">{shortened(review.reviewReason, 300)}</td>
            <td data-label="Closed">
              {review.resolvedAt && (
                <>
                  <When at={review.resolvedAt} /> by {review.resolvedBy ?? 'an audit'}:{' '}
                  {shortened(review.resolutionNotes ?? '', 300)}
                </>
              )}
            </td>
          </tr>
        ))}
      </ListTable>
    </section>
  );
}

/** What state an entity is in, why, and what happens next. */
function StatusSection({
  c,
  entity,
  exclusion,
}: {
  readonly c: PageContext;
  readonly entity: AuditEntity;
  readonly exclusion: Exclusion | null;
}) {
  const { status, priority, lastAuditAt, dueAt, claim, repairs, returns, returnReasons } = entity;
  return (
    <section aria-labelledby="status">
      <h2 id="status">
        Status <Badge of={status} />
      </h2>
      <p>
        {statusMeanings[status]} {nextStep(entity, c.var.parts.config().audit, new Date())}
      </p>
      <dl class="facts">
        <Fact name="Priority">{priority}</Fact>
        <Fact name="Last audit">
          <When at={lastAuditAt} />
        </Fact>
        {status === 'unchecked' && exclusion === null && (
          <Fact name="Due">{dueAt === null ? 'now' : <When at={dueAt} />}</Fact>
        )}
        {exclusion !== null && (
          <Fact name="Excluded">
            <When at={exclusion.excludedAt} /> by {exclusion.excludedBy}: {exclusion.note}
          </Fact>
        )}
        {claim && (
          <Fact name="Claimed by">
            <TemporalRun c={c} workflowId={claim.workflowId} runId={claim.runId} />, asked for by {claim.by ?? 'nobody'}
            , <When at={claim.at} />
          </Fact>
        )}
        {repairs > 0 && <Fact name="Consecutive repairs">{repairs}</Fact>}
        {returns > 0 && (
          <Fact name="Consecutive releases">
            {returns}: {returnReasons.join('; ')}
          </Fact>
        )}
      </dl>
    </section>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: unknown }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
