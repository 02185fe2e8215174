import type { Example, Finding, FindingPart } from './checks/finding.ts';

/** One reason for a person to look: a finding, or something else that needs one. */
export interface ReviewReason {
  /** Null where it is not a finding: repairs that failed for good, an audit that could never be made. */
  readonly check: string | null;
  /** For people: one sentence that stands alone. */
  readonly reason: string;
  readonly count: number;
  /** Null where it is not a finding: then there is nothing that a person could let stand. */
  readonly evidence: string | null;
  readonly examples: readonly Example[];
}

/**
 * A part of a finding as a reason, in words that name its first example.
 *
 * @param triesInVain repairs after which it is still there, where that is why a person is asked
 */
export function partAsReason({ check, examples }: Finding, part: FindingPart, triesInVain = 0): ReviewReason {
  const { count, evidence } = part;
  const ofPart = examples.filter(({ policy }) => policy === part.policy);
  const [first] = ofPart;
  const what = first === undefined ? '' : `: ${first.subject}: expected ${first.expected}, found ${first.found}`;
  const stubborn = triesInVain > 0 ? `; repairs don’t take, it is still there after ${triesInVain}` : '';
  const reason = `${check}${count > 1 ? ` (${count})` : ''}${what}${stubborn}`;
  return { check, reason, count, evidence, examples: ofPart };
}
