import sql, { raw, type Sql } from 'sql-template-tag';
import { audiencesOf, catalogue, checksFor } from '../../domain/checks/catalogue.ts';
import type { Audience } from '../../domain/checks/check.ts';
import type { ReviewReason } from '../../domain/decision/review-reason.ts';
import type { EntityKey } from '../../domain/entity.ts';
import type { Queryable } from '../connection.ts';
import type { EntityName } from '../musicbrainz/entity-kinds.ts';
import type { HandOver } from '../entities/hand-over.ts';
import type { AuditStatus } from '../entities/count-by-status.ts';

/** The values of `artwork_reconciler.manual_review_status`. */
export const reviewStatuses = ['open', 'resolved', 'wont_fix'] as const;
export type ReviewStatus = (typeof reviewStatuses)[number];

/** Written out, not a parameter, as the indexes have it; nothing but these reaches a statement's text. */
export function hasReviewStatus(status: ReviewStatus): string {
  return `review.status = '${literals[status]}'`;
}

/** Whether a row `review` is out of the list of those that are open, as others see to it. */
const isHandedOver = `(review.status = 'open' and exists (
  select from artwork_reconciler.hand_over where hand_over.audit_entity_id = review.audit_entity_id))`;

/** What of the rows `review` a list has that are open and handed over. */
export const handedOverChoices = ['hidden', 'only', 'shown'] as const;
export type HandedOverChoice = (typeof handedOverChoices)[number];

/** The condition that such a choice stands for. */
export function isShown(choice: HandedOverChoice): Sql {
  if (choice === 'shown') return sql`true`;
  return choice === 'only' ? sql`${raw(isHandedOver)}` : sql`not ${raw(isHandedOver)}`;
}

/** What waits for a person here. */
export const openReviews = `from artwork_reconciler.needs_manual_review review
  where status = 'open' and not ${isHandedOver}`;

const literals: Readonly<Record<ReviewStatus, string>> = { open: 'open', resolved: 'resolved', wont_fix: 'wont_fix' };

export interface Review extends EntityKey {
  /** Of rows of a list; null where MusicBrainz has none. */
  readonly name?: EntityName | null;
  readonly id: number;
  readonly entityId: number;
  readonly priority: number;
  readonly entityStatus: AuditStatus;
  readonly status: ReviewStatus;
  /** For people: all reasons, a line each. */
  readonly reviewReason: string;
  readonly reasons: readonly ReviewReason[];
  /** All reasons without what differs from entity to entity, as `review_group` of migration 0012 shortens them. */
  readonly group: string;
  /** Those that its reasons are findings of. */
  readonly checks: readonly string[];
  /** Whether something in it came back after a person had called it resolved. */
  readonly regressed: boolean;
  readonly createdAt: Date;
  readonly auditId: number | null;
  readonly resolutionNotes: string | null;
  readonly resolvedAt: Date | null;
  /** Null where an audit found it gone. */
  readonly resolvedBy: string | null;
  /** Of an open one that is handed over: to whom, when, and where it was reported. */
  readonly handedOverTo: HandOver['to'] | null;
  readonly handedOverAt: Date | null;
  readonly ticket: string | null;
}

/** The columns of a Review, of a row `review` and its `entity`. */
export const reviewColumns = `
  review.id, review.audit_entity_id as "entityId", entity.entity_type::text as "entityType", entity.gid::text,
  entity.priority, entity.status::text as "entityStatus", review.status::text,
  review.review_reason as "reviewReason", review.reasons, review.regressed, review.created_at as "createdAt",
  review.audit_id as "auditId", review.resolution_notes as "resolutionNotes", review.resolved_at as "resolvedAt",
  review.resolved_by as "resolvedBy", review.reason_group as "group", review.checks,
  ${ofHandOver('handed_over_to')} as "handedOverTo", ${ofHandOver('handed_over_at')} as "handedOverAt",
  ${ofHandOver('ticket')} as ticket`;

function ofHandOver(column: 'handed_over_at' | 'handed_over_to' | 'ticket'): string {
  return `(select hand_over.${column} from artwork_reconciler.hand_over
    where review.status = 'open' and hand_over.audit_entity_id = review.audit_entity_id)`;
}

/** The condition that somebody of an audience can act on a row `review`; as `audiencesOf` of the catalogue has it. */
export function isForAudience(audience: Audience): Sql {
  const own = sql`review.checks && ${checksFor(audience)}::text[]`;
  if (audience !== 'operators') return own;
  const known = catalogue.map(({ name }) => name);
  return sql`(${own} or review.checks = '{}' or not review.checks <@ ${known}::text[]
    or review.reasons @> '[{"check": null}]')`;
}

/** Who can act on one of a review's reasons; what is no finding of a check is for operators. */
export function audiencesOfReview({ reasons }: Pick<Review, 'reasons'>): readonly Audience[] {
  return audiencesOf(reasons.map(({ check }) => check));
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

/** The newest review of the same entity that was opened after this one; undefined where there is none. */
export async function readLaterReview(
  q: Queryable,
  { id, entityId }: Pick<Review, 'entityId' | 'id'>,
): Promise<Pick<Review, 'id' | 'regressed' | 'status'> | undefined> {
  const { rows } = await q.query<Pick<Review, 'id' | 'regressed' | 'status'>>(
    `select id, status::text, regressed from artwork_reconciler.needs_manual_review
     where audit_entity_id = $1 and id > $2 order by id desc limit 1`,
    [entityId, id],
  );
  return rows[0];
}

/** When a review last changed, to the microsecond: what tells whether a page shows it as it is. */
export async function readReviewVersion(q: Queryable, reviewId: number): Promise<string | null> {
  const { rows } = await q.query<{ version: string }>(
    `select updated_at::text as version from artwork_reconciler.needs_manual_review where id = $1`,
    [reviewId],
  );
  return rows[0]?.version ?? null;
}
