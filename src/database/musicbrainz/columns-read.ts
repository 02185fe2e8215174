import { byEntityType, type EntityType, entityTypes, projects } from '../../domain/entity.ts';
import { imageTypeTable } from './art-tables.ts';

/** Relations with their schemas, and the columns of each. */
export type Columns = Readonly<Record<string, readonly string[]>>;

/**
 * Every column of MusicBrainz' that this program's statements name; a test renames each in turn. Without one of them
 * audits would fail one after the other, with nobody knowing why: so `check`, the metrics and a worker's start look first.
 */
export const columnsRead: Columns = {
  'musicbrainz.artist_credit': ['id', 'name'],
  'musicbrainz.deleted_entity': ['gid', 'data'],
  'musicbrainz.edit': ['id', 'type', 'open_time', 'close_time'],
  [imageTypeTable]: ['mime_type', 'suffix'],
  ...Object.fromEntries(entityTypes.flatMap(columnsOf)),
};

function columnsOf(entityType: EntityType): [relation: string, columns: readonly string[]][] {
  const { hasBack, tables } = projects[entityType];
  const { entityColumn } = tables;
  return [
    [tables.editLink, ['edit', entityColumn]],
    [tables.entity, ['id', 'gid', 'name', ...(tables.credit === null ? [] : [tables.credit])]],
    [tables.redirect, ['gid', 'new_id']],
    [tables.meta, ['id', tables.presence]],
    [tables.artType, ['id', 'name']],
    [tables.art, ['id', entityColumn, 'mime_type']],
    [
      tables.listing,
      [
        ...['id', entityColumn, 'comment', 'edit', 'ordering', 'mime_type'],
        ...['approved', 'is_front', ...(hasBack ? ['is_back'] : []), 'types'],
      ],
    ],
  ];
}

const { release, event } = byEntityType((entityType) => projects[entityType].tables);

/** Those that the functions of our triggers name. Without one of them edits at MusicBrainz would fail. */
export const columnsReadByTriggers: Readonly<Record<EntityType, Columns>> = {
  release: {
    'musicbrainz.artist': ['id', 'name', 'sort_name'],
    'musicbrainz.artist_credit_name': ['artist', 'artist_credit'],
    [release.entity]: ['id', 'gid', 'name', 'artist_credit', 'language', 'barcode'],
    'musicbrainz.release_first_release_date': [release.entityColumn],
    [release.meta]: ['id', 'amazon_asin'],
    [release.art]: ['id', release.entityColumn, 'ordering', 'mime_type'],
    [`${release.art}_type`]: ['id'],
    [imageTypeTable]: ['mime_type', 'suffix'],
  },
  event: {
    [event.entity]: ['id', 'gid', 'name'],
    [imageTypeTable]: ['mime_type', 'suffix'],
    [event.art]: ['id', event.entityColumn, 'ordering', 'mime_type'],
    [`${event.art}_type`]: ['id'],
  },
};
