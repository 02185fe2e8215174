import { entityTypes, isMbid, type EntityType } from './entity.ts';

/** What an operator pasted: an MBID, and the kind of entity where the address told. */
export interface NamedEntity {
  readonly gid: string;
  readonly entityType: EntityType | null;
}

/** What names an entity, as errors say it. */
export const entitiesAreNamed = 'an MBID, e.g. 76df3287-6cda-33eb-8e9a-044b5e15ffdd, or an address with one';

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i;

/**
 * Reads an MBID, an item's identifier (`mbid-…`), or an address of MusicBrainz, the archive or one of the art archives;
 * null where there is no MBID in it.
 */
export function parseNamed(text: string): NamedEntity | null {
  const trimmed = text.trim();
  const gid = uuid.exec(trimmed)?.[0].toLowerCase();
  const isPlain = isMbid(trimmed.toLowerCase()) || isMbid(trimmed.toLowerCase().replace(/^mbid-/, ''));
  const isAddress = /^https?:\/\/[^/]+\//i.test(trimmed);
  if (gid === undefined || !(isPlain || isAddress)) return null;
  const inAddress = entityTypes.find((entityType) => trimmed.includes(`/${entityType}/${gid}`));
  return { gid, entityType: inAddress ?? null };
}
