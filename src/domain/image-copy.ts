import type { Presence } from './expected-state.ts';
import type { ImageContent } from './image-content.ts';

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
 * said only once it is confirmed. Its content is told only where it is held, and an empty file is held too.
 */
export interface ImageCopy extends ImageContent {
  /** Whose item was looked at: an owner's, or a merged gid's. */
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
