import sql, { join, raw, type Sql } from 'sql-template-tag';
import type { Queryable } from '../connection.ts';
import { parseRowId } from '../row-id.ts';

/** A column of the order in which a list is read. The last one of an order tells its rows apart. */
export interface KeyColumn {
  /** How the statement says it, e.g. `entity.id`. Never from outside. */
  readonly sql: string;
  /** How a statement around it says it, where that is otherwise. */
  readonly outside?: string;
  readonly type: 'bigint' | 'smallint' | 'text' | 'timestamptz' | 'uuid';
  /** Whether a number may be below zero. */
  readonly signed?: true;
  readonly direction?: 'desc';
  /** Where nulls stand; not given where there are none. */
  readonly nulls?: 'first' | 'last';
}

/** Where in an order a page ended: the values of its columns, as texts that PostgreSQL reads again. */
export type Place = readonly (string | null)[];

/** The `order by` of an order. */
function orderBy(keys: readonly KeyColumn[]): Sql {
  return raw(
    keys
      .map(
        ({ sql: column, direction, nulls }) => `${column}${direction ? ' desc' : ''}${nulls ? ` nulls ${nulls}` : ''}`,
      )
      .join(', '),
  );
}

/**
 * The conditions of what comes after a place, one for each range of an index, in the order's order. As one condition
 * with `or` the index would be read from its beginning.
 */
function rangesAfter(keys: readonly KeyColumn[], place: Place | null): readonly Sql[] {
  if (place === null) return [sql`true`];
  const values = keys.map(({ type }, n) => (place[n] == null ? null : sql`${place[n]}::${raw(type)}`));
  return keys
    .flatMap((key, n) => {
      const same = keys.slice(0, n).map(({ sql: column }, m) => {
        return values[m] === null ? sql`${raw(column)} is null` : sql`${raw(column)} = ${values[m]}`;
      });
      return beyond(key, values[n]!).map((condition) => ({ n, condition: join([...same, condition], ' and ') }));
    })
    .sort((left, right) => right.n - left.n)
    .map(({ condition }) => condition);
}

function beyond({ sql: text, direction, nulls }: KeyColumn, value: Sql | null): Sql[] {
  const column = raw(text);
  if (value === null) return nulls === 'first' ? [sql`${column} is not null`] : [];
  const after = direction === 'desc' ? sql`${column} < ${value}` : sql`${column} > ${value}`;
  return nulls === 'last' ? [after, sql`${column} is null`] : [after];
}

/** A place as a parameter of an address holds it. That of an order by ids alone is the id: people write it, too. */
export function writePlace(place: Place, keys: readonly KeyColumn[]): string {
  if (isById(keys)) return place[0]!;
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/** The same read again; null where it is no place of this order: an address that somebody has changed. */
export function readPlace(text: string, keys: readonly KeyColumn[]): Place | null {
  let place: unknown;
  if (isById(keys)) return isValueOf(keys[0]!, text) ? [text] : null;
  try {
    place = JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    return null;
  }
  if (!Array.isArray(place) || place.length !== keys.length) return null;
  const fits = keys.every((key, n) => {
    const value = place[n] as unknown;
    return value === null ? key.nulls !== undefined : typeof value === 'string' && isValueOf(key, value);
  });
  return fits ? (place as Place) : null;
}

function isById(keys: readonly KeyColumn[]): boolean {
  return keys.length === 1 && keys[0]!.type === 'bigint';
}

function isValueOf({ type, signed }: KeyColumn, text: string): boolean {
  return looksLike[type](signed ? text.replace(/^-(?=[1-9])/, '') : text);
}

const looksLike: Readonly<Record<KeyColumn['type'], (text: string) => boolean>> = {
  bigint: (text) => parseRowId(text) !== null,
  smallint: (text) => /^\d{1,4}$/.test(text),
  text: (text) => /^[^\0]{0,1000}$/u.test(text),
  timestamptz: (text) => /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?[+-]\d\d(:\d\d){0,2}$/.test(text),
  uuid: (text) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text),
};

