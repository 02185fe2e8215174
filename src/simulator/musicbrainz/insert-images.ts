import type { Queryable } from '../../database/connection.ts';
import type { EntityType } from '../../domain/entity.ts';
import type { ImageSpec } from './specs.ts';

/** Where MusicBrainz keeps what belongs to one kind of entity. Never from outside: they are put into SQL as they are. */
interface ArtTables {
  readonly entity: string;
  readonly redirect: string;
  readonly meta: string;
  readonly presence: string;
  readonly art: string;
  /** The column of `art` and of `editLink` that names the entity. */
  readonly owner: string;
  /** The view that index.json is made of. */
  readonly listing: string;
  readonly type: string;
  readonly typeName: string;
  readonly editLink: string;
  /** The type of the edit that adds an image. */
  readonly editType: number;
}

export const artTables: Readonly<Record<EntityType, ArtTables>> = {
  release: {
    entity: 'musicbrainz.release',
    redirect: 'musicbrainz.release_gid_redirect',
    meta: 'musicbrainz.release_meta',
    presence: 'cover_art_presence',
    art: 'cover_art_archive.cover_art',
    owner: 'release',
    listing: 'cover_art_archive.index_listing',
    type: 'cover_art_archive.cover_art_type',
    typeName: 'cover_art_archive.art_type',
    editLink: 'musicbrainz.edit_release',
    editType: 314,
  },
  event: {
    entity: 'musicbrainz.event',
    redirect: 'musicbrainz.event_gid_redirect',
    meta: 'musicbrainz.event_meta',
    presence: 'event_art_presence',
    art: 'event_art_archive.event_art',
    owner: 'event',
    listing: 'event_art_archive.index_listing',
    type: 'event_art_archive.event_art_type',
    typeName: 'event_art_archive.art_type',
    editLink: 'musicbrainz.edit_event',
    editType: 158,
  },
};

/** As many ids of a sequence as are asked for, in order. */
export async function takeIds(db: Queryable, sequence: string, count: number): Promise<number[]> {
  const { rows } = await db.query<{ id: number }>(
    `select nextval($1)::int as id from generate_series(1, $2::int) order by id`,
    [sequence, count],
  );
  return rows.map(({ id }) => id);
}

/**
 * Adds images to entities that exist, each with the edit that added it.
 *
 * @throws {Error} naming the type, where MusicBrainz has none of that name.
 */
export async function insertImages(
  db: Queryable,
  entityType: EntityType,
  images: readonly { readonly entityId: number; readonly image: ImageSpec }[],
): Promise<void> {
  const tables = artTables[entityType];
  const edits = await takeIds(db, 'musicbrainz.edit_id_seq', images.length);
  const rows = images.map(({ entityId, image }, index) => ({ entity: entityId, edit: edits[index], ...image }));
  const values = [JSON.stringify(rows)];
  await db.query(
    `insert into musicbrainz.edit (id, editor, type, status, open_time, close_time, expire_time)
     select edit, editor.id, ${tables.editType}, case when approved then 2 else 1 end, opened,
            case when approved then opened + interval '1 hour' end, opened + interval '7 days'
     from jsonb_to_recordset($1::jsonb) as r (edit int, approved bool, "ageDays" float8)
     join musicbrainz.editor on editor.name = 'simulated editor',
          lateral (select now() - "ageDays" * interval '1 day' as opened) aged`,
    values,
  );
  await db.query(
    `insert into ${tables.editLink} (edit, ${tables.owner})
     select edit, entity from jsonb_to_recordset($1::jsonb) as r (edit int, entity int)`,
    values,
  );
  await db.query(
    `insert into ${tables.art} (id, ${tables.owner}, comment, edit, ordering, date_uploaded, mime_type)
     select r.id, entity, comment, edit, ordering, now() - "ageDays" * interval '1 day', image_type.mime_type
     from jsonb_to_recordset($1::jsonb)
            as r (id bigint, entity int, comment text, edit int, ordering int, "ageDays" float8, suffix text)
     join cover_art_archive.image_type using (suffix)`,
    values,
  );
  const typed = rows.flatMap(({ id, types }) => types.map((name) => ({ id, name })));
  await insertImageTypes(db, entityType, typed);
}

/** @throws {Error} as {@link insertImages}. */
export async function insertImageTypes(
  db: Queryable,
  entityType: EntityType,
  types: readonly { readonly id: number; readonly name: string }[],
): Promise<void> {
  const tables = artTables[entityType];
  const { rows } = await db.query<{ name: string }>(`select name from ${tables.typeName}`);
  const known = new Set(rows.map(({ name }) => name));
  const unknown = types.find(({ name }) => !known.has(name));
  if (unknown) {
    throw new Error(
      `image ${unknown.id} has type ${JSON.stringify(unknown.name)}: ${tables.typeName} has only ${[...known].join(', ')}`,
    );
  }
  await db.query(
    `insert into ${tables.type} (id, type_id)
     select r.id, art_type.id
     from jsonb_to_recordset($1::jsonb) as r (id bigint, name text)
     join ${tables.typeName} art_type using (name)`,
    [JSON.stringify(types)],
  );
}

/** Sets the presence flag of entities whose art was taken from the public. After their images: a darkened one takes none. */
export async function darkenEntities(db: Queryable, entityType: EntityType, ids: readonly number[]): Promise<void> {
  const tables = artTables[entityType];
  await db.query(`update ${tables.meta} set ${tables.presence} = 'darkened' where id = any($1)`, [ids]);
}
