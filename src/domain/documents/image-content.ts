import type { Presence } from '../expected-state.ts';

/** What the archive lists of an original's content now; null where it doesn't tell. */
export interface ImageContent {
  readonly md5: string | null;
  readonly sha1: string | null;
  /** Bytes. */
  readonly size: number | null;
}

/** Of nothing the archive tells anything. */
export const unknownContent: ImageContent = { md5: null, sha1: null, size: null };

/**
 * Whether two originals are copies of each other: the listed md5 (or sha1) is the same, and the sizes agree and aren't 0
 * (life-cycles page, "Guard at delete time"). An empty file is a copy of nothing. `unknown` is neither a copy nor none: a
 * name or a size alone says nothing.
 */
export function compareContents(one: ImageContent, other: ImageContent): 'other' | 'same' | 'unknown' {
  if (isEmpty(one) || isEmpty(other)) return 'other';
  const parts = (['md5', 'sha1', 'size'] as const).map((part) => ({ part, one: one[part], other: other[part] }));
  const listed = parts.filter((each) => each.one !== null && each.other !== null);
  if (listed.some((each) => each.one !== each.other)) return 'other';
  const known = listed.map(({ part }) => part);
  return known.includes('size') && (known.includes('md5') || known.includes('sha1')) ? 'same' : 'unknown';
}

/** Whether the archive lists a file of no bytes: whatever its name says, there is no image in it. */
export function isEmpty({ size }: ImageContent): boolean {
  return size === 0;
}

/** Whether enough is listed of a content for a copy of it to be recognized. */
export function isRecognizable(content: ImageContent): boolean {
  return compareContents(content, content) === 'same';
}

/**
 * A content in as few characters as can be, for lists that go through Temporal's history: the sha1 only where no md5 is
 * listed, since one hash and the size tell a copy. The guard at delete time compares all that is listed.
 */
export function writeContent({ md5, sha1, size }: ImageContent): string {
  return [md5 ?? '', (md5 === null && sha1) || '', size ?? ''].join('/');
}

/** The content that {@link writeContent} wrote. Of what an older version wrote (an md5 alone) the size is unknown. */
export function readContent(text: string | null): ImageContent {
  const [md5, sha1, size] = (text ?? '').split('/');
  return { md5: md5 || null, sha1: sha1 || null, size: size ? Number(size) : null };
}

/** The entity that MusicBrainz lists an artwork id for. */
export interface ImageOwner {
  readonly gid: string;
  readonly suffix: string;
  /** Null where MusicBrainz has no flag for it. */
  readonly presence: Presence | null;
}

/** An image of the entity whose original the item lacks. */
export interface MissingImage {
  readonly artworkId: number;
  readonly suffix: string;
}

/** An original on the item whose artwork id MusicBrainz doesn't list for the entity. */
export interface ExtraImage extends ImageContent {
  readonly artworkId: number;
  readonly suffix: string;
  readonly fileName: string;
}

export interface ImagesInQuestion {
  readonly missing: readonly MissingImage[];
  readonly extra: readonly ExtraImage[];
}

/**
 * What was seen of an image's original on another item. `unreadable` is "cannot tell"; `missing` (no such item) is
 * said only once it is confirmed. Its content is known only where it is held, and an empty file is held too.
 */
export interface ImageCopy extends ImageContent {
  /** Whose item was inspected: an owner's, or a merged gid's. */
  readonly gid: string;
  readonly artworkId: number;
  readonly suffix: string;
  readonly seen: 'dark' | 'held' | 'lacking' | 'missing' | 'unreadable';
}

/** What is known about the images in question when a decision is made. */
export interface ImageEvidence extends ImagesInQuestion {
  /** Who owns the extra images; an id that is not in it belongs to nobody. */
  readonly owners: ReadonlyMap<number, ImageOwner>;
  readonly copies: readonly ImageCopy[];
}

/** An original as an audit sees it: whose content is remembered by artwork id and suffix, on whichever item it lies. */
export interface SeenOriginal {
  readonly artworkId: number;
  readonly suffix: string;
  readonly md5: string;
}

/** A content of an image, and the days on which it was seen first and last. ISO dates. */
export interface RememberedContent extends SeenOriginal {
  readonly firstSeen: string;
  readonly lastSeen: string;
}

/** An original with another content than was seen at first. */
export interface ChangedContent extends SeenOriginal {
  /** Since when this content is known. */
  readonly since: string;
  readonly first: Pick<RememberedContent, 'firstSeen' | 'lastSeen' | 'md5'>;
}

/** The md5 that was seen at first of an image, or null. */
export function firstMd5(
  contents: readonly RememberedContent[],
  image: Pick<SeenOriginal, 'artworkId' | 'suffix'>,
): string | null {
  return contentsOf(contents, image)[0]?.md5 ?? null;
}

/**
 * The md5 that stands in for one that isn't listed: null also where audits saw several contents, as the file may have any of
 * them.
 */
export function onlyMd5(
  contents: readonly RememberedContent[],
  image: Pick<SeenOriginal, 'artworkId' | 'suffix'>,
): string | null {
  const own = contentsOf(contents, image);
  return own.length === 1 ? own[0]!.md5 : null;
}

function contentsOf(
  contents: readonly RememberedContent[],
  image: Pick<SeenOriginal, 'artworkId' | 'suffix'>,
): readonly RememberedContent[] {
  return contents.filter(({ artworkId, suffix }) => artworkId === image.artworkId && suffix === image.suffix);
}
