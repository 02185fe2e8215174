import { type EntityKey, type EntityType, entityTypes, projects } from '../../domain/entity.ts';
import { entityTypeLiterals } from '../entity-types.ts';
import type { Queryable } from '../connection.ts';

/** Names that are read, from where the title would stand on. */
const looked = 200;

interface FoundByTitle extends EntityKey {
  readonly name: string;
}

/**
 * Entities whose names begin with a text, in any case where the index's collation puts those side by side.
 *
 * Strategy: by an index of names, from the text's place on, a limited number of entries. Which index a mirror has, and in
 * which collation, is looked up first; without one all names would be read, so such a kind is not searched.
 *
 * @returns what was found, and the kinds that couldn't be searched
 */
export async function findByTitle(
  q: Queryable,
  title: string,
  most: number,
): Promise<{ readonly found: readonly FoundByTitle[]; readonly unsearched: readonly EntityType[] }> {
  const found: FoundByTitle[] = [];
  const unsearched: EntityType[] = [];
  for (const entityType of entityTypes) {
    const { entity } = projects[entityType].tables;
    const collation = await collationOfNames(q, entity);
    if (collation === null) {
      unsearched.push(entityType);
      continue;
    }
    const { rows } = await q.query<FoundByTitle>(
      `select near.gid::text, near.name, ${entityTypeLiterals[entityType]} as "entityType"
       from (select gid, name from ${entity} where name collate ${collation} >= $1
             order by name collate ${collation} limit ${looked}) near
       where starts_with(lower(near.name), lower($1))
       limit $2`,
      [title, most],
    );
    found.push(...rows);
  }
  return { found, unsearched };
}

/** The collation of a B-tree index of all names, quoted; null where there is none. */
async function collationOfNames(q: Queryable, table: string): Promise<string | null> {
  const { rows } = await q.query<{ collation: string }>(
    `select format('%I.%I', namespace.nspname, coll.collname) as collation
     from pg_index indexed
     join pg_class index on index.oid = indexed.indexrelid
     join pg_am method on method.oid = index.relam and method.amname = 'btree'
     join pg_attribute name on name.attrelid = indexed.indrelid and name.attname = 'name' and name.attnum = indexed.indkey[0]
     join pg_collation coll on coll.oid = indexed.indcollation[0]
     join pg_namespace namespace on namespace.oid = coll.collnamespace
     where indexed.indrelid = to_regclass($1) and indexed.indpred is null and indexed.indisvalid
     order by coll.collprovider = 'i' desc
     limit 1`,
    [table],
  );
  return rows[0]?.collation ?? null;
}
