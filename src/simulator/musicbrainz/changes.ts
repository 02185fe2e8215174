import type { Queryable } from '../../database/connection.ts';
import type { EntityKey, EntityType } from '../../domain/entity.ts';
import type { Presence } from '../../domain/expected-state.ts';
import { artTables, insertImageTypes } from './insert-images.ts';

/**
 * What MusicBrainz does to its tables when people edit. Several statements each: whoever lets others look meanwhile
 * passes a transaction.
 */

/** Takes an image away. The ones behind it move up. */
export async function deleteImage(db: Queryable, entityType: EntityType, artworkId: number): Promise<void> {
  const tables = artTables[entityType];
  const { rows } = await db.query<{ owner: number }>(
    `delete from ${tables.art} where id = $1 returning ${tables.owner} as owner`,
    [artworkId],
  );
  const owner = found(rows[0], `image ${artworkId}`).owner;
  await db.query(
    `update ${tables.art} art set ordering = renumbered.ordering
     from (select id, row_number() over (order by ordering, id) as ordering from ${tables.art} where ${tables.owner} = $1)
            renumbered
     where art.id = renumbered.id and art.ordering <> renumbered.ordering`,
    [owner],
  );
}

/** Changes what is given of an image; `types` replaces all of them. `ordering` is set as it is. */
export async function changeImage(
  db: Queryable,
  entityType: EntityType,
  artworkId: number,
  given: { readonly comment?: string; readonly ordering?: number; readonly types?: readonly string[] },
): Promise<void> {
  const tables = artTables[entityType];
  if (given.comment !== undefined || given.ordering !== undefined) {
    await db.query(
      `update ${tables.art} set comment = coalesce($2, comment), ordering = coalesce($3, ordering) where id = $1`,
      [artworkId, given.comment ?? null, given.ordering ?? null],
    );
  }
  if (given.types !== undefined) {
    await db.query(`delete from ${tables.type} where id = $1`, [artworkId]);
    await insertImageTypes(
      db,
      entityType,
      given.types.map((name) => ({ id: artworkId, name })),
    );
  }
}

/** Moves one image behind those of another entity. */
export async function moveImage(
  db: Queryable,
  entityType: EntityType,
  artworkId: number,
  toGid: string,
): Promise<void> {
  const tables = artTables[entityType];
  const toId = await rowId(db, { entityType, gid: toGid });
  await db.query(
    `update ${tables.art} set ${tables.owner} = $2,
       ordering = (select coalesce(max(ordering), 0) + 1 from ${tables.art} where ${tables.owner} = $2)
     where id = $1`,
    [artworkId, toId],
  );
  // MusicBrainz' own triggers look at images that come and go, not at those that change hands.
  await db.query(
    `update ${tables.meta} set ${tables.presence} = 'present' where id = $1 and ${tables.presence} = 'absent'`,
    [toId],
  );
}

/** Closes the edit that added an image. */
export async function approveImage(db: Queryable, entityType: EntityType, artworkId: number): Promise<void> {
  await db.query(
    `update musicbrainz.edit set status = 2, close_time = now()
     where id = (select edit from ${artTables[entityType].art} where id = $1)`,
    [artworkId],
  );
}

export async function setPresence(db: Queryable, key: EntityKey, presence: Presence): Promise<void> {
  const tables = artTables[key.entityType];
  await db.query(`update ${tables.meta} set ${tables.presence} = $2 where id = $1`, [await rowId(db, key), presence]);
}

/**
 * Merges one entity into another of its kind: the images move behind the other's, its gid and those merged into it
 * before redirect to the other. Where one of them is darkened, what they become is, as MusicBrainz has it.
 */
export async function mergeEntity(db: Queryable, from: EntityKey, into: EntityKey): Promise<void> {
  const tables = artTables[from.entityType];
  const [fromId, intoId] = [await rowId(db, from), await rowId(db, into)];
  await db.query(
    `update ${tables.meta} set ${tables.presence} = both_of.presence
     from (select max(${tables.presence}) as presence from ${tables.meta} where id in ($1, $2)) both_of
     where id = $2 and ${tables.presence} <> both_of.presence`,
    [fromId, intoId],
  );
  await db.query(
    `update ${tables.art} set ${tables.owner} = $2,
       ordering = ordering + (select coalesce(max(ordering), 0) from ${tables.art} where ${tables.owner} = $2)
     where ${tables.owner} = $1`,
    [fromId, intoId],
  );
  await db.query(`update ${tables.editLink} set ${tables.owner} = $2 where ${tables.owner} = $1`, [fromId, intoId]);
  await db.query(`update ${tables.redirect} set new_id = $2 where new_id = $1`, [fromId, intoId]);
  await removeRow(db, from.entityType, fromId);
  await db.query(`insert into ${tables.redirect} (gid, new_id) values ($1, $2)`, [from.gid, intoId]);
}

/** Deletes an entity, its images with it. What was merged into it is unknown to MusicBrainz from now on. */
export async function deleteEntity(db: Queryable, key: EntityKey): Promise<void> {
  const tables = artTables[key.entityType];
  const id = await rowId(db, key);
  await db.query(
    `insert into musicbrainz.deleted_entity (gid, data)
     select gid, jsonb_build_object('entity_type', $2::text, 'entity_gid', gid, 'last_known_name', name,
                                    'last_known_comment', comment)
     from ${tables.entity} where id = $1`,
    [id, key.entityType],
  );
  await db.query(`delete from ${tables.redirect} where new_id = $1`, [id]);
  await removeRow(db, key.entityType, id);
}

async function removeRow(db: Queryable, entityType: EntityType, id: number): Promise<void> {
  if (entityType === 'event') {
    await db.query(`delete from musicbrainz.l_artist_event where entity1 = $1`, [id]);
    await db.query(`delete from musicbrainz.l_event_place where entity0 = $1`, [id]);
  } else {
    await db.query(`delete from musicbrainz.release_country where release = $1`, [id]);
    await db.query(`delete from musicbrainz.release_unknown_country where release = $1`, [id]);
  }
  await db.query(`delete from ${artTables[entityType].entity} where id = $1`, [id]);
}

async function rowId(db: Queryable, key: EntityKey): Promise<number> {
  const { rows } = await db.query<{ id: number }>(`select id from ${artTables[key.entityType].entity} where gid = $1`, [
    key.gid,
  ]);
  return found(rows[0], `${key.entityType} ${key.gid}`).id;
}

function found<Row>(row: Row | undefined, what: string): Row {
  if (row === undefined) throw new Error(`${what} is not in MusicBrainz' tables: nothing was changed`);
  return row;
}
