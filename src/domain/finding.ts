/**
 * What a finding leads to. Repairs are named after the event they queue; the rest is explained in the catalogue page:
 * `review` holds all repairs back, `review_last` only counts once nothing is left to repair, `report` is recorded and
 * decides nothing, `ignore` is not even recorded.
 */
export const policies = [
  'index',
  'delete_image',
  'copy_image',
  'deindex',
  'review',
  'review_last',
  'report',
  'ignore',
] as const;
export type Policy = (typeof policies)[number];

/** Whether what it leads to is mended by events that are queued. */
export function isRepair(policy: Policy): boolean {
  return policy === 'index' || policy === 'delete_image' || policy === 'copy_image' || policy === 'deindex';
}

/** One thing that differs, in words for people: where, what MusicBrainz says should be there, what the archive has. */
export interface Example {
  /** A file, an image or a field, e.g. `image 1234: comment`. */
  readonly subject: string;
  readonly expected: string;
  readonly found: string;
}

/**
 * One difference as a check reports it. Plain data: it goes through Temporal's history only grouped, as a Finding.
 */
export interface Difference extends Example {
  /** A name of the catalogue. */
  readonly check: string;
  /** The images it is about; part of a finding's evidence, and whole even where examples are cut. */
  readonly artworkId?: number;
  /** The md5 of what was found, where it is an image's or a leftover's; part of the evidence. */
  readonly md5?: string;
  /**
   * What this one leads to, where the catalogue makes that depend on more than the check: an image is copied where it
   * is seen somewhere, and else needs a person. A policy that an operator set goes before it, `report` apart.
   */
  readonly policy?: Policy;
}

/**
 * All differences of one check that lead to the same, grouped: an item of 1,000 images has findings as short as one
 * of 3. A check has two findings where some of its differences can be repaired and others need a person.
 */
export interface Finding {
  readonly check: string;
  readonly policy: Policy;
  readonly count: number;
  /** A few of them, each text cut to a length that a history can hold. */
  readonly examples: readonly Example[];
  /** A hash of check, artwork ids, md5s and expected values: what a person judged when they said `wont_fix`. */
  readonly evidence: string;
}
