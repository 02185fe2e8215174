import type { Queryable } from '../connection.ts';
import type { CappedCount } from '../lists/index.ts';
import { conditionOf, type EventFilter } from './event-filter.ts';
import { boundsOf, type IdBounds } from './id-bounds.ts';
import { listed, type ListedEvent } from './list-events.ts';

export interface ScannedPage {
  readonly events: readonly ListedEvent[];
  /** Where to go on: to be given as `before`. Null where there are no more. */
  readonly next: number | null;
  /** Whether the search ended before the page was full; `next` goes on with it. */
  readonly endedEarly: boolean;
}

/**
 * A page of events, the newest (by id) first, in a time that does not depend on how rare they are: of those of a state,
 * or that name a gid, which indexes find, no more than `scan` are looked at; then the page says how far it got.
 */
export async function scanEvents(
  q: Queryable,
  filter: EventFilter,
  page: { readonly limit: number; readonly before: number | null; readonly scan: number },
): Promise<ScannedPage> {
  const bounds = await boundsOf(q, filter, page.before);
  const values: unknown[] = [page.limit + 1];
  const { rows } = await q.query<ListedEvent>(
    `${listed(
      `select * from (${windowOf(filter, { bounds, scan: page.scan }, values)}) e
       where ${conditionOf(slowPart(filter), values)}
       order by e.id desc limit $1`,
    )} order by e.id desc`,
    values,
  );
  const events = rows.slice(0, page.limit);
  if (rows.length > page.limit) return { events, next: events.at(-1)?.id ?? null, endedEarly: false };
  const last = await lastScanned(q, filter, { bounds, scan: page.scan });
  return { events, next: last, endedEarly: last !== null };
}

/**
 * How many events match, as far as can be told by looking at `scan` of them, and counting no further than `limit`.
 */
export async function countScanned(
  q: Queryable,
  filter: EventFilter,
  { limit, scan }: { readonly limit: number; readonly scan: number },
): Promise<CappedCount> {
  const bounds = await boundsOf(q, filter, null);
  const values: unknown[] = [limit + 1];
  const { rows } = await q.query<{ count: number }>(
    `select count(*)::int as count
     from (
       select from (${windowOf(filter, { bounds, scan }, values)}) e where ${conditionOf(slowPart(filter), values)} limit $1
     ) as matched`,
    values,
  );
  const { count } = rows[0]!;
  if (count > limit) return { count: limit, exact: false };
  return { count, exact: (await lastScanned(q, filter, { bounds, scan })) === null };
}

interface Window {
  readonly bounds: IdBounds;
  readonly scan: number;
}

function windowOf(filter: EventFilter, { bounds, scan }: Window, values: unknown[], columns = 'e.*'): string {
  const parameter = (value: unknown): string => `$${values.push(value)}`;
  return `
    select ${columns} from artwork_indexer.event_queue e
    where ${conditionOf(indexedPart(filter), values)}
      ${bounds.below === null ? '' : `and e.id < ${parameter(bounds.below)}::bigint`}
      ${bounds.from === null ? '' : `and e.id >= ${parameter(bounds.from)}::bigint`}
    order by e.id desc limit ${parameter(scan)}::bigint`;
}

/** The id at which looking ended; null where there was nothing left to look at. */
async function lastScanned(q: Queryable, filter: EventFilter, window: Window): Promise<number | null> {
  const values: unknown[] = [];
  const { rows } = await q.query<{ last: number; count: number }>(
    `select min(id) as last, count(*)::int as count from (${windowOf(filter, window, values, 'e.id')}) as looked`,
    values,
  );
  return rows[0]!.count < window.scan ? null : rows[0]!.last;
}

function indexedPart({ ids, states, gid }: EventFilter): EventFilter {
  return { dismissed: 'shown', ...(ids && { ids }), ...(states && { states }), ...(gid !== undefined && { gid }) };
}

function slowPart({ ids: _ids, states: _states, gid: _gid, ...rest }: EventFilter): EventFilter {
  return rest;
}
