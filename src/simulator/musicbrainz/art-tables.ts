import type { EntityType } from '../../domain/entity.ts';

/** Where MusicBrainz keeps what belongs to one kind of entity. Never from outside: they are put into SQL as they are. */
export interface ArtTables {
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
