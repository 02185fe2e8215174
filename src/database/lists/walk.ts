import type { Queryable } from '../connection.ts';
import { type KeyColumn, orderBy, type Place, rangesAfter, readPlace, writePlace } from './keyset.ts';

/** Adds a value to a statement, and returns the name by which the statement has it. */
export type Parameter = (value: unknown) => string;

/**
 * A way through a table in the order of one of its indexes. Its texts are ours, never from outside. No column may be
 * selected twice: of the two, a plan knows only one to be in order.
 */
export interface Walk {
  /** What the rows are called, in the walk and around it. */
  readonly alias: string;
  readonly from: string | ((parameter: Parameter) => string);
  /** What the index's own condition and its leading columns say: all rows that the walk passes. */
  readonly where: (parameter: Parameter) => string;
  readonly order: readonly KeyColumn[];
}

/** A list: the rows that a walk passes and that a filter matches. */
export interface WalkedList {
  readonly walk: Walk;
  /** With what the walk's rows are joined, for the filter and for the columns. */
  readonly join: { readonly filter: string; readonly columns: string };
  readonly columns: string;
  readonly filter: (parameter: Parameter) => string;
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
 * The next rows that match. So many rows are looked at and no more: where few of them match the page is short, and the
 * next one goes on. So a page costs the same wherever it is and whatever the filter.
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

  const values: unknown[] = [];
  const parameter = adderTo(values);
  const { rows } = await q.query<Row & { readonly place: Place }>(
    `select ${list.columns}, ${placeOf(order)}
     from (${walkedRows(list.walk, after, page.look, parameter)}) ${alias} ${list.join.filter} ${list.join.columns}
     where ${list.filter(parameter)}
     order by ${orderBy(outside(order))}
     limit ${parameter(page.limit + 1)}`,
    values,
  );
  const shown = rows.slice(0, page.limit);
  const lastShown = rows.length > page.limit ? shown.at(-1)?.place : undefined;
  const last = lastShown ?? (await lastLookedAt(q, list.walk, after, page.look));
  return { rows: shown.map(withoutPlace), next: last === undefined ? null : writePlace(last) };
}

/** How many of the first rows match; exact where the walk has no more of them. */
export async function countWalk(q: Queryable, list: WalkedList, look: number): Promise<CappedCount> {
  const values: unknown[] = [];
  const parameter = adderTo(values);
  const { rows } = await q.query<{ count: number; looked: number }>(
    `select count(*) filter (where ${list.filter(parameter)})::int as count, count(*)::int as looked
     from (${walkedRows(list.walk, null, look, parameter)}) ${list.walk.alias} ${list.join.filter}`,
    values,
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

export function adderTo(values: unknown[]): Parameter {
  return (value) => `$${values.push(value)}`;
}

function outside(order: readonly KeyColumn[]): readonly KeyColumn[] {
  return order.map((key) => ({ ...key, sql: key.outside ?? key.sql }));
}

function placeOf(order: readonly KeyColumn[]): string {
  return `array[${outside(order)
    .map(({ sql }) => `${sql}::text`)
    .join(', ')}] as place`;
}

/** The place of the last row that may be looked at, undefined where the walk ends before. */
async function lastLookedAt(q: Queryable, walk: Walk, after: Place | null, look: number): Promise<Place | undefined> {
  const values: unknown[] = [];
  const parameter = adderTo(values);
  const { rows } = await q.query<{ place: Place }>(
    `select ${placeOf(walk.order)} from (${walkedRows(walk, after, look, parameter)}) ${walk.alias}
     order by ${orderBy(outside(walk.order))} offset ${parameter(look - 1)} limit 1`,
    values,
  );
  return rows[0]?.place;
}

/** Each range by itself in the index's order, so that it is entered at its beginning and left at the limit. */
function walkedRows(walk: Walk, after: Place | null, look: number, parameter: Parameter): string {
  const { alias, from, order } = walk;
  const source = typeof from === 'string' ? from : from(parameter);
  const where = walk.where(parameter);
  const most = parameter(look);
  const ranges = rangesAfter(order, after, parameter).map(
    (range) => `(
       select ${alias}.* from ${source}
       where ${where} and ${range}
       order by ${orderBy(order)} limit ${most})`,
  );
  if (ranges.length === 1) return ranges[0]!;
  return `select * from (${ranges.join(' union all ')}) ${alias} order by ${orderBy(outside(order))} limit ${most}`;
}

function withoutPlace<Row extends object>({ place: _, ...row }: Row & { readonly place: Place }): Row {
  return row as unknown as Row;
}
