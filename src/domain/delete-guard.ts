/** Who wrote a delete event: MusicBrainz' trigger, an audit's decision, or a person who requeued a failed one. */
export type EventOrigin = 'audit' | 'requeued' | 'trigger';

/** What was seen of an image right before its deletion. */
export interface DeleteFacts {
  readonly origin: EventOrigin;
  /** Whether MusicBrainz lists the image for this very entity. */
  readonly listedHere: boolean;
  /** The entity that MusicBrainz lists the image for, where that is another one. */
  readonly owner: string | null;
  /**
   * What the owner's item has of the image's original; `other_content` is a file of that name that is no copy of the one
   * to be deleted. Null without an owner.
   */
  readonly ownersOriginal: 'dark' | 'held' | 'lacking' | 'missing' | 'other_content' | null;
  /**
   * Whether the owner's item shows its final state: nothing outstanding, not changed and given no copy less than
   * `settle_minutes` ago.
   */
  readonly ownerSettled: boolean;
  /** Whether the archive still has tasks to apply to the owner's item. */
  readonly ownerHasTasks: boolean;
}

export type DeleteVerdict =
  | { readonly kind: 'delete' }
  | { readonly kind: 'fail'; readonly reason: string }
  | { readonly kind: 'wait'; readonly reason: string };

/**
 * Whether an image may be deleted now (life-cycles page, "Guard at delete time"). MusicBrainz' own deletions are the
 * word, and so is a person's: only where another entity owns the image must its copy be seen first.
 */
export function judgeDelete(facts: DeleteFacts): DeleteVerdict {
  const { origin, owner } = facts;
  if (origin === 'trigger') return { kind: 'delete' };
  if (facts.listedHere) return { kind: 'fail', reason: 'MusicBrainz lists the image for this entity (again)' };
  if (owner === null) {
    return origin === 'requeued'
      ? { kind: 'delete' }
      : { kind: 'fail', reason: 'MusicBrainz lists the image for nobody any more: this may be the last copy' };
  }
  if (facts.ownersOriginal === 'held') {
    // A task that is still to be applied may be the deletion of the very copy that was seen.
    return facts.ownerHasTasks ? waitFor(owner, 'has tasks outstanding') : { kind: 'delete' };
  }
  if (!facts.ownerSettled) return waitFor(owner, `does not show the original yet, and has not settled`);
  return {
    kind: 'fail',
    reason: `the item of its owner ${owner} does not hold the original (${facts.ownersOriginal ?? 'not looked at'})`,
  };
}

function waitFor(owner: string, what: string): DeleteVerdict {
  return { kind: 'wait', reason: `the item of its owner ${owner} ${what}` };
}
