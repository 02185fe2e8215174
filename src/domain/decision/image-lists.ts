import { originalFileName } from '../documents/file-names.ts';
import {
  type ExtraImage,
  type ImageContent,
  type ImageCopy,
  type ImagesInQuestion,
  readContent,
  unknownContent,
  writeContent,
} from '../documents/image-content.ts';

/*
 * Lists of images as they pass through Temporal's history. After the merge of a box set a thousand of them are in
 * question at once: as objects of their own they are 250 bytes each, so, little more than their ids and hashes.
 */

/** Artwork ids by suffix. */
export type ImageIds = Readonly<Record<string, readonly number[]>>;

/** The content of each original, as `writeContent` writes it, by suffix and artwork id. */
export type ImageContents = Readonly<Record<string, Readonly<Record<string, string | null>>>>;

/** {@link ImagesInQuestion}, listed. */
export interface ListedImages {
  readonly missing: ImageIds;
  readonly extra: ImageContents;
}

/** An item to inspect for copies of images: an owner's, or that of a gid merged into the entity. */
export interface ItemToInspect {
  readonly gid: string;
  /** For which; a word where it is for all that are. */
  readonly images: ImageIds | 'extra' | 'missing';
}

/** The same with the images named. */
export interface CopyQuestion {
  readonly gid: string;
  readonly images: ImageIds;
}

/** What was found there: an image that was asked for and is not in `held` is not on it. */
export interface CopyAnswer {
  readonly item: 'dark' | 'missing' | 'present';
  readonly held: ImageContents;
}

export function listImages({ missing, extra }: ImagesInQuestion): ListedImages {
  return { missing: listIds(missing), extra: listContents(extra) };
}

export function listIds(images: readonly { readonly artworkId: number; readonly suffix: string }[]): ImageIds {
  const listed: Record<string, number[]> = {};
  for (const { artworkId, suffix } of images) (listed[suffix] ??= []).push(artworkId);
  return listed;
}

export function listContents(
  images: readonly (ImageContent & { readonly artworkId: number; readonly suffix: string })[],
): ImageContents {
  const listed: Record<string, Record<string, string>> = {};
  for (const image of images) (listed[image.suffix] ??= {})[image.artworkId] = writeContent(image);
  return listed;
}

/** The ids alone of listed contents. */
export function idsOf(contents: ImageContents): ImageIds {
  return Object.fromEntries(
    Object.entries(contents).map(([suffix, images]) => [suffix, Object.keys(images).map(Number)]),
  );
}

export function questionAbout({ gid, images }: ItemToInspect, { missing, extra }: ListedImages): CopyQuestion {
  if (images === 'missing') return { gid, images: missing };
  return { gid, images: images === 'extra' ? idsOf(extra) : images };
}

/** Whole again; the names of files follow from the entity's gid. */
export function unlistImages(gid: string, { missing, extra }: ListedImages): ImagesInQuestion {
  return { missing: unlistIds(missing), extra: unlistExtra(gid, extra) };
}

export function unlistIds(listed: ImageIds): { artworkId: number; suffix: string }[] {
  return Object.entries(listed).flatMap(([suffix, ids]) => ids.map((artworkId) => ({ artworkId, suffix })));
}

function unlistExtra(gid: string, listed: ImageContents): ExtraImage[] {
  return unlistIds(idsOf(listed)).map(({ artworkId, suffix }) => {
    const content = readContent(listed[suffix]?.[artworkId] ?? null);
    return { artworkId, suffix, fileName: originalFileName(gid, artworkId, suffix), ...content };
  });
}

/** What an answer says of each image that was asked for. */
export function unlistCopies({ gid, images }: CopyQuestion, { item, held }: CopyAnswer): ImageCopy[] {
  return unlistIds(images).map(({ artworkId, suffix }) => {
    if (item !== 'present') return { gid, artworkId, suffix, seen: item, ...unknownContent };
    const content = held[suffix]?.[artworkId];
    const seen = content === undefined ? 'lacking' : 'held';
    return { gid, artworkId, suffix, seen, ...readContent(content ?? null) };
  });
}
