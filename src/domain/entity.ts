/** The two kinds of MusicBrainz entities that have art; the values of `artwork_indexer.indexable_entity_type`. */
export type EntityType = 'event' | 'release';

export const entityTypes: readonly EntityType[] = ['release', 'event'];

/** What names an entity everywhere: its kind and its MBID. */
export interface EntityKey {
  readonly entityType: EntityType;
  /** An MBID in its canonical form: lower case, with hyphens. */
  readonly gid: string;
}

/**
 * Who a gid is for MusicBrainz: a row of its table, a redirect to another row, a row of `deleted_entity`, or none of
 * these. The last three are *orphans*.
 */
export type Identity = 'deleted' | 'live' | 'merged' | 'unknown';

const mbid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether a text is an MBID in canonical form. PostgreSQL's `uuid` takes other spellings, which no message of ours has. */
export function isMbid(text: unknown): text is string {
  return typeof text === 'string' && mbid.test(text);
}
