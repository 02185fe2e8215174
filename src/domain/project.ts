import { type EntityType, entityTypes } from './entity.ts';

/** One of the two art archives: what is fixed about the items, documents and addresses of its entities. */
export interface Project {
  readonly name: 'caa' | 'eaa';
  readonly entityType: EntityType;
  /** The item metadata `collection` on archive.org. */
  readonly collection: string;
  /** Where index.json says that an entity's images are; `/{gid}/{id}.{suffix}` follows. */
  readonly imageUrl: string;
  /** Where index.json says that the entity is; `/{gid}` follows. */
  readonly entityUrl: string;
  /** The `inc` of the web service request whose answer is kept as mb_metadata.xml. */
  readonly webServiceInc: string;
  /** Only the release view of MusicBrainz tells what the back cover is. */
  readonly hasBack: boolean;
}

export const projects: Readonly<Record<EntityType, Project>> = {
  release: {
    name: 'caa',
    entityType: 'release',
    collection: 'coverartarchive',
    imageUrl: 'https://coverartarchive.org/release',
    entityUrl: 'https://musicbrainz.org/release',
    webServiceInc: 'artists',
    hasBack: true,
  },
  event: {
    name: 'eaa',
    entityType: 'event',
    collection: 'eventartarchive',
    imageUrl: 'https://eventartarchive.org/event',
    entityUrl: 'https://musicbrainz.org/event',
    webServiceInc: 'artist-rels+place-rels',
    hasBack: false,
  },
};

export const projectNames: readonly Project['name'][] = entityTypes.map((entityType) => projects[entityType].name);
