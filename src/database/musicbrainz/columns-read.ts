import type { EntityType } from '../../domain/entity.ts';

/** Relations with their schemas, and the columns of each. */
export type Columns = Readonly<Record<string, readonly string[]>>;

/**
 * Every column of MusicBrainz' that this program's statements name; a test renames each in turn. Without one of them
 * audits would fail one after the other, with nobody told why: so `check`, the metrics and a worker's start look first.
 */
export const columnsRead: Columns = {
  'musicbrainz.artist_credit': ['id', 'name'],
  'musicbrainz.deleted_entity': ['gid', 'data'],
  'musicbrainz.edit': ['id', 'type', 'open_time'],
  'musicbrainz.edit_event': ['edit', 'event'],
  'musicbrainz.edit_release': ['edit', 'release'],
  'musicbrainz.event': ['id', 'gid', 'name'],
  'musicbrainz.event_gid_redirect': ['gid', 'new_id'],
  'musicbrainz.event_meta': ['id', 'event_art_presence'],
  'musicbrainz.release': ['id', 'gid', 'name', 'artist_credit'],
  'musicbrainz.release_gid_redirect': ['gid', 'new_id'],
  'musicbrainz.release_meta': ['id', 'cover_art_presence'],
  'cover_art_archive.art_type': ['id', 'name'],
  'cover_art_archive.cover_art': ['id', 'release', 'mime_type'],
  'cover_art_archive.image_type': ['mime_type', 'suffix'],
  'cover_art_archive.index_listing': [
    ...['id', 'release', 'comment', 'edit', 'ordering', 'mime_type'],
    ...['approved', 'is_front', 'is_back', 'types'],
  ],
  'event_art_archive.art_type': ['id', 'name'],
  'event_art_archive.event_art': ['id', 'event', 'mime_type'],
  'event_art_archive.index_listing': [
    ...['id', 'event', 'comment', 'edit', 'ordering', 'mime_type'],
    ...['approved', 'is_front', 'types'],
  ],
};

/** Those that the functions of our triggers name. Without one of them edits at MusicBrainz would fail. */
export const columnsReadByTriggers: Readonly<Record<EntityType, Columns>> = {
  release: {
    'musicbrainz.artist': ['id', 'name', 'sort_name'],
    'musicbrainz.artist_credit_name': ['artist', 'artist_credit'],
    'musicbrainz.release': ['id', 'gid', 'name', 'artist_credit', 'language', 'barcode'],
    'musicbrainz.release_first_release_date': ['release'],
    'musicbrainz.release_meta': ['id', 'amazon_asin'],
    'cover_art_archive.cover_art': ['id', 'release', 'ordering', 'mime_type'],
    'cover_art_archive.cover_art_type': ['id'],
    'cover_art_archive.image_type': ['mime_type', 'suffix'],
  },
  event: {
    'musicbrainz.event': ['id', 'gid', 'name'],
    'cover_art_archive.image_type': ['mime_type', 'suffix'],
    'event_art_archive.event_art': ['id', 'event', 'ordering', 'mime_type'],
    'event_art_archive.event_art_type': ['id'],
  },
};
