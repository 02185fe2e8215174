import { audiencesOfReview, type Review } from '../../database/audit-queries/index.ts';
import { toSeconds } from '../../wording/moment.ts';
import { oneLine } from '../../wording/one-line.ts';

/** A review as a program reads it. */
export function reviewInJson(review: Review): unknown {
  return {
    id: review.id,
    entity_type: review.entityType,
    gid: review.gid,
    entity_status: review.entityStatus,
    status: review.status,
    regressed: review.regressed,
    audiences: audiencesOfReview(review),
    created: review.createdAt,
    audit: review.auditId,
    reasons: review.reasons.map(({ check, reason, count, examples }) => ({ check, reason, count, examples })),
    resolved_at: review.resolvedAt,
    resolved_by: review.resolvedBy,
    resolution_notes: review.resolutionNotes,
  };
}

/**
 * Reviews of a list as a person reads them, one a line.
 *
 * @param width of the terminal, where lines are cut; null where nothing is cut
 */
export function listedInWords(reviews: readonly Review[], width: number | null): readonly string[] {
  return reviews.map((review) => {
    const { id, status, regressed, createdAt, entityType, gid, reviewReason } = review;
    const marks = regressed ? `${status}, regressed` : status;
    const line = `${id}  ${marks}  ${toSeconds(createdAt)}  ${entityType} ${gid}  ${oneLine(reviewReason)}`;
    return width === null ? line : [...line].slice(0, width).join('');
  });
}

/** Everything of a review, for a person, line by line. */
export function reviewInWords(review: Review): readonly string[] {
  const { resolvedAt, resolvedBy, auditId } = review;
  const by = resolvedBy ?? 'an audit';
  const lines = [
    `review ${review.id}: ${review.status}${review.regressed ? ', regressed: a person had called it resolved' : ''}`,
    `  ${review.entityType} ${review.gid}, which is ${review.entityStatus}`,
    `  opened   ${toSeconds(review.createdAt)}${auditId === null ? '' : `; its reasons are those of audit ${auditId}`}`,
    ...(resolvedAt === null
      ? []
      : [`  closed   ${toSeconds(resolvedAt)} by ${by}: ${oneLine(review.resolutionNotes ?? '')}`]),
  ];
  for (const { reason, count, examples } of review.reasons) {
    lines.push(`  ${oneLine(reason)}`);
    for (const { subject, expected, found } of examples) {
      lines.push(`    ${oneLine(subject)}: expected ${oneLine(expected)}, found ${oneLine(found)}`);
    }
    if (count > examples.length) lines.push(`    … ${count} in all`);
  }
  return lines;
}
