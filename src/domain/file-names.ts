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
