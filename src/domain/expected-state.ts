import type { EntityKey, Identity } from './entity.ts';

/** An image as MusicBrainz lists it: a row of `index_listing`. */
export interface ExpectedImage {
  /** The artwork id; exceeds 32 bits, never 53. */
  readonly id: number;
  readonly suffix: string;
  readonly approved: boolean;
  readonly isFront: boolean;
  /** Null for events, whose view does not tell. */
  readonly isBack: boolean | null;
  readonly comment: string;
  readonly edit: number;
  /** In the order of `art_type.id`, as index.json is written; compared as a set. */
  readonly types: readonly string[];
}

export type Presence = 'absent' | 'darkened' | 'present';

/** What MusicBrainz says should be at the archive for one gid. */
export interface ExpectedState {
  readonly key: EntityKey;
  readonly identity: Identity;
  /** The gid that a merged gid redirects to, else null. */
  readonly mergedInto: string | null;
  /** The gids that were merged into this entity, sorted. */
  readonly mergedFrom: readonly string[];
  /** Null where the entity has no row (an orphan). */
  readonly presence: Presence | null;
  /** In MusicBrainz' order; empty for an orphan. */
  readonly images: readonly ExpectedImage[];
}
