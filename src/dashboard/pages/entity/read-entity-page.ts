import {
  type AuditEntity,
  type PastAudit,
  readAuditEntity,
  readAuditHistory,
} from '../../../database/audits/entity-history.ts';
import type { Queryable } from '../../../database/connection.ts';
import { readContents } from '../../../database/image-contents.ts';
import { type Exclusion, readExclusion } from '../../../database/entities/exclusion.ts';
import { readList } from '../../../database/lists/list.ts';
import { type OperatorAction, readActionsOn } from '../../../database/bulk-actions/operator-actions.ts';
import type { ListPage } from '../../../database/lists/walk.ts';
import { type EntityName, readEntityNames } from '../../../database/musicbrainz/entity-kinds.ts';
import { readExpectedState } from '../../../database/musicbrainz/expected-state.ts';
import { eventList, type ListedEvent } from '../../../database/queue/list-events.ts';
import { reviewList } from '../../../database/reviews/list-reviews.ts';
import type { Review } from '../../../database/reviews/reviews.ts';
import type { RememberedContent } from '../../../domain/documents/image-content.ts';
import type { EntityKey } from '../../../domain/entity.ts';
import type { ExpectedState } from '../../../domain/expected-state.ts';
import { checksByImage } from '../../images/compare-images.ts';

/** Rows of each part of the page; what is beyond is a click away. */
const shown = { audits: 5, events: 20, reviews: 20, actions: 20 } as const;

/** Rows that each part may read. */
const look = 1_000;

/** What the page of an entity shows. */
export interface EntityFacts {
  readonly key: EntityKey;
  readonly name: EntityName | null;
  readonly expected: ExpectedState | { readonly unknown: string };
  /** Null where it is no audit entity: nobody ever asked for it. */
  readonly entity: AuditEntity | null;
  readonly exclusion: Exclusion | null;
  readonly audits: readonly PastAudit[];
  readonly nextAudit: number | null;
  readonly events: ListPage<ListedEvent>;
  readonly reviews: readonly Review[];
  /** What audits saw of the images that MusicBrainz lists for it. */
  readonly contents: readonly RememberedContent[];
  /** What operators did to it, its reviews and its events. */
  readonly actions: readonly OperatorAction[];
}

export async function readEntityPage(
  q: Queryable,
  key: EntityKey,
  { beforeAudit }: { readonly beforeAudit: number | null },
): Promise<EntityFacts> {
  const entity = (await readAuditEntity(q, key)) ?? null;
  const audits = entity === null ? [] : await readAudits(q, entity.id, beforeAudit);
  const events = await readList(
    q,
    eventList,
    { gid: key.gid, entityType: key.entityType, dismissed: 'shown' },
    { limit: shown.events, look },
  );
  const reviews =
    entity === null
      ? []
      : (await readList(q, reviewList, { entityId: entity.id, handedOver: 'shown' }, { limit: shown.reviews, look }))
          .rows;
  const targets = [
    `${key.entityType} ${key.gid}`,
    ...reviews.map(({ id }) => `review ${id}`),
    ...events.rows.map(({ id }) => `event ${id}`),
  ];
  const head = await readEntityHead(q, key);
  const images = 'images' in head.expected ? head.expected.images : [];
  return {
    ...head,
    contents: await readContents(
      q,
      key.entityType,
      images.map(({ id }) => id),
    ),
    entity,
    exclusion: entity?.dueCause === 'excluded' ? await readExclusion(q, entity.id) : null,
    audits: audits.slice(0, shown.audits),
    nextAudit: audits.length > shown.audits ? (audits[shown.audits - 1]?.id ?? null) : null,
    events,
    reviews,
    actions: await readActionsOn(q, targets, shown.actions),
  };
}

/** What every page of an entity begins with. */
export async function readEntityHead(
  q: Queryable,
  key: EntityKey,
): Promise<Pick<EntityFacts, 'expected' | 'key' | 'name'>> {
  const names = await readEntityNames(q, [key]);
  return { key, name: names.get(key.gid) ?? null, expected: await expectedOrWhyNot(q, key) };
}

/** Audits that are looked through for the newest that was decided: others were released. */
const decidedWithin = 20;

/** The checks whose findings name an image: of the newest audit that was decided, and of the open review. */
export async function readNamedImages(q: Queryable, key: EntityKey): Promise<ReadonlyMap<number, readonly string[]>> {
  const entity = await readAuditEntity(q, key);
  if (entity === undefined) return new Map();
  const audits = await readAuditHistory(q, entity.id, { limit: decidedWithin });
  const newest = audits.find(({ decision }) => decision !== 'not_now');
  const reviews = await readList(
    q,
    reviewList,
    { entityId: entity.id, handedOver: 'shown' },
    { limit: shown.reviews, look },
  );
  const open = reviews.rows.find(({ status }) => status === 'open');
  return checksByImage([...(open?.reasons ?? []), ...(newest?.findings ?? [])]);
}

function readAudits(q: Queryable, entityId: number, beforeId: number | null): Promise<readonly PastAudit[]> {
  return readAuditHistory(q, entityId, { limit: shown.audits + 1, ...(beforeId !== null && { beforeId }) });
}

/** An image of a kind without a suffix stops audits of the entity, not this page. */
async function expectedOrWhyNot(q: Queryable, key: EntityKey): Promise<EntityFacts['expected']> {
  try {
    return await readExpectedState(q, key);
  } catch (error) {
    // A fault of the database has a code, and has ended the transaction.
    if (!(error instanceof Error) || 'code' in error) throw error;
    return { unknown: error.message };
  }
}
