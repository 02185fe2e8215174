import sql, { raw } from 'sql-template-tag';
import type { Queryable } from '../connection.ts';
import type { FieldTable, FilterOf } from './fields.ts';
import {
  type CappedCount,
  countWalk,
  InvalidPlaceError,
  type ListPage,
  type Place,
  placeOf,
  readWalk,
  reversed,
  type WalkedList,
} from './walk.ts';

/** What a list's files and JSON say of a row, under one name everywhere. */
export interface Column<Row> {
  readonly name: string;
  /** As JSON has it. */
  readonly value: (row: Row) => unknown;
  /** In a cell of CSV, where that isn't the value: several texts are set apart by `; `, and what has members is JSON. */
  readonly cell?: (row: Row) => boolean | number | string | null;
}

/**
 * A list that is read page by page. Page, shell, files and docs have its fields and columns from here: one entry is all
 * that a further one takes.
 */
export interface List<Row extends object, Fields extends FieldTable> {
  /** Also of its files. */
  readonly name: string;
  readonly one: string;
  readonly many: string;
  /** As a sentence says it: `the newest first`. */
  readonly order: string;
  readonly fields: Fields;
  /** What a page and its files have where nothing is said of it; `any` takes it away. */
  readonly standard: FilterOf<Fields>;
  readonly columns: readonly Column<Row>[];
  /** The table whose rows the walks pass, by the walk's name for them. */
  readonly table: string;
  /** What tells its rows apart, in that table. */
  readonly id: string;
  /**
   * How the rows that a filter matches are reached.
   *
   * @param look rows that a page may pass
   */
  walk(q: Queryable, filter: FilterOf<Fields>, look: number): WalkedList | Promise<WalkedList>;
  /** The same rows of a page, with what the walk's statement doesn't read: names, from MusicBrainz' tables. */
  complete?(q: Queryable, rows: readonly Row[]): Promise<readonly object[]>;
  /** A way for counting alone, where there is a shorter one. */
  countingWalk?(filter: FilterOf<Fields>): WalkedList['walk'] | null;
}

interface PageAsked {
  readonly limit: number;
  /** Rows that may be passed. */
  readonly look: number;
  /** As `next` of the page before, or the id of a row, which itself need not match (any more). */
  readonly after?: string | null;
  /** Leaves out what `complete` adds, where the caller has no use for it or adds it to several lists at once. */
  readonly isPlain?: boolean;
}

/**
 * The next rows that a filter matches: as many as asked for, or fewer where too few are among those that may be read.
 *
 * @throws {InvalidPlaceError}
 */
export async function readList<Row extends object, Fields extends FieldTable>(
  q: Queryable,
  list: List<Row, Fields>,
  filter: FilterOf<Fields>,
  { limit, look, after, isPlain = false }: PageAsked,
): Promise<ListPage<Row>> {
  const walked = await list.walk(q, filter, look);
  const { order } = walked.walk;
  const isId = after != null && /^\d+$/.test(after) && !(order.length === 1 && order[0]!.type === 'bigint');
  const completed = async (page: ListPage<Row>): Promise<ListPage<Row>> => ({
    ...page,
    rows: isPlain || list.complete === undefined ? page.rows : ((await list.complete(q, page.rows)) as readonly Row[]),
  });
  if (!isId) return completed(await readWalk(q, walked, { limit, look, after: after ?? null }));
  const from = await placeOfRow(q, list, walked, after);
  if (from === null) throw new InvalidPlaceError(`there is no ${list.one} ${after}`);
  return completed(await readWalk(q, walked, { limit, look, from }));
}

/** The same, however many rows have to be read for it. @throws {InvalidPlaceError} */
export async function readWholePage<Row extends object, Fields extends FieldTable>(
  q: Queryable,
  list: List<Row, Fields>,
  filter: FilterOf<Fields>,
  { limit, look, after = null }: PageAsked,
): Promise<ListPage<Row>> {
  const rows: Row[] = [];
  for (let place = after; ;) {
    const page: ListPage<Row> = await readList(q, list, filter, { limit: limit - rows.length, look, after: place });
    rows.push(...page.rows);
    if (page.next === null || rows.length === limit) return { rows, next: page.next };
    place = page.next;
  }
}

/** How many there are, counted among the first `look` rows alone. */
export async function countList<Row extends object, Fields extends FieldTable>(
  q: Queryable,
  list: List<Row, Fields>,
  filter: FilterOf<Fields>,
  look: number,
): Promise<CappedCount> {
  const walked = await list.walk(q, filter, look);
  return countWalk(q, { ...walked, walk: list.countingWalk?.(filter) ?? walked.walk }, look);
}

/** The rows before and after one in a filter's list, which itself need not match (any more). */
export async function neighboursIn<Row extends object, Fields extends FieldTable>(
  q: Queryable,
  list: List<Row, Fields>,
  filter: FilterOf<Fields>,
  { id, look }: { readonly id: number; readonly look: number },
): Promise<{ readonly before: Row | null; readonly after: Row | null }> {
  const walked = await list.walk(q, filter, look);
  const from = await placeOfRow(q, list, walked, String(id));
  if (from === null) return { before: null, after: null };
  const first = async (way: WalkedList): Promise<Row | null> =>
    (await readWalk<Row>(q, way, { limit: 1, look, from })).rows[0] ?? null;
  return { before: await first({ ...walked, walk: reversed(walked.walk) }), after: await first(walked) };
}

async function placeOfRow<Row extends object, Fields extends FieldTable>(
  q: Queryable,
  { table, id: idColumn }: List<Row, Fields>,
  { walk }: WalkedList,
  id: string,
): Promise<Place | null> {
  const { rows } = await q.query<{ place: Place }>(
    sql`select ${placeOf(walk.order)} from ${raw(table)} where ${raw(idColumn)} = ${id}::bigint`,
  );
  return rows[0]?.place ?? null;
}
