/** Names of an item's files. See domain page internet-archive.md, "Files of an item". */

/** The item (and S3 bucket) of an entity. */
export function itemName(gid: string): string {
  return `mbid-${gid}`;
}

export const indexFileName = 'index.json';

export function xmlFileName(gid: string): string {
  return `mbid-${gid}_mb_metadata.xml`;
}

export function originalFileName(gid: string, artworkId: number, suffix: string): string {
  return `mbid-${gid}-${artworkId}.${suffix}`;
}

/** The sizes in pixels that the archive derives for each image. */
export const thumbnailSizes = [250, 500, 1200] as const;

export function thumbnailFileName(gid: string, artworkId: number, size: number): string {
  return `mbid-${gid}-${artworkId}_thumb${size}.jpg`;
}

/** The suffixes of `cover_art_archive.image_type`, the only ones an original has. */
export const imageSuffixes = ['jpg', 'png', 'gif', 'pdf'] as const;
export type ImageSuffix = (typeof imageSuffixes)[number];

export function isImageSuffix(text: unknown): text is ImageSuffix {
  return imageSuffixes.some((suffix) => suffix === text);
}

/** The artwork id and suffix in the name of an original of an entity's item, or null where it is no such name. */
export function parseOriginalFileName(gid: string, name: string): { artworkId: number; suffix: ImageSuffix } | null {
  const prefix = `${itemName(gid)}-`;
  if (!name.startsWith(prefix)) return null;
  const [, id, suffix] = /^([1-9][0-9]*)\.([a-z]+)$/.exec(name.slice(prefix.length)) ?? [];
  const artworkId = Number(id);
  return Number.isSafeInteger(artworkId) && isImageSuffix(suffix) ? { artworkId, suffix } : null;
}

/** The artwork id in the name of a derivative or log of an entity's item, e.g. `_thumb250.jpg`, `.jpg_meta.txt`. */
export function artworkIdInName(gid: string, name: string): number | null {
  const prefix = `${itemName(gid)}-`;
  const id = name.startsWith(prefix) ? /^([1-9][0-9]*)[._]/.exec(name.slice(prefix.length))?.[1] : undefined;
  return id !== undefined && Number.isSafeInteger(Number(id)) ? Number(id) : null;
}

const ownSuffixes = ['_meta.xml', '_files.xml', '_meta.sqlite', '_archive.torrent', '_reviews.xml'];

/** Whether the archive keeps a file on its own account: every item has some of these, and nobody outside can remove them. */
export function isArchivesOwnFile(gid: string, name: string): boolean {
  if (name === '__ia_thumb.jpg' || name.startsWith('history/')) return true;
  return ownSuffixes.some((suffix) => name === `${itemName(gid)}${suffix}`);
}

/** Whether a file is the archive's log of an upload, which it keeps beside the file: `…-1234.jpg_meta.txt`. */
export function isUploadLog(name: string): boolean {
  return name.endsWith('_meta.txt');
}

/** Whether a file is an older index.json, kept because of `x-archive-keep-old-version`. */
export function isOldIndex(name: string): boolean {
  return /^history\/(files\/)?index\.json(\.~\d+~)?$/.test(name);
}
