import { type Review, reviewColumns } from '../audit-queries/index.ts';
import type { Queryable } from '../connection.ts';
import { type CappedCount, countWalk, type ListPage, readWalk, reversed, type WalkedList } from '../lists/index.ts';
import { asksEntity, reviewCondition, type ReviewListFilter } from './review-filter.ts';
import { reviewWalk } from './review-walks.ts';

/** A review as lists show it. */
export interface ListedReview extends Review {
  readonly group: string;
  readonly checks: readonly string[];
}

/** A page of the reviews that a filter matches, the oldest first. @throws {InvalidPlaceError} */
export async function pageReviews(
  q: Queryable,
  filter: ReviewListFilter,
  page: { readonly limit: number; readonly look: number; readonly after?: string | null },
): Promise<ListPage<ListedReview>> {
  return readWalk(q, await listOf(q, filter, page.look), page);
}

/** How many there are, counted no further than `look` rows. */
export async function countReviews(q: Queryable, filter: ReviewListFilter, look: number): Promise<CappedCount> {
  return countWalk(q, await listOf(q, filter, look), look);
}

/** The reviews before and after one in a filter's list, which itself need not match (any more). */
export async function neighboursOf(
  q: Queryable,
  filter: ReviewListFilter,
  review: Pick<Review, 'id'>,
  look: number,
): Promise<{ readonly before: number | null; readonly after: number | null }> {
  const list = await listOf(q, filter, look);
  const places = list.walk.order.map(({ sql }) => `${sql}::text`).join(', ');
  const { rows } = await q.query<{ place: (string | null)[] }>(
    `select array[${places}] as place from artwork_reconciler.needs_manual_review review where review.id = $1`,
    [review.id],
  );
  const place = rows[0]?.place ?? null;
  if (place === null) return { before: null, after: null };
  const first = async (each: WalkedList): Promise<number | null> =>
    (await readWalk<{ id: number }>(q, each, { limit: 1, look, from: place })).rows[0]?.id ?? null;
  return { before: await first({ ...list, walk: reversed(list.walk) }), after: await first(list) };
}

async function listOf(q: Queryable, filter: ReviewListFilter, look: number): Promise<WalkedList> {
  const entity = 'join artwork_reconciler.audit_entity entity on entity.id = review.audit_entity_id';
  return {
    walk: await reviewWalk(q, filter, look),
    join: asksEntity(filter) ? { filter: entity, columns: '' } : { filter: '', columns: entity },
    columns: `${reviewColumns}, review.reason_group as "group", review.checks`,
    filter: (parameter) => reviewCondition(filter, parameter),
  };
}
