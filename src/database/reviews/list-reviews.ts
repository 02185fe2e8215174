import sql, { empty, join, raw, type Sql } from 'sql-template-tag';
import { checksFor } from '../../domain/checks/catalogue.ts';
import type { Audience } from '../../domain/checks/check.ts';
import type { Queryable } from '../connection.ts';
import { columnsOfEntity } from '../entities/entity-fields.ts';
import { entityTypeList } from '../entity-types.ts';
import { ago, conditionOf } from '../lists/fields.ts';
import type { List } from '../lists/list.ts';
import type { KeyColumn, Walk, WalkedList } from '../lists/walk.ts';
import { asksEntity, reviewFields, type ReviewFilter } from './review-fields.ts';
import { groupsOfAudience } from './review-groups.ts';
import {
  audiencesOfReview,
  hasReviewStatus,
  isForAudience,
  type Review,
  reviewColumns,
  type ReviewStatus,
  reviewStatuses,
} from './reviews.ts';
import { withNames } from '../musicbrainz/entity-kinds.ts';

const table = 'artwork_reconciler.needs_manual_review review';
const reviews = raw(table);
/** What waits for a person, or did. */
export const reviewList: List<Review, typeof reviewFields> = {
  name: 'reviews',
  one: 'review',
  many: 'reviews',
  order: 'the oldest first',
  fields: reviewFields,
  standard: { status: 'open' },
  columns: [
    { name: 'id', value: ({ id }) => id },
    ...columnsOfEntity,
    { name: 'entity_status', value: ({ entityStatus }) => entityStatus },
    { name: 'priority', value: ({ priority }) => priority },
    { name: 'status', value: ({ status }) => status },
    { name: 'regressed', value: ({ regressed }) => regressed },
    { name: 'checks', value: ({ checks }) => checks },
    { name: 'audiences', value: audiencesOfReview },
    { name: 'group', value: ({ group }) => group },
    {
      name: 'reasons',
      value: ({ reasons }) => reasons.map(({ check, reason, count, examples }) => ({ check, reason, count, examples })),
      cell: ({ reviewReason }) => reviewReason,
    },
    { name: 'created_at', value: ({ createdAt }) => createdAt },
    { name: 'audit', value: ({ auditId }) => auditId },
    { name: 'handed_over_to', value: ({ handedOverTo }) => handedOverTo },
    { name: 'handed_over_at', value: ({ handedOverAt }) => handedOverAt },
    { name: 'ticket', value: ({ ticket }) => ticket },
    { name: 'resolved_at', value: ({ resolvedAt }) => resolvedAt },
    { name: 'resolved_by', value: ({ resolvedBy }) => resolvedBy },
    { name: 'resolution_notes', value: ({ resolutionNotes }) => resolutionNotes },
  ],
  table,
  id: 'review.id',
  complete: (q, rows) => withNames(q, rows, (row) => row),
  async walk(q, filter, look): Promise<WalkedList> {
    const joined = sql`join artwork_reconciler.audit_entity entity on entity.id = review.audit_entity_id`;
    return {
      walk: await reviewWalk(q, filter, look),
      join: asksEntity(filter) ? { filter: joined, columns: empty } : { filter: empty, columns: joined },
      columns: raw(reviewColumns),
      filter: conditionOf(reviewFields, filter),
    };
  },
};

const byId: readonly KeyColumn[] = [{ sql: 'review.id', type: 'bigint' }];
/** The oldest first. */
const byAge: readonly KeyColumn[] = [{ sql: 'review.created_at', type: 'timestamptz' }, ...byId];

/**
 * The way on which a filter's reviews are looked for, by the index that passes by the fewest others. All but those that
 * have no status in common, nor an audience, are in the order in which they were opened.
 *
 * @param look rows that a page may pass; a check with fewer reviews is looked for alone
 */
