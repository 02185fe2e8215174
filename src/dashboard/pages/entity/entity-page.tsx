import { shortened } from '../../../wording/shortened.ts';
import type { PageContext } from '../../environment.ts';
import type { FollowedAudit } from '../../followed-audit/follow-audit.ts';
import { FollowedView } from '../../followed-audit/followed-view.tsx';
import { Page } from '../../layout/page.tsx';
import { OperatorActions } from '../record/operator-actions.tsx';
import { EntityActions } from './actions-section.tsx';
import { AuditsSection } from './audits-section.tsx';
import { ContentsSection } from './contents-section.tsx';
import { EntityHead } from './entity-head.tsx';
import { EventsSection } from './events-section.tsx';
import type { EntityFacts } from './read-entity-page.ts';
import { ReviewsSection } from './reviews-section.tsx';
import { StatusSection } from './status-section.tsx';

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
        <StatusSection c={c} entity={entity} />
      )}
      <EntityActions c={c} entityKey={key} entity={entity} />
      <AuditsSection c={c} facts={facts} />
      <EventsSection facts={facts} />
      <ReviewsSection reviews={reviews} />
      <ContentsSection contents={facts.contents} />
      {facts.actions.length > 0 && (
        <section aria-labelledby="record">
          <h2 id="record">What operators did</h2>
          <OperatorActions actions={facts.actions} caption="To it, its reviews and its events, the newest first" />
        </section>
      )}
    </Page>
  );
}

/** The entity's name where MusicBrainz has one. */
export function titleOf({ name, key }: Pick<EntityFacts, 'key' | 'name'>): string {
  if (name === null) return `${key.entityType} ${key.gid}`;
  const whole = name.artist === null ? name.name : `${name.name}, by ${name.artist}`;
  return shortened(whole.trim() === '' ? `${key.entityType} without a name` : whole, 200);
}
