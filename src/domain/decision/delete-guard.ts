/**
 * Who wrote a delete event: an audit's decision, also where it was requeued; MusicBrainz' trigger; or a trigger's that a
 * person requeued.
 */
export type EventOrigin = 'audit' | 'requeued' | 'trigger';

/** What was seen of an image right before its deletion. */
export interface DeleteFacts {
  readonly origin: EventOrigin;
  /** Whether MusicBrainz lists the image for this very entity. */
  readonly listedHere: boolean;
  /** The entity that MusicBrainz lists the image for, where that is another one. */
  readonly owner: string | null;
  /**
   * Whether the item certainly lacks the file, and gets no copy of it just now. False also where it was not looked for: a
   * trigger's deletion of what MusicBrainz lists for nobody is its word.
   */
  readonly isGone: boolean;
  /**
   * What the owner's item has of the image's original; `other_content` is a file of that name that is no copy of the one
   * to be deleted, `unknown_content` one of which that is unknown. Null where it was not read.
   */
  readonly ownersOriginal: 'dark' | 'held' | 'lacking' | 'missing' | 'other_content' | 'unknown_content' | null;
  /**
   * Whether the owner's item shows its final state: nothing outstanding, no copy of the image to it open, not changed and
   * given no copy less than `settle_minutes` ago.
   */
  readonly ownerSettled: boolean;
  /** Whether the archive still has tasks to apply to the owner's item. */
  readonly ownerHasTasks: boolean;
}

export type DeleteVerdict =
  | { readonly kind: 'delete' }
  /** Nothing is to be sent, and what depends on the event may continue. */
  | { readonly kind: 'done' }
  | { readonly kind: 'fail'; readonly reason: string }
  | { readonly kind: 'wait'; readonly reason: string };

/**
 * Whether an image may be deleted now (life-cycles page, "Guard at delete time"). That MusicBrainz has deleted an image is
 * the word; where another entity owns it, its copy must be seen first, whoever asks.
 */
export function judgeDelete(facts: DeleteFacts): DeleteVerdict {
  const { origin, owner } = facts;
  if (facts.listedHere) {
    // Moved away and back before this came to its turn: the image stays, and the index that follows says so.
    if (origin !== 'audit') return { kind: 'done' };
    return { kind: 'fail', reason: 'MusicBrainz lists the image for this entity (again)' };
  }
  if (facts.isGone) return { kind: 'delete' };
  if (owner === null) {
    return origin === 'audit'
      ? { kind: 'fail', reason: 'MusicBrainz lists the image for nobody any more: this may be the last copy' }
      : { kind: 'delete' };
  }
  if (facts.ownersOriginal === 'held') {
    // A task that is still to be applied may be the deletion of the very copy that was seen.
    return facts.ownerHasTasks ? waitFor(owner, 'has tasks outstanding') : { kind: 'delete' };
  }
  if (!facts.ownerSettled) return waitFor(owner, `does not show the original yet, and has not settled`);
  return {
    kind: 'fail',
    reason: `the item of its owner ${owner} does not hold the original (${facts.ownersOriginal ?? 'not read'})`,
  };
}

function waitFor(owner: string, what: string): DeleteVerdict {
  return { kind: 'wait', reason: `the item of its owner ${owner} ${what}` };
}
