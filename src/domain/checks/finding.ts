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

/** How much a policy decides: a person first, then repairs, then a person last; what is only reported decides nothing. */
function strength(policy: Policy): number {
  if (policy === 'review') return 3;
  if (isRepair(policy)) return 2;
  return policy === 'review_last' ? 1 : 0;
}

/** The stronger policy first. */
export function byStrength(left: { readonly policy: Policy }, right: { readonly policy: Policy }): number {
  return strength(right.policy) - strength(left.policy);
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

/** The differences of one check that lead to the same. */
export interface FindingPart {
  readonly policy: Policy;
  readonly count: number;
  /**
   * A hash of check, artwork ids, md5s and expected values: what a person judged when they said `wont_fix`. Of each part
   * for itself, so that letting images stand that nobody has doesn't drop the repairs of others.
   */
  readonly evidence: string;
}

/** An example in a finding, with what it leads to itself. */
interface FoundExample extends Example {
  readonly policy: Policy;
}

/**
 * All differences of one check, grouped: an item of 1,000 images has findings as short as one of 3. Some of them may be
 * repaired where others need a person; the finding's own policy is the strongest of theirs.
 */
export interface Finding {
  readonly check: string;
  readonly policy: Policy;
  readonly count: number;
  /** A few of each part, the strongest part's first; each text cut to a length that a history can hold. */
  readonly examples: readonly FoundExample[];
  /** The strongest first; each of another policy, as long as nobody said `wont_fix` and all repairs took. */
  readonly parts: readonly [FindingPart, ...FindingPart[]];
}

/** The same finding, its parts leading to something else. */
export function withPolicies(finding: Finding, policyOf: (part: FindingPart) => Policy): Finding {
  const changed = new Map(finding.parts.map((part) => [part.policy, policyOf(part)]));
  const ofParts = finding.parts.map((part) => ({ ...part, policy: policyOf(part) }));
  const parts = ofParts.sort(byStrength) as [FindingPart, ...FindingPart[]];
  return {
    ...finding,
    policy: parts[0].policy,
    examples: finding.examples
      .map((example) => ({ ...example, policy: changed.get(example.policy) ?? example.policy }))
      .sort(byStrength),
    parts,
  };
}

/** A finding as versions before parts wrote and passed it: of several policies each was a finding of its own. */
export type FormerFinding = Omit<Finding, 'parts'> & Pick<FindingPart, 'evidence'>;

/** A finding with its parts, also where an audit was begun by such a version, and continues with this one. */
export function inParts(finding: Finding | FormerFinding): Finding {
  if ('parts' in finding) return finding;
  const { evidence, ...rest } = finding;
  const examples = rest.examples.map((example) => ({ ...example, policy: rest.policy }));
  return { ...rest, examples, parts: [{ policy: rest.policy, count: rest.count, evidence }] };
}
