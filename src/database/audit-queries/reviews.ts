import { audiencesOf, catalogue, checksFor } from '../../domain/checks/catalogue.ts';
import type { Audience } from '../../domain/checks/check.ts';
import type { EntityKey, EntityType } from '../../domain/entity.ts';
import type { Queryable } from '../connection.ts';
import type { ReviewReason } from '../entity-states/review-reason.ts';
import type { AuditStatus } from './count-by-status.ts';

/** The values of `artwork_reconciler.manual_review_status`. */
export const reviewStatuses = ['open', 'resolved', 'wont_fix'] as const;
export type ReviewStatus = (typeof reviewStatuses)[number];

export interface Review extends EntityKey {
  readonly id: number;
  readonly entityId: number;
  readonly priority: number;
  readonly entityStatus: AuditStatus;
  readonly status: ReviewStatus;
  /** For people: all reasons, a line each. */
  readonly reviewReason: string;
  readonly reasons: readonly ReviewReason[];
  /** Whether something in it came back after a person had called it resolved. */
  readonly regressed: boolean;
  readonly createdAt: Date;
  readonly auditId: number | null;
  readonly resolutionNotes: string | null;
  readonly resolvedAt: Date | null;
  /** Null where an audit found it gone. */
  readonly resolvedBy: string | null;
}

export interface ReviewFilter {
  readonly status?: ReviewStatus;
  readonly entityType?: EntityType;
  readonly entityId?: number;
  readonly gid?: string;
  readonly createdBefore?: Date;
  readonly createdAfter?: Date;
  /** A check among its reasons. */
  readonly check?: string;
  /** Who can act on one of its reasons. */
  readonly audience?: Audience;
  /** A part of the reason's text, in either case. */
  readonly text?: string;
  readonly regressed?: boolean;
  readonly limit: number;
  /** The last review of the page before. */
  readonly afterId?: number;
}

/** The columns of a Review, of a row `review` and its `entity`. */
export const reviewColumns = `
  review.id, review.audit_entity_id as "entityId", entity.entity_type::text as "entityType", entity.gid::text,
  entity.priority, entity.status::text as "entityStatus", review.status::text,
  review.review_reason as "reviewReason", review.reasons, review.regressed, review.created_at as "createdAt",
  review.audit_id as "auditId", review.resolution_notes as "resolutionNotes", review.resolved_at as "resolvedAt",
  review.resolved_by as "resolvedBy"`;

/**
 * The condition that somebody of an audience can act on a row `review`; as `audiencesOf` of the catalogue tells.
 *
 * @param own,known SQL expressions of type text[]: the audience's checks, and for operators the whole catalogue's, else null
 */
export function isForAudience(own: string, known: string): string {
  return `(review.checks && ${own} or ${known} is not null and (
    review.checks = '{}' or not review.checks <@ ${known} or review.reasons @> '[{"check": null}]'))`;
}

/** Who can act on one of a review's reasons; what is no finding of a check is for operators. */
export function audiencesOfReview({ reasons }: Pick<Review, 'reasons'>): readonly Audience[] {
  return audiencesOf(reasons.map(({ check }) => check));
}

/** What `isForAudience` takes for an audience. */
export function checksOfAudience(audience: Audience): { own: readonly string[]; known: readonly string[] | null } {
  return { own: checksFor(audience), known: audience === 'operators' ? catalogue.map(({ name }) => name) : null };
}

/** Reviews that a filter matches, the oldest first. */
export async function listReviews(q: Queryable, filter: ReviewFilter): Promise<readonly Review[]> {
  const { own, known } = filter.audience ? checksOfAudience(filter.audience) : { own: null, known: null };
  const { rows } = await q.query<Review>(
    `select ${reviewColumns}
     from artwork_reconciler.needs_manual_review review
     join artwork_reconciler.audit_entity entity on entity.id = review.audit_entity_id
     where ($1::text is null or review.status = $1::artwork_reconciler.manual_review_status)
       and ($2::text is null or entity.entity_type = $2::artwork_indexer.indexable_entity_type)
       and ($3::bigint is null or review.audit_entity_id = $3)
       and ($4::text is null or review.reasons @> jsonb_build_array(jsonb_build_object('check', $4::text)))
       and ($5::text is null or position(lower($5) in lower(review.review_reason)) > 0)
       and ($6::boolean is null or review.regressed = $6)
       and ($7::bigint is null
            or (review.created_at, review.id) >
               (select last.created_at, last.id from artwork_reconciler.needs_manual_review last where last.id = $7))
       and ($9::uuid is null or entity.gid = $9)
       and ($10::timestamptz is null or review.created_at < $10)
       and ($11::timestamptz is null or review.created_at >= $11)
       and ($12::text[] is null or ${isForAudience('$12::text[]', '$13::text[]')})
     order by review.created_at, review.id
     limit $8`,
    [
      filter.status ?? null,
      filter.entityType ?? null,
      filter.entityId ?? null,
      filter.check ?? null,
      filter.text ?? null,
      filter.regressed ?? null,
      filter.afterId ?? null,
      filter.limit,
      filter.gid ?? null,
      filter.createdBefore ?? null,
      filter.createdAfter ?? null,
      own,
      known,
    ],
  );
  return rows;
}

/** One review, or undefined where there is none of that number. */
export async function readReview(q: Queryable, reviewId: number): Promise<Review | undefined> {
  const { rows } = await q.query<Review>(
    `select ${reviewColumns}
     from artwork_reconciler.needs_manual_review review
     join artwork_reconciler.audit_entity entity on entity.id = review.audit_entity_id
     where review.id = $1`,
    [reviewId],
  );
  return rows[0];
}
