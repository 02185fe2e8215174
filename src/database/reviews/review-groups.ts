import sql, { raw, type Sql } from 'sql-template-tag';
import { audiencesOf } from '../../domain/checks/catalogue.ts';
import { type Audience, audiences } from '../../domain/checks/check.ts';
import type { Queryable } from '../connection.ts';
import type { CappedCount } from '../lists/walk.ts';
import { type HandedOverChoice, hasReviewStatus, isShown, type ReviewStatus } from './reviews.ts';

/** Reviews with the same reasons. */
interface ReviewGroup extends CappedCount {
  readonly group: string;
  readonly checks: readonly string[];
  readonly audiences: readonly Audience[];
  /** When the oldest of them was opened. */
  readonly oldest: Date;
}

export interface ReviewGroups {
  readonly groups: readonly ReviewGroup[];
  /** Whether there are more groups than were read. */
  readonly isPart: boolean;
}

/** Distinct groups that are read; those of reasons that nobody foresaw may be many. */
const mostGroups = 500;
/** Reviews of a group that are counted. */
const mostCounted = 1_000;

/**
 * The groups of reviews of a status, the largest first.
 *
 * Strategy: from group to group by the index, a lookup each, and in each no more than a limited number of its entries: with one
 * `group by` all reviews would be read.
 */
export async function readReviewGroups(q: Queryable, status: ReviewStatus): Promise<ReviewGroups> {
  const asked = { status, handedOver: 'hidden' } as const;
  const { rows } = await q.query<GroupRow>(
    sql`with recursive ${named(asked, mostGroups)}
     select named.reason_group as "group", least(counted.count, ${mostCounted})::int as count,
            counted.count <= ${mostCounted} as exact,
            oldest.created_at as oldest, oldest.checks, oldest.others
     from named
     cross join lateral (
       select count(*) as count
       from (select from artwork_reconciler.needs_manual_review review
             where ${rowsOf(asked)} and review.reason_group = named.reason_group limit ${mostCounted + 1}) found
     ) counted
     cross join lateral (${oldestOf(asked)}) oldest
     where named.reason_group is not null
     order by count desc, "group"`,
  );
  const groups = rows.slice(0, mostGroups).map(({ others, ...group }) => {
    return { ...group, audiences: audiencesOfGroup({ ...group, others }) };
  });
  return { groups, isPart: rows.length > mostGroups };
}

/**
 * The groups whose reviews an audience can act on; null where there are more groups than `most`, so that not all are known.
 */
export async function groupsOfAudience(
  q: Queryable,
  asked: GroupsAsked,
  { audience, most }: { readonly audience: Audience; readonly most: number },
): Promise<readonly string[] | null> {
  const { rows } = await q.query<Pick<GroupRow, 'checks' | 'group' | 'others'>>(
    sql`with recursive ${named(asked, most)}
     select named.reason_group as "group", oldest.checks, oldest.others
     from named cross join lateral (${oldestOf(asked)}) oldest
     where named.reason_group is not null`,
  );
  if (rows.length > most) return null;
  return rows.filter((group) => audiencesOfGroup(group).includes(audience)).map(({ group }) => group);
}

/** Also whether one of its reasons is no finding. */
type GroupRow = Omit<ReviewGroup, 'audiences'> & { readonly others: boolean };

function audiencesOfGroup({ checks, others }: Pick<GroupRow, 'checks' | 'others'>): readonly Audience[] {
  return audiencesOf([...checks, ...(others ? [null] : [])]);
}

/** Which reviews groups are made of. */
interface GroupsAsked {
  readonly status: ReviewStatus;
  readonly handedOver: HandedOverChoice;
}

function rowsOf({ status, handedOver }: GroupsAsked): Sql {
  return sql`${raw(hasReviewStatus(status))} and ${isShown(handedOver)}`;
}

/** The groups' names in order, up to `most` and one more, as a recursive `named` of a statement. */
function named(asked: GroupsAsked, most: number): Sql {
  const next = (after: string): Sql => sql`
    select review.reason_group from artwork_reconciler.needs_manual_review review
    where ${rowsOf(asked)} ${raw(after)} order by review.reason_group limit 1`;
  return sql`named (reason_group, place) as (
    (select *, 1 from (${next('')}) first)
    union all
    select (${next('and review.reason_group > named.reason_group')}), named.place + 1
    from named where named.reason_group is not null and named.place <= ${most}
  )`;
}

function oldestOf(asked: GroupsAsked): Sql {
  return sql`
    select review.created_at, review.checks, review.reasons @> '[{"check": null}]' as others
    from artwork_reconciler.needs_manual_review review
    where ${rowsOf(asked)} and review.reason_group = named.reason_group
    order by review.created_at, review.id limit 1`;
}

/** What waits for an audience. */
export interface AudienceReviews extends CappedCount {
  readonly audience: Audience;
  readonly oldest: Date | null;
  /** The largest first. */
  readonly groups: readonly ReviewGroup[];
}

/** What waits for each audience; a review that two can act on counts for both. */
export function byAudience({ groups, isPart }: ReviewGroups): readonly AudienceReviews[] {
  return audiences.map((audience) => {
    const own = groups.filter((group) => group.audiences.includes(audience));
    return {
      audience,
      groups: own,
      count: own.reduce((sum, { count }) => sum + count, 0),
      exact: !isPart && own.every(({ exact }) => exact),
      oldest: own.length === 0 ? null : new Date(Math.min(...own.map(({ oldest }) => oldest.getTime()))),
    };
  });
}
