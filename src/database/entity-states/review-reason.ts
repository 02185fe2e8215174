import type { ReviewReason } from '../../domain/review-reason.ts';

export { partAsReason, type ReviewReason } from '../../domain/review-reason.ts';

/** What `review_reason` says: all reasons, a line each. */
export function reasonsInWords(reasons: readonly ReviewReason[]): string {
  return reasons.map(({ reason }) => reason).join('\n');
}
