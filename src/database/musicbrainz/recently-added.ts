import type { EntityKey, EntityType } from '../../domain/entity.ts';
import type { Queryable } from '../connection.ts';
import { artTables } from './art-tables.ts';

/**
 * Whether an image was added to an entity within the last days, by the edits that add art. False for a gid that is not
 * live. An edit that failed later counts: its image was uploaded all the same.
 *
 * @param recentDays fractions are allowed
 */
export async function recentlyAdded(q: Queryable, key: EntityKey, recentDays: number): Promise<boolean> {
  const { rows } = await q.query<{ recent: boolean }>(statements[key.entityType], [key.gid, recentDays]);
  return rows[0]?.recent ?? false;
}

const statements: Readonly<Record<EntityType, string>> = { release: statement('release'), event: statement('event') };

/** Entered by the entity: it has a few dozen edits, while the recent ones of everybody are a million. */
function statement(entityType: EntityType): string {
  const tables = artTables[entityType];
  return `
    select exists (
      select from ${tables.editLink} link join musicbrainz.edit on edit.id = link.edit
      where link.${tables.entityColumn} = (select id from ${tables.entity} where gid = $1::uuid)
        and edit.type = ${tables.addArtEditType}
        and edit.open_time > now() - $2::float8 * interval '1 day'
    ) as recent`;
}
