import type { Example, Finding } from './finding.ts';

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
 * A finding as a reason, in words that name its first example.
 *
 * @param triesInVain repairs after which it is still there, where that is why a person is asked
 */
export function findingAsReason({ check, count, evidence, examples }: Finding, triesInVain = 0): ReviewReason {
  const [first] = examples;
  const what = first === undefined ? '' : `: ${first.subject}: expected ${first.expected}, found ${first.found}`;
  const stubborn = triesInVain > 0 ? `; repairs don’t take, it is still there after ${triesInVain}` : '';
  return { check, reason: `${check}${count > 1 ? ` (${count})` : ''}${what}${stubborn}`, count, evidence, examples };
}
