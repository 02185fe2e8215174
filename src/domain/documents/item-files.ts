import type { ExpectedState } from '../expected-state.ts';
import type { ObservedFile, ObservedItem } from './observed-item.ts';
import {
  artworkIdInName,
  indexFileName,
  isArchivesOwnFile,
  isUploadLog,
  originalFileName,
  parseOriginalFileName,
  xmlFileName,
} from './file-names.ts';
import type { ExtraImage, ImageContent, ImagesInQuestion, MissingImage } from './image-content.ts';

/** A present item's files, looked up by name and by artwork id. */
export interface ItemFiles {
  readonly all: readonly ObservedFile[];
  readonly byName: ReadonlyMap<string, ObservedFile>;
  /** Every original image of the entity's item, as the archive lists them. */
  readonly originals: readonly ExtraImage[];
  /** Their artwork ids. */
  readonly originalIds: ReadonlySet<number>;
}

export function itemFiles(gid: string, files: readonly ObservedFile[]): ItemFiles {
  const originals = files.flatMap((file) => {
    const named = file.source === 'original' ? parseOriginalFileName(gid, file.name) : null;
    return named === null ? [] : [{ ...named, fileName: file.name, ...contentOf(file) }];
  });
  return {
    all: files,
    byName: new Map(files.map((file) => [file.name, file])),
    originals,
    originalIds: new Set(originals.map(({ artworkId }) => artworkId)),
  };
}

/**
 * Whether a file came neither from the indexer nor from the archive: `cover.jpg`, `…-1234.JPG`, `…-1234-front.jpg`. It may
 * be an original, and no indexer event could name it.
 *
 * A derivative counts as one only where the archive says of what. A file that has an image's name without being listed
 * as `original` is nothing to go by on a live entity's item, and may be the last copy on an orphan's.
 */
export function isUnknownFile({ key: { gid }, identity }: ExpectedState, file: ObservedFile): boolean {
  const { name, source } = file;
  if (isArchivesOwnFile(gid, name) || name === indexFileName || name === xmlFileName(gid)) return false;
  if (source === 'metadata' || isUploadLog(name)) return false;
  if (source === 'derivative' && file.original !== null && file.original !== '') return false;
  if (parseOriginalFileName(gid, name) === null) return true;
  return source !== 'original' && identity !== 'live';
}

/** The artwork id in the name of a derivative or log, or else of the file that it was made from; null where in neither. */
export function artworkIdOf(gid: string, { name, original }: ObservedFile): number | null {
  return artworkIdInName(gid, name) ?? (original === null ? null : artworkIdInName(gid, original));
}

/** Whether what a derivative or log was made from is still on the item: it goes when that goes. */
export function isOriginalThere(gid: string, files: ItemFiles, file: ObservedFile): boolean {
  const artworkId = artworkIdOf(gid, file);
  if (artworkId !== null && files.originalIds.has(artworkId)) return true;
  // A derivative may be made from another one: page texts from page images from a PDF.
  let from = file.original ?? file.name.replace(/_meta\.txt$/, '');
  for (const passed = new Set([file.name]); !passed.has(from);) {
    passed.add(from);
    const parent = files.byName.get(from);
    if (parent === undefined) return false;
    if (parent.source === 'original') return true;
    from = parent.original ?? from;
  }
  return false;
}

function contentOf({ md5, sha1, size }: ImageContent): ImageContent {
  return { md5, sha1, size };
}

/** Whether an item holds the original of an image. Only the archive's word `original` counts, not a name alone. */
export function findOriginal(item: ObservedItem, gid: string, artworkId: number, suffix: string): ObservedFile | null {
  if (item.kind !== 'present') return null;
  const name = originalFileName(gid, artworkId, suffix);
  return item.files.find((file) => file.name === name && file.source === 'original') ?? null;
}

/** The newest of the older versions of a file that the archive has kept (`x-archive-keep-old-version`), or null. */
export function findOldVersion(item: ObservedItem, name: string): ObservedFile | null {
  if (item.kind !== 'present') return null;
  const prefix = `history/files/${name}.~`;
  const version = (file: ObservedFile): number => Number(/^(\d+)~$/.exec(file.name.slice(prefix.length))?.[1] ?? 0);
  const versions = item.files.filter((file) => file.name.startsWith(prefix) && version(file) > 0);
  return versions.reduce<ObservedFile | null>(
    (newest, file) => (newest === null || version(file) > version(newest) ? file : newest),
    null,
  );
}

/**
 * The images about which other items decide: those of the entity that its item lacks, and the originals on the item
 * whose artwork id is not the entity's. A missing item lacks every image; what a dark one holds is unknown. An empty
 * original is not lacking: nothing is copied over it (`imageEmpty`).
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
