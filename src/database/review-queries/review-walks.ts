import { checksFor } from '../../domain/checks/catalogue.ts';
import type { Queryable } from '../connection.ts';
import { ago } from '../entity-queries/entity-filter.ts';
import { adderTo, type KeyColumn, type Parameter, type Walk } from '../lists/index.ts';
import { hasReviewStatus, type ReviewListFilter } from './review-filter.ts';
import { groupsOfAudience } from '../reviews/review-groups.ts';

const from = 'artwork_reconciler.needs_manual_review review';
const byId: readonly KeyColumn[] = [{ sql: 'review.id', type: 'bigint' }];
/** The oldest first. */
const byAge: readonly KeyColumn[] = [{ sql: 'review.created_at', type: 'timestamptz' }, ...byId];

/**
 * The way on which a filter's reviews are looked for, by the index that passes by the fewest others. All but those that
 * have no status in common are in the order in which they were opened.
 *
 * @param look rows that a page may pass; a check with fewer reviews is looked for by itself
 */
export async function reviewWalk(q: Queryable, filter: ReviewListFilter, look: number): Promise<Walk> {
  const { ids, gid, status, group, check, audience } = filter;
  const hasStatus = status === undefined ? 'true' : hasReviewStatus(status);
  if (ids !== undefined) return walk((p) => `review.id = any (${p(ids)}::bigint[])`, byAge);
  if (gid !== undefined) {
    return walk(
      (p) => `review.audit_entity_id in (
        select known.id from artwork_reconciler.audit_entity known
        where known.gid = ${p(gid)}::uuid and known.entity_type in ('release', 'event'))`,
      byAge,
    );
  }
  if (status !== undefined && group !== undefined) {
    return walk((p) => `${hasStatus} and review.reason_group = ${p(group)}`, byAge);
  }
  if (status !== undefined && filter.regressed) return walk(() => `${hasStatus} and review.regressed`, byAge);
  if (check !== undefined && (await isRare(q, [check], look))) {
    return walk((p) => `${hasStatus} and review.checks @> array[${p(check)}::text]`, byAge);
  }
  // Ten thousand leftovers that were opened earlier must not hide the few that are for somebody else.
  if (audience !== undefined && status !== undefined) {
    const groups = await groupsOfAudience(q, { status, audience, most: mergedGroups });
    if (groups !== null) return walkOfGroups(hasStatus, groups, filter);
  }
  if (audience !== undefined && audience !== 'operators' && (await isRare(q, checksFor(audience), look))) {
    return walk((p) => `${hasStatus} and review.checks && ${p(checksFor(audience))}::text[]`, byAge);
  }
  if (status === undefined) return walk(() => 'true', byId);
  return walk((p) => [hasStatus, ...ages(filter, p)].join(' and '), byAge);
}

/** Groups whose ranges of the index are merged; where there are more, planning would take longer than looking. */
const mergedGroups = 100;

/** The reviews of some groups, the oldest first: their ranges of the index, merged. */
function walkOfGroups(hasStatus: string, groups: readonly string[], filter: ReviewListFilter): Walk {
  const ranges = (p: Parameter): readonly string[] =>
    groups.map((group) => `select review.* from ${from} where ${hasStatus} and review.reason_group = ${p(group)}`);
  return {
    ...walk((p) => ['true', ...ages(filter, p)].join(' and '), byAge),
    from:
      groups.length === 0
        ? `(select * from ${from} where false) review`
        : (p) => `(${ranges(p).join(' union all ')}) review`,
  };
}

/** Where a list by age begins and ends. */
function ages({ olderThan, newerThan }: ReviewListFilter, p: (value: unknown) => string): string[] {
  return [
    ...(olderThan === undefined ? [] : [`review.created_at < ${ago(p(olderThan))}`]),
    ...(newerThan === undefined ? [] : [`review.created_at >= ${ago(p(newerThan))}`]),
  ];
}

/**
 * Whether checks have so few reviews that all of them may be read and sorted. Of one that has more, a page finds enough
 * among the next ones of whatever check.
 */
async function isRare(q: Queryable, checks: readonly string[], look: number): Promise<boolean> {
  const values: unknown[] = [];
  const p = adderTo(values);
  const { rows } = await q.query<{ count: number }>(
    `select count(*)::int as count
     from (select from ${from} where review.checks && ${p(checks)}::text[] limit ${p(look)}) found`,
    values,
  );
  return (rows[0]?.count ?? 0) < look;
}

function walk(where: Walk['where'], order: readonly KeyColumn[]): Walk {
  return { alias: 'review', from, where, order };
}
