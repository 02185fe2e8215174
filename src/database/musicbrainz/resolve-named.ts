import type { EntityKey } from '../../domain/entity.ts';
import type { NamedEntity } from '../../domain/named-entity.ts';
import type { Queryable } from '../connection.ts';
import { whichAreEvents } from './which-are-events.ts';

/**
 * Which kind of entity an MBID is, where that was not told: what MusicBrainz knows it as, or, of a gid that MusicBrainz
 * does not know at all, a release (almost all items are of releases).
 */
export async function resolveNamed(db: Queryable, { gid, entityType }: NamedEntity): Promise<EntityKey> {
  if (entityType !== null) return { entityType, gid };
  const events = await whichAreEvents(db, [gid]);
  return { entityType: events.has(gid) ? 'event' : 'release', gid };
}
