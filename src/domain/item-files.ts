import type { ExpectedState } from './expected-state.ts';
import { originalFileName, parseOriginalFileName } from './file-names.ts';
import type { ExtraImage, ImagesInQuestion, MissingImage } from './image-copy.ts';
import type { ObservedFile, ObservedItem } from './observed-item.ts';

/** A present item's files, looked up by name and by artwork id. */
export interface ItemFiles {
  readonly all: readonly ObservedFile[];
  readonly byName: ReadonlyMap<string, ObservedFile>;
  /** Every original image of the entity's item, as the archive lists them. */
  readonly originals: readonly ExtraImage[];
}

export function itemFiles(gid: string, files: readonly ObservedFile[]): ItemFiles {
  const originals = files.flatMap((file) => {
    const named = file.source === 'original' ? parseOriginalFileName(gid, file.name) : null;
    return named === null ? [] : [{ ...named, fileName: file.name, md5: file.md5 }];
  });
  return { all: files, byName: new Map(files.map((file) => [file.name, file])), originals };
}

/** Whether an item holds the original of an image. Only the archive's word `original` counts, not a name alone. */
export function findOriginal(item: ObservedItem, gid: string, artworkId: number, suffix: string): ObservedFile | null {
  if (item.kind !== 'present') return null;
  const name = originalFileName(gid, artworkId, suffix);
  return item.files.find((file) => file.name === name && file.source === 'original') ?? null;
}

/**
 * Whether two originals of one name are certainly not the same file, and so neither a copy of the other: both contents
 * are known, and differ.
 */
export function isOtherContent(one: Pick<ObservedFile, 'md5'>, other: Pick<ObservedFile, 'md5'>): boolean {
  return one.md5 !== null && other.md5 !== null && one.md5 !== other.md5;
}

/**
 * The images whose fate other items decide: those of the entity that its item lacks, and the originals on the item
 * whose artwork id is not the entity's. A missing item lacks every image; of a dark one nothing can be told.
 */
export function imagesInQuestion(expected: ExpectedState, item: ObservedItem): ImagesInQuestion {
  if (item.kind === 'dark') return { missing: [], extra: [] };
  const { gid } = expected.key;
  const { byName, originals } = itemFiles(gid, item.kind === 'present' ? item.files : []);
  const known = new Set(expected.images.map(({ id }) => id));
  const missing: MissingImage[] = expected.images
    .filter(({ id, suffix }) => byName.get(originalFileName(gid, id, suffix))?.source !== 'original')
    .map(({ id, suffix }) => ({ artworkId: id, suffix }));
  return { missing, extra: originals.filter(({ artworkId }) => !known.has(artworkId)) };
}
