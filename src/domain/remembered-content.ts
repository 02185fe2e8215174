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
  const first = contents.find(({ artworkId, suffix }) => artworkId === image.artworkId && suffix === image.suffix);
  return first?.md5 ?? null;
}