async function reviewWalk(q: Queryable, filter: ReviewFilter, look: number): Promise<Walk> {
  const { ids, entityId, gid, bulk, status, group, check, audience } = filter;
  const hasStatus = raw(status === undefined ? 'true' : hasReviewStatus(status));
  if (ids !== undefined) return walk(sql`review.id = any (${ids}::bigint[])`, byAge);
  if (entityId !== undefined) return walk(sql`review.audit_entity_id = ${entityId}::bigint`, byAge);
  if (gid !== undefined) {
    return walk(
      sql`review.audit_entity_id in (
        select known.id from artwork_reconciler.audit_entity known
        where known.gid = ${gid}::uuid and known.entity_type in (${raw(entityTypeList)}))`,
      byAge,
    );
  }
  // In the order of the action's own rows, which its key has.
  if (bulk !== undefined) return walk(reviewFields.bulk.sql(bulk), byId);
  if (status !== undefined && group !== undefined) {
    return walk(sql`${hasStatus} and review.reason_group = ${group}`, byAge);
  }
  if (status !== undefined && filter.regressed) return walk(sql`${hasStatus} and review.regressed`, byAge);
  if (check !== undefined && (await isRare(q, [check], look))) {
    return walk(sql`${hasStatus} and review.checks @> array[${check}::text]`, byAge);
  }
  // Ten thousand leftovers that were opened earlier must not hide the few that are for somebody else.
  if (audience !== undefined) {
    const groups = await groupsFor(q, status === undefined ? reviewStatuses : [status], { ...filter, audience });
    if (groups !== null) return walkOfGroups(groups, filter);
  }
  if (audience !== undefined && audience !== 'operators' && (await isRare(q, checksFor(audience), look))) {
    return walk(sql`${hasStatus} and review.checks && ${checksFor(audience)}::text[]`, byAge);
  }
  // Of too many groups to be merged: however many are passed by, which are all reviews at most.
  if (audience !== undefined) {
    const own = [hasStatus, isForAudience(audience), ...ages(filter)];
    return walk(join(own, ' and '), status === undefined ? byId : byAge);
  }
  if (status === undefined) return walk(sql`true`, byId);
  return walk(join([hasStatus, ...ages(filter)], ' and '), byAge);
}

/** Groups whose ranges of the index are merged; where there are more, planning would take longer than looking. */
const mergedGroups = 100;

/** A group's reviews of one status: a range of the index. */
interface GroupRange {
  readonly status: ReviewStatus;
  readonly group: string;
}

/** Null where there are too many to be merged. */
async function groupsFor(
  q: Queryable,
  statuses: readonly ReviewStatus[],
  { audience, handedOver = 'hidden' }: ReviewFilter & { readonly audience: Audience },
): Promise<readonly GroupRange[] | null> {
  const ranges: GroupRange[] = [];
  for (const status of statuses) {
    const groups = await groupsOfAudience(q, { status, handedOver }, { audience, most: mergedGroups });
    if (groups === null) return null;
    ranges.push(...groups.map((group) => ({ status, group })));
  }
  return ranges.length > mergedGroups ? null : ranges;
}

/** The reviews of some groups, the oldest first: their ranges of the index, merged. */
function walkOfGroups(groups: readonly GroupRange[], filter: ReviewFilter): Walk {
  const ranges = groups.map(
    ({ status, group }) =>
      sql`select review.* from ${reviews} where ${raw(hasReviewStatus(status))} and review.reason_group = ${group}`,
  );
  return {
    ...walk(join([sql`true`, ...ages(filter)], ' and '), byAge),
    from:
      ranges.length === 0
        ? sql`(select * from ${reviews} where false) review`
        : sql`(${join(ranges, ' union all ')}) review`,
  };
}

/** Where a list by age begins and ends. */
function ages({ olderThan, newerThan }: ReviewFilter): Sql[] {
  return [
    ...(olderThan === undefined ? [] : [sql`review.created_at < ${ago(olderThan)}`]),
    ...(newerThan === undefined ? [] : [sql`review.created_at >= ${ago(newerThan)}`]),
  ];
}

/**
 * Whether checks have so few reviews that all of them may be read and sorted. Of one that has more, a page finds enough
 * among the next ones of whatever check.
 */
async function isRare(q: Queryable, checks: readonly string[], look: number): Promise<boolean> {
  const { rows } = await q.query<{ count: number }>(
    sql`select count(*)::int as count
     from (select from ${reviews} where review.checks && ${checks}::text[] limit ${look}) found`,
  );
  return (rows[0]?.count ?? 0) < look;
}

function walk(where: Sql, order: readonly KeyColumn[]): Walk {
  return { alias: 'review', from: reviews, where, order };
}
