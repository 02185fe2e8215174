/** What the archive lists of an original's content now; null where it doesn't tell. */
export interface ImageContent {
  readonly md5: string | null;
  readonly sha1: string | null;
  /** Bytes. */
  readonly size: number | null;
}

/** Of nothing the archive tells anything. */
export const untoldContent: ImageContent = { md5: null, sha1: null, size: null };

/**
 * Whether two originals are copies of each other: the listed md5 (or sha1) is the same, and the sizes agree and aren't 0
 * (life-cycles page, "Guard at delete time"). An empty file is a copy of nothing. `untold` is neither a copy nor none: a
 * name or a size alone tell nothing.
 */
export function compareContents(one: ImageContent, other: ImageContent): 'other' | 'same' | 'untold' {
  if (isEmpty(one) || isEmpty(other)) return 'other';
  const parts = (['md5', 'sha1', 'size'] as const).map((part) => ({ part, one: one[part], other: other[part] }));
  const listed = parts.filter((each) => each.one !== null && each.other !== null);
  if (listed.some((each) => each.one !== each.other)) return 'other';
  const told = listed.map(({ part }) => part);
  return told.includes('size') && (told.includes('md5') || told.includes('sha1')) ? 'same' : 'untold';
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

/** The content that {@link writeContent} wrote. Of what an older version wrote (an md5 alone) no size is told. */
export function readContent(text: string | null): ImageContent {
  const [md5, sha1, size] = (text ?? '').split('/');
  return { md5: md5 || null, sha1: sha1 || null, size: size ? Number(size) : null };
}
