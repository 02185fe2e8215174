import {
  type EntityKey,
  type EntityType,
  entityTypes,
  type NamedEntity,
  projects,
  usualEntityType,
} from '../../domain/entity.ts';
import type { Queryable } from '../connection.ts';
import { entityTypeList, entityTypeLiterals } from '../entity-types.ts';

/** Which kinds of entities MusicBrainz' tables know some MBIDs as. */
interface EntityKinds {
  /**
   * The kind that an MBID is of: live before merged before deleted, and among equals the one that was asked for. Null
   * where no table has it.
   */
  knownAs(gid: string, asked: EntityType | null): EntityType | null;
  /** The kind that an MBID is live as, else null. */
  liveAs(gid: string): EntityType | null;
  /**
   * The entity that is meant by an MBID: what the tables say, whatever was asked for; of one that they don't have, what was
   * asked for, else the usual kind.
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
    const kinds = best(gid).map(({ entityType: kind }) => kind);
    return kinds.find((kind) => kind === asked) ?? kinds[0] ?? null;
  };
  return {
    knownAs,
    liveAs: (gid) => best(gid).find(({ rank }) => rank === 0)?.entityType ?? null,
    keyOf: ({ gid, entityType }) => ({ entityType: knownAs(gid, entityType) ?? entityType ?? usualEntityType, gid }),
  };
}

/** The entity that was named, by the same rule. */
export async function resolveNamed(q: Queryable, named: NamedEntity): Promise<EntityKey> {
  return (await readKinds(q, [named.gid])).keyOf(named);
}

interface KnownRow {
  readonly gid: string;
  readonly entityType: EntityType;
  /** 0 live, 1 merged, 2 deleted. */
  readonly rank: number;
}

const tables = [
  ...entityTypes.map((entityType) => ({ table: projects[entityType].tables.entity, entityType, rank: 0 })),
  ...entityTypes.map((entityType) => ({ table: projects[entityType].tables.redirect, entityType, rank: 1 })),
];

const statement = `
  with listed as materialized (select distinct unnest($1::uuid[]) as gid)
  ${tables
    .map(
      ({ table, entityType, rank }) => `
  select gid::text, ${entityTypeLiterals[entityType]} as "entityType", ${rank} as rank from listed
  where exists (select from ${table} known where known.gid = listed.gid)
  union all`,
    )
    .join('')}
  select gid::text, deleted.entity_type, 2 from listed cross join lateral (
    select known.data->>'entity_type' as entity_type from musicbrainz.deleted_entity known where known.gid = listed.gid
  ) deleted
  where deleted.entity_type in (${entityTypeList})
  order by rank`;

/** What people call an entity. Anybody may have written it: texts of any kind and length. */
export interface EntityName {
  readonly name: string;
  /** Whose it is, for releases. */
  readonly artist: string | null;
  /** Where it was merged: into which entity, whose name this is. Null of one that is live. */
  readonly mergedInto: string | null;
}

/** The names of those entities that MusicBrainz has, or has merged into another, by gid. One statement for all of them. */
export async function readEntityNames(
  q: Queryable,
  keys: readonly EntityKey[],
): Promise<ReadonlyMap<string, EntityName>> {
  if (keys.length === 0) return new Map();
  const gids = entityTypes.map((type) => keys.filter(({ entityType }) => entityType === type).map(({ gid }) => gid));
  const { rows } = await q.query<EntityName & { readonly gid: string }>(namesStatement, gids);
  return new Map(rows.map(({ gid, ...name }) => [gid, name]));
}

/** Rows of a page with the names of their entities; null where MusicBrainz has none. */
export async function withNames<Row extends object>(
  q: Queryable,
  rows: readonly Row[],
  keyOf: (row: Row) => EntityKey | null,
): Promise<readonly (Row & { readonly name: EntityName | null })[]> {
  const keys = rows.map(keyOf);
  const names = await readEntityNames(
    q,
    keys.filter((key) => key !== null),
  );
  return rows.map((row, n) => ({ ...row, name: names.get(keys[n]?.gid ?? '') ?? null }));
}

const namesStatement = entityTypes
  .flatMap((entityType, n) => {
    const { entity, credit, redirect } = projects[entityType].tables;
    const artist = credit === null ? 'null::text' : 'credit.name';
    const joined = credit === null ? '' : `left join musicbrainz.artist_credit credit on credit.id = entity.${credit}`;
    return [
      `select entity.gid::text, entity.name, ${artist} as artist, null as "mergedInto"
       from ${entity} entity ${joined}
       where entity.gid = any ($${n + 1}::uuid[])`,
      `select merged.gid::text, entity.name, ${artist}, entity.gid::text
       from ${redirect} merged join ${entity} entity on entity.id = merged.new_id ${joined}
       where merged.gid = any ($${n + 1}::uuid[])`,
    ];
  })
  .join(' union all ');
