import type { EntityKey, EntityType } from '../../domain/entity.ts';
import type { NamedEntity } from '../../domain/named-entity.ts';
import type { Queryable } from '../connection.ts';

/** Which kinds of entities MusicBrainz' tables know some MBIDs as. */
export interface EntityKinds {
  /**
   * The kind that an MBID is of: live before merged before deleted, and among equals the one that was asked for. Null
   * where no table has it.
   */
  knownAs(gid: string, asked: EntityType | null): EntityType | null;
  /** The kind that an MBID is live as, else null. */
  liveAs(gid: string): EntityType | null;
  /**
   * The entity that is meant by an MBID: what the tables say, whatever was asked for; of one that they don't have, what was
   * asked for, else a release (almost all items are of releases).
   */
  keyOf(named: NamedEntity): EntityKey;
}

/**
 * Reads which kinds some MBIDs are of. An item's name is the same for releases and events, and what asks for one may be
 * wrong about it: a list, an address, an answer of the archive that holds another collection's items.
 */
export async function readKinds(q: Queryable, gids: readonly string[]): Promise<EntityKinds> {
  const known = new Map<string, KnownRow[]>();
  for (const row of gids.length === 0 ? [] : (await q.query<KnownRow>(statement, [gids])).rows) {
    known.set(row.gid, [...(known.get(row.gid) ?? []), row]);
  }
  const best = (gid: string): KnownRow[] => {
    const rows = known.get(gid) ?? [];
    return rows.filter(({ rank }) => rank === rows[0]?.rank);
  };
  const knownAs = (gid: string, asked: EntityType | null): EntityType | null => {
    const kinds = best(gid).map(({ entity_type: kind }) => kind);
    return kinds.find((kind) => kind === asked) ?? kinds[0] ?? null;
  };
  return {
    knownAs,
    liveAs: (gid) => best(gid).find(({ rank }) => rank === 0)?.entity_type ?? null,
    keyOf: ({ gid, entityType }) => ({ entityType: knownAs(gid, entityType) ?? entityType ?? 'release', gid }),
  };
}

/** The entity that was named, by the same rule. */
export async function resolveNamed(q: Queryable, named: NamedEntity): Promise<EntityKey> {
  return (await readKinds(q, [named.gid])).keyOf(named);
}

interface KnownRow {
  readonly gid: string;
  readonly entity_type: EntityType;
  /** 0 live, 1 merged, 2 deleted. */
  readonly rank: number;
}

const tables = [
  ['release', 'release', 0],
  ['event', 'event', 0],
  ['release_gid_redirect', 'release', 1],
  ['event_gid_redirect', 'event', 1],
] as const;

const statement = `
  with listed as materialized (select distinct unnest($1::uuid[]) as gid)
  ${tables
    .map(
      ([table, entityType, rank]) => `
  select gid::text, '${entityType}' as entity_type, ${rank} as rank from listed
  where exists (select from musicbrainz.${table} known where known.gid = listed.gid)
  union all`,
    )
    .join('')}
  select gid::text, deleted.entity_type, 2 from listed cross join lateral (
    select known.data->>'entity_type' as entity_type from musicbrainz.deleted_entity known where known.gid = listed.gid
  ) deleted
  where deleted.entity_type in ('release', 'event')
  order by rank`;
