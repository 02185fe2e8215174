import type { Audience } from '../../domain/checks/check.ts';
import type { EntityType } from '../../domain/entity.ts';
import { checksOfAudience, isForAudience, type ReviewStatus } from '../audit-queries/index.ts';
import { ago, entityTypeLiterals } from '../entity-queries/entity-filter.ts';
import type { Parameter } from '../lists/index.ts';

/** Which reviews a list is about; all that is given must hold. */
export interface ReviewListFilter {
  readonly ids?: readonly number[];
  readonly status?: ReviewStatus;
  readonly entityType?: EntityType;
  readonly gid?: string;
  /** A check among its reasons. */
  readonly check?: string;
  /** Who can act on one of its reasons. */
  readonly audience?: Audience;
  /** A part of its reasons' text, in either case. */
  readonly text?: string;
  /** All of its reasons, as `review_group` of migration 0012 shortens them. */
  readonly group?: string;
  readonly priority?: number;
  /** Seconds since it was opened, at least. */
  readonly olderThan?: number;
  /** Seconds since it was opened, at most. */
  readonly newerThan?: number;
  readonly regressed?: boolean;
}

/** The condition on a row `review`, and on its `entity` where `asksEntity` says so. */
export function reviewCondition(filter: ReviewListFilter, parameter: Parameter): string {
  const conditions: string[] = [];
  if (filter.ids !== undefined) conditions.push(`review.id = any (${parameter(filter.ids)}::bigint[])`);
  if (filter.status) conditions.push(hasReviewStatus(filter.status));
  if (filter.entityType) conditions.push(`entity.entity_type = '${entityTypeLiterals[filter.entityType]}'`);
  if (filter.gid !== undefined) conditions.push(`entity.gid = ${parameter(filter.gid)}::uuid`);
  if (filter.priority !== undefined) conditions.push(`entity.priority = ${parameter(filter.priority)}::smallint`);
  if (filter.check !== undefined) conditions.push(`review.checks @> array[${parameter(filter.check)}::text]`);
  if (filter.audience !== undefined) conditions.push(audienceCondition(filter.audience, parameter));
  if (filter.group !== undefined) conditions.push(`review.reason_group = ${parameter(filter.group)}`);
  if (filter.text !== undefined) {
    conditions.push(`position(lower(${parameter(filter.text)}) in lower(review.review_reason)) > 0`);
  }
  if (filter.olderThan !== undefined) conditions.push(`review.created_at < ${ago(parameter(filter.olderThan))}`);
  if (filter.newerThan !== undefined) conditions.push(`review.created_at >= ${ago(parameter(filter.newerThan))}`);
  if (filter.regressed) conditions.push('review.regressed');
  return conditions.length === 0 ? 'true' : conditions.join(' and ');
}

export function audienceCondition(audience: Audience, parameter: Parameter): string {
  const { own, known } = checksOfAudience(audience);
  return isForAudience(`${parameter(own)}::text[]`, `${parameter(known)}::text[]`);
}

/** Whether the condition is about the entity, too. */
export function asksEntity({ entityType, gid, priority }: ReviewListFilter): boolean {
  return entityType !== undefined || gid !== undefined || priority !== undefined;
}

/** Written out, not a parameter, as the indexes have it; nothing but these reaches a statement's text. */
export function hasReviewStatus(status: ReviewStatus): string {
  return `review.status = '${literals[status]}'`;
}

const literals: Readonly<Record<ReviewStatus, string>> = { open: 'open', resolved: 'resolved', wont_fix: 'wont_fix' };
