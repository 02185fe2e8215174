import type { Queryable } from '../../src/database/connection.ts';
import type { FieldTable, FilterOf } from '../../src/database/lists/fields.ts';
import { type List, readList } from '../../src/database/lists/list.ts';
import type { ListPage } from '../../src/database/lists/walk.ts';
import { reviewList } from '../../src/database/reviews/list-reviews.ts';
import type { ReviewFilter } from '../../src/database/reviews/review-fields.ts';
import type { Review } from '../../src/database/reviews/reviews.ts';

/** All rows that a filter chooses, read by pages of `size`, each of which looks at no more rows than that. */
export async function wholeList<Row extends object, Fields extends FieldTable>(
  q: Queryable,
  list: List<Row, Fields>,
  filter: FilterOf<Fields>,
  size = 1_000,
): Promise<Row[]> {
  const all: Row[] = [];
  for (let after: string | null = null, isFirst = true; isFirst || after !== null; isFirst = false) {
    const page: ListPage<Row> = await readList(q, list, filter, { limit: size, look: size, after });
    all.push(...page.rows);
    after = page.next;
  }
  return all;
}

/** The first reviews that a filter chooses. */
export async function listReviews(
  q: Queryable,
  { limit, afterId, ...filter }: ReviewFilter & { readonly limit: number; readonly afterId?: number },
): Promise<readonly Review[]> {
  const after = afterId === undefined ? null : String(afterId);
  return (await readList(q, reviewList, filter, { limit, look: 10_000, after })).rows;
}
