import type { Example, Finding } from '../../domain/finding.ts';

/** One reason of a review as `needs_manual_review.reasons` holds it: a finding, or something else that needs a person. */
export interface ReviewReason {
  /** Null where it is not a finding: repairs that failed for good, an audit that could never be made. */
  readonly check: string | null;
  /** For people. */
  readonly reason: string;
  readonly count: number;
  /** Null where it is not a finding: then there is nothing that a person could let stand. */
  readonly evidence: string | null;
  readonly examples: readonly Example[];
}

/** A finding as a reason, in words that name its first example. */
export function findingAsReason(finding: Finding): ReviewReason {
  const [first] = finding.examples;
  const example = first ? ` (${first.subject}: expected ${first.expected}, found ${first.found})` : '';
  const count = finding.count > 1 ? ` ×${finding.count}` : '';
  return {
    check: finding.check,
    reason: `${finding.check}${count}${example}`,
    count: finding.count,
    evidence: finding.evidence,
    examples: finding.examples,
  };
}

/** What `review_reason` says: all reasons, a line each. */
export function reasonsInWords(reasons: readonly ReviewReason[]): string {
  return reasons.map(({ reason }) => reason).join('\n');
}
