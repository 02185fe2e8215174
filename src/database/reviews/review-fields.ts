import sql, { raw } from 'sql-template-tag';
import type { Audience } from '../../domain/checks/check.ts';
import { audience, checkNames, fieldsOfEntity } from '../entities/entity-fields.ts';
import { agesOf, doneInBulk, field, type FilterOf, oneOf, text, yes } from '../lists/fields.ts';
import {
  handedOverChoices,
  hasReviewStatus,
  isForAudience,
  isShown,
  type ReviewStatus,
  reviewStatuses,
} from './reviews.ts';

/** What reviews are chosen by, as rows `review`, joined with their `entity` where `asksEntity` says so. */
export const reviewFields = {
  ids: {
    sql: (ids: readonly number[]) => sql`review.id = any (${ids}::bigint[])`,
  },
  entityId: {
    sql: (entityId: number) => sql`review.audit_entity_id = ${entityId}::bigint`,
  },
  status: field<ReviewStatus>({
    parameter: 'status',
    label: 'Status',
    kind: oneOf(reviewStatuses),
    help: 'with this status',
    isAdjective: true,
    words: (status) => status.replace('_', ' '),
    sql: (status) => raw(hasReviewStatus(status)),
  }),
  ...fieldsOfEntity,
  check: field({
    parameter: 'check',
    label: 'Check',
    kind: checkNames,
    choiceInWords: (check) => check,
    help: 'with a finding of this check',
    words: (check) => `with a finding of ${check}`,
    sql: (check) => sql`review.checks @> array[${check}::text]`,
  }),
  audience: field<Audience>({
    ...audience,
    help: 'for those who can act on one of its reasons',
    sql: isForAudience,
  }),
  text: field({
    parameter: 'reason',
    label: 'Text in a reason',
    kind: text(),
    help: 'with this text among its reasons, in any case',
    words: (part) => `with “${part}” in a reason`,
    sql: (part) => sql`position(lower(${part}) in lower(review.review_reason)) > 0`,
  }),
  /** As `review_group` of migration 0012 shortens the reasons. */
  group: field({
    parameter: 'group',
    label: 'All reasons alike',
    kind: text(500),
    help: 'of this group: all of its reasons without what differs from entity to entity, as the column `group` has it',
    isFollowed: true,
    words: (group) => `for the reason “${group}”`,
    sql: (group) => sql`review.reason_group = ${group}`,
  }),
  bulk: doneInBulk('review.id', ['resolve_reviews', 'wont_fix_reviews', 'reopen_reviews']),
  ...agesOf('review.created_at', 'opened'),
  handedOver: field({
    parameter: 'handed_over',
    label: 'Handed over',
    kind: oneOf(handedOverChoices),
    none: 'hidden',
    help: 'what about those that are open and handed over to others; hidden by default',
    words: (which) =>
      which === 'only'
        ? 'that are handed over'
        : which === 'shown'
          ? 'handed over ones too'
          : 'none that is handed over',
    sql: isShown,
    otherwise: isShown('hidden'),
  }),
  regressed: field({
    parameter: 'regressed',
    label: 'regressed only',
    kind: yes,
    help: 'that came back after a person had called it resolved',
    words: () => 'that came back after they were resolved',
    sql: () => sql`review.regressed`,
  }),
};

/** Which reviews a list is about; all that is given must hold. */
export type ReviewFilter = FilterOf<typeof reviewFields>;

/** Whether the condition is about the entity, too. */
export function asksEntity({ entityType, gid, priority }: ReviewFilter): boolean {
  return entityType !== undefined || gid !== undefined || priority !== undefined;
}
