import { itemName, thumbnailFileName, thumbnailSizes } from './documents/file-names.ts';
import type { EntityKey, EntityType } from './entity.ts';

/**
 * Where people see entities, items and art, as the configuration says; in a trial these are the simulator's. What stands in
 * index.json is none of this: there the public addresses are part of the document (`Project`).
 */
export interface Sites {
  readonly musicbrainz: { readonly url: string };
  readonly archive: {
    readonly url: string;
    /** Of the Cover Art Archive, and of the Event Art Archive. */
    readonly caaUrl: string;
    readonly eaaUrl: string;
  };
}

/** The entity's page at MusicBrainz. */
export function entityAddress({ musicbrainz }: Sites, { entityType, gid }: EntityKey): string {
  return `${root(musicbrainz.url)}/${entityType}/${gid}`;
}

/** The page of the entity's item at the archive. */
export function itemAddress({ archive }: Sites, gid: string): string {
  return `${root(archive.url)}/details/${itemName(gid)}`;
}

/** A file of the entity's item, from whichever node the archive sends a browser on to. */
export function fileAddress({ archive }: Sites, gid: string, fileName: string): string {
  return `${root(archive.url)}/download/${itemName(gid)}/${encodeURIComponent(fileName)}`;
}

/** The older versions of the files of the entity's item, as the archive keeps them. */
export function historyAddress({ archive }: Sites, gid: string): string {
  return `${root(archive.url)}/download/${itemName(gid)}/history/files/`;
}

/** An edit at MusicBrainz. */
export function editAddress({ musicbrainz }: Sites, edit: number): string {
  return `${root(musicbrainz.url)}/edit/${edit}`;
}

/** All edits of an entity at MusicBrainz. */
export function editsAddress(sites: Sites, key: EntityKey): string {
  return `${entityAddress(sites, key)}/edits`;
}

/** The entity's art as the public gets it. */
export function artAddress({ archive }: Sites, { entityType, gid }: EntityKey): string {
  const sites: Readonly<Record<EntityType, string>> = { release: archive.caaUrl, event: archive.eaaUrl };
  return `${root(sites[entityType])}/${entityType}/${gid}`;
}

/** The front of an entity's art, 250 pixels wide, as the public gets it. There may be none. */
export function frontAddress(sites: Sites, key: EntityKey): string {
  return `${artAddress(sites, key)}/front-250`;
}

/** The smallest thumbnail that the archive has made of an image on an entity's item. */
export function thumbnailAddress(sites: Sites, gid: string, artworkId: number): string {
  return fileAddress(sites, gid, thumbnailFileName(gid, artworkId, thumbnailSizes[0]));
}

function root(url: string): string {
  return url.replace(/\/+$/, '');
}
