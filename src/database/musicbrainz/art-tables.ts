import type { EntityType } from '../../domain/entity.ts';

/**
 * What MusicBrainz calls the same thing for releases and for events. The values are constants of its schema and go into
 * SQL as they stand; nothing that comes from outside ever does.
 */
export interface ArtTables {
  /** The entity's own table, with `id` and `gid`. */
  readonly entity: string;
  readonly redirect: string;
  readonly meta: string;
  /** The column of `meta` with absent, present or darkened. */
  readonly presence: string;
  /** One row an image. */
  readonly art: string;
  /** The view that index.json is made from. */
  readonly listing: string;
  /** The names of types, by id. */
  readonly artType: string;
  /** The column of `art` and `listing` that holds the entity's id. */
  readonly entityColumn: string;
  /** What the view says on the back cover; the event view has no such column. */
  readonly isBack: string;
  /** Which entities an edit is about, with `edit` and a column named `entityColumn`. */
  readonly editLink: string;
  /** The type of the edit that adds an image. */
  readonly addArtEditType: number;
}

export const artTables: Readonly<Record<EntityType, ArtTables>> = {
  release: {
    entity: 'musicbrainz.release',
    redirect: 'musicbrainz.release_gid_redirect',
    meta: 'musicbrainz.release_meta',
    presence: 'cover_art_presence',
    art: 'cover_art_archive.cover_art',
    listing: 'cover_art_archive.index_listing',
    artType: 'cover_art_archive.art_type',
    entityColumn: 'release',
    isBack: 'listed.is_back',
    editLink: 'musicbrainz.edit_release',
    addArtEditType: 314,
  },
  event: {
    entity: 'musicbrainz.event',
    redirect: 'musicbrainz.event_gid_redirect',
    meta: 'musicbrainz.event_meta',
    presence: 'event_art_presence',
    art: 'event_art_archive.event_art',
    listing: 'event_art_archive.index_listing',
    artType: 'event_art_archive.art_type',
    entityColumn: 'event',
    isBack: 'null::boolean',
    editLink: 'musicbrainz.edit_event',
    addArtEditType: 158,
  },
};

/**
 * An SQL array of an image's types, in the order of their ids.
 *
 * The view's own order is undefined, but on MusicBrainz' database it comes out by id, so that is what artwork-indexer
 * uploads. The order is seen: Picard names files and pictures after the first type.
 *
 * @param types an SQL expression: the view's `types`
 */
export function typesById({ artType }: ArtTables, types: string): string {
  return `array(
    select named.name from unnest(${types}) as named(name)
    order by (select min(id) from ${artType} art_type where art_type.name = named.name), named.name collate "C"
  )`;
}

/** The files' suffixes by mime type; the events' archive shares the table. */
export const imageTypeTable = 'cover_art_archive.image_type';
