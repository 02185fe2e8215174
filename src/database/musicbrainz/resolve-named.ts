import { entityTypes, type EntityKey } from '../../domain/entity.ts';
import type { NamedEntity } from '../../domain/named-entity.ts';
import type { Queryable } from '../connection.ts';
import { readExpectedState } from './expected-state.ts';

/**
 * Which kind of entity an MBID is, where that was not told: what MusicBrainz knows it as, or, of a gid that MusicBrainz
 * does not know at all, a release (almost all items are of releases).
 */
export async function resolveNamed(db: Queryable, { gid, entityType }: NamedEntity): Promise<EntityKey> {
  if (entityType !== null) return { entityType, gid };
  for (const candidate of entityTypes) {
    const { identity } = await readExpectedState(db, { entityType: candidate, gid });
    if (identity !== 'unknown') return { entityType: candidate, gid };
  }
  return { entityType: 'release', gid };
}