/**
 * A way through a table in the order of one of its indexes. No column may be selected
 * twice: of the two, a plan knows only one to be in order.
 */
export interface Walk {
  /** What the rows are called, in the walk and around it. */
  readonly alias: string;
  readonly from: Sql | ((page: WalkedPage) => Sql);
  /** What the index's own condition and its leading columns say: all rows that the walk passes. */
  readonly where: Sql;
  readonly order: readonly KeyColumn[];
}

/** What a page passes of a walk: for what is merged from ranges that are cut separately. */
export interface WalkedPage {
  readonly after: Place | null;
  readonly look: number;
  readonly isDescending: boolean;
}

/** A list: the rows that a walk passes and that a filter matches. */
export interface WalkedList {
  readonly walk: Walk;
  /** With what the walk's rows are joined, for the filter and for the columns. */
  readonly join: { readonly filter: Sql; readonly columns: Sql };
  readonly columns: Sql;
  readonly filter: Sql;
}

export interface ListPage<Row> {
  readonly rows: readonly Row[];
  /** Where the next page begins, null where there is none. A page may be short, even empty, and more follow. */
  readonly next: string | null;
}

/** How many there are: exactly, or that many at least. */
export interface CappedCount {
  readonly count: number;
  readonly exact: boolean;
}

/** What an address gives as a place is none of this list. */
export class InvalidPlaceError extends Error {
  override readonly name = 'InvalidPlaceError';
}

/**
 * The next rows that match. A limited number of rows is inspected: where few of them match the page is short, and the
 * next one continues. So a page costs the same wherever it is and whatever the filter.
 *
 * @param page.after as `next` of the page before
 * @param page.look rows that the walk may pass
 * @throws {InvalidPlaceError}
 */
export async function readWalk<Row extends object>(
  q: Queryable,
  list: WalkedList,
  page: {
    readonly limit: number;
    readonly look: number;
    readonly after?: string | null;
    /** Instead of `after`: a place as the database gave it. */
    readonly from?: Place;
  },
): Promise<ListPage<Row>> {
  const { order, alias } = list.walk;
  const after = page.from ?? (page.after == null ? null : readPlace(page.after, order));
  if (page.after != null && after === null) throw new InvalidPlaceError('it is no place of this list');

  const statement = sql`select ${list.columns}, ${placeOf(order)}
     from (${walkedRows(list.walk, after, page.look)}) ${raw(alias)} ${list.join.filter} ${list.join.columns}
     where ${list.filter}
     order by ${orderBy(outside(order))}
     limit ${page.limit + 1}`;
  const { rows } = await q.query<Row & { readonly place: Place }>(statement).catch((error: unknown) => {
    throw page.after != null && isNoMoment(error) ? new InvalidPlaceError('it names no moment') : error;
  });
  const shown = rows.slice(0, page.limit);
  const lastShown = rows.length > page.limit ? shown.at(-1)?.place : undefined;
  const last = lastShown ?? (await lastInspected(q, list.walk, after, page.look));
  return { rows: shown.map(withoutPlace), next: last === undefined ? null : writePlace(last, order) };
}

/** Whether PostgreSQL refused what looks like a moment: a 31 February, an hour 99, a zone that is none. */
function isNoMoment(error: unknown): boolean {
  return ['22007', '22008', '22009'].includes(String((error as { readonly code?: unknown }).code));
}

/** How many of the first rows match; exact where the walk has no more of them. */
export async function countWalk(q: Queryable, list: WalkedList, look: number): Promise<CappedCount> {
  // Where, and not `count(*) filter`: only so can a plan join what a condition asks for, instead of asking row by row.
  const { rows } = await q.query<{ count: number; looked: number }>(
    sql`with walked as materialized (${walkedRows(list.walk, null, look)})
     select (select count(*)::int from walked ${raw(list.walk.alias)} ${list.join.filter}
             where ${list.filter}) as count,
            (select count(*)::int from walked) as looked`,
  );
  const { count = 0, looked = 0 } = rows[0] ?? {};
  return { count, exact: looked < look };
}

