import { listReviews, readAuditEntity, readAuditHistory } from '../../../database/audit-queries/index.ts';
import type { AuditEntity, PastAudit, Review } from '../../../database/audit-queries/index.ts';
import type { Queryable } from '../../../database/connection.ts';
import { readContents } from '../../../database/image-contents.ts';
import { type EventPage, listEvents } from '../../../database/event-queries/index.ts';
import { type OperatorAction, readOperatorActions } from '../../../database/operator-actions/index.ts';
import { type EntityName, readEntityNames } from '../../../database/musicbrainz/entity-names.ts';
import { readExpectedState } from '../../../database/musicbrainz/expected-state.ts';
import type { EntityKey } from '../../../domain/entity.ts';
import type { ExpectedState } from '../../../domain/expected-state.ts';
import type { RememberedContent } from '../../../domain/remembered-content.ts';

/** Rows of each part of the page; what is beyond is a click away. */
export const shown = { audits: 5, events: 20, reviews: 20, actions: 20 } as const;

/** What the page of an entity shows. */
export interface EntityFacts {
  readonly key: EntityKey;
  readonly name: EntityName | null;
  readonly expected: ExpectedState | { readonly untold: string };
  /** Null where it is no audit entity: nobody ever asked for it. */
  readonly entity: AuditEntity | null;
  readonly audits: readonly PastAudit[];
  readonly nextAudit: number | null;
  readonly events: EventPage;
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
  const events = await listEvents(
    q,
    { gid: key.gid, entityType: key.entityType, dismissed: 'shown' },
    { limit: shown.events },
  );
  const reviews = entity === null ? [] : await listReviews(q, { entityId: entity.id, limit: shown.reviews });
  const targets = [
    `${key.entityType} ${key.gid}`,
    ...reviews.map(({ id }) => `review ${id}`),
    ...events.events.map(({ id }) => `event ${id}`),
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
    audits: audits.slice(0, shown.audits),
    nextAudit: audits.length > shown.audits ? (audits[shown.audits - 1]?.id ?? null) : null,
    events,
    reviews,
    actions: (await readOperatorActions(q, { targets }, { limit: shown.actions })).rows,
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
    return { untold: error.message };
  }
}
