import type { CappedCount, ListPage } from '../../database/lists/index.ts';
import { countInWords } from '../../wording/capped-count.ts';

/** How many a filter matches, where that is cheap to tell. */
export function CountNote({
  count,
  one,
  many,
}: {
  readonly count: CappedCount;
  readonly one: string;
  readonly many: string;
}) {
  const words = countInWords(count);
  return (
    <p class="count">
      <strong>{words}</strong> {words === '1' ? one : many}
    </p>
  );
}

/** What stands below a list that is short or empty, so that nobody takes a part for the whole. */
export function ShortPageNote({ page, many }: { readonly page: ListPage<unknown>; readonly many: string }) {
  const { length } = page.rows;
  if (page.next === null) return length === 0 ? <p class="none">There are no {many} that match.</p> : null;
  return length === 0 ? (
    <p class="notice">None among those that were looked at yet: the next page searches on.</p>
  ) : null;
}