/** The same way backwards. */
export function reversed(walk: Walk): Walk {
  return {
    ...walk,
    order: walk.order.map(({ direction, nulls, ...key }) => ({
      ...key,
      ...(direction === undefined && { direction: 'desc' as const }),
      ...(nulls && { nulls: nulls === 'first' ? ('last' as const) : ('first' as const) }),
    })),
  };
}

function outside(order: readonly KeyColumn[]): readonly KeyColumn[] {
  return order.map((key) => ({ ...key, sql: key.outside ?? key.sql }));
}

/** The column `place` of a row: where in the order it stands. */
export function placeOf(order: readonly KeyColumn[]): Sql {
  const columns = outside(order).map(({ sql: column }) => `${column}::text`);
  return raw(`array[${columns.join(', ')}] as place`);
}

/** The place of the last row that may be read, undefined where the walk ends before. */
async function lastInspected(q: Queryable, walk: Walk, after: Place | null, look: number): Promise<Place | undefined> {
  const { rows } = await q.query<{ place: Place }>(
    sql`select ${placeOf(walk.order)} from (${walkedRows(walk, after, look)}) ${raw(walk.alias)}
     order by ${orderBy(outside(walk.order))} offset ${look - 1} limit 1`,
  );
  return rows[0]?.place;
}

/** Each range separately in the index's order, so that it is entered at its beginning and left at the limit. */
function walkedRows({ alias, from, where, order }: Walk, after: Place | null, look: number): Sql {
  const source = from instanceof Function ? from({ after, look, isDescending: order[0]?.direction === 'desc' }) : from;
  const ranges = rangesAfter(order, after).map(
    (range) => sql`(
       select ${raw(alias)}.* from ${source}
       where ${where} and ${range}
       order by ${orderBy(order)} limit ${look})`,
  );
  if (ranges.length === 1) return ranges[0]!;
  return sql`select * from (${join(ranges, ' union all ')}) ${raw(alias)} order by ${orderBy(outside(order))} limit ${look}`;
}

function withoutPlace<Row extends object>({ place: _, ...row }: Row & { readonly place: Place }): Row {
  return row as unknown as Row;
}

/** How many rows there are. */
export interface Count {
  readonly count: number;
  /** Whether that is the planner's estimate: more than 10,000 are not counted one by one. */
  readonly isEstimate: boolean;
}

/** Counting further would read much of a table of millions. */
const countedAtMost = 10_000;

/**
 * Counts what a `from … where …` gives: up to 10,000 rows exactly, and beyond that as the planner estimates it.
 *
 * For an index to be of use, the condition has to be written out: one with parameters has no partial index.
 */
export async function countOrEstimate(q: Queryable, rows: string): Promise<Count> {
  const counted = await countUpTo(q, rows, countedAtMost);
  if (counted < countedAtMost) return { count: counted, isEstimate: false };
  return { count: Math.max(counted, await estimateRows(q, rows)), isEstimate: true };
}

/** The number of rows that a `from … where …` gives, counted no further than `limit`. */
export async function countUpTo(q: Queryable, rows: string, limit: number): Promise<number> {
  const { rows: counted } = await q.query<{ count: number }>(
    `select count(*)::int as count from (select ${rows} limit $1) counted`,
    [limit],
  );
  return counted[0]?.count ?? 0;
}

/**
 * The planner's estimate: by the table's size on disk, and by what was known of its rows when it was last analyzed. So
 * it is right also right after a backfill, and reads no row.
 */
export async function estimateRows(q: Queryable, rows: string): Promise<number> {
  const { rows: plans } = await q.query<{
    'QUERY PLAN': readonly { readonly Plan: { readonly 'Plan Rows': number } }[];
  }>(`explain (format json) select ${rows}`);
  return plans[0]?.['QUERY PLAN'][0]?.Plan['Plan Rows'] ?? 0;
}
