import type { Queryable } from '../connection.ts';
import type { Place } from './event-order.ts';

interface Parent {
  readonly place: Place;
  readonly depends_on: readonly number[] | null;
}

/**
 * What each of some events depends on, directly or not, and has not completed. A parent that was cleaned up was
 * completed once, and no longer blocks.
 *
 * Level by level, each by ids: chains are short, and most events depend on nothing.
 */
export async function readPending(
  q: Queryable,
  events: readonly { readonly id: number; readonly depends_on: readonly number[] | null }[],
): Promise<ReadonlyMap<number, readonly Place[]>> {
  const parents = new Map<number, Parent | null>();
  const unknownOf = (rows: readonly { readonly depends_on: readonly number[] | null }[]): number[] => [
    ...new Set(rows.flatMap((row) => row.depends_on ?? []).filter((id) => !parents.has(id))),
  ];
  for (let ids = unknownOf(events); ids.length > 0;) {
    for (const id of ids) parents.set(id, null);
    const { rows } = await q.query<{ id: number; created: number; depends_on: number[] | null }>(
      `select e.id, (extract(epoch from e.created) * 1000000)::bigint as created, e.depends_on
       from artwork_indexer.event_queue e where e.id = any ($1::bigint[]) and e.state <> 'completed'`,
      [ids],
    );
    for (const { id, created, depends_on } of rows) parents.set(id, { place: [created, id], depends_on });
    ids = unknownOf(rows);
  }
  return new Map(events.map((event) => [event.id, ancestorsOf(event.depends_on ?? [], parents)]));
}

function ancestorsOf(ids: readonly number[], parents: ReadonlyMap<number, Parent | null>): readonly Place[] {
  const places = new Map<number, Place>();
  const open = [...ids];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const parent = parents.get(id);
    if (parent === undefined || parent === null || places.has(id)) continue;
    places.set(id, parent.place);
    open.push(...(parent.depends_on ?? []));
  }
  return [...places.values()];
}
