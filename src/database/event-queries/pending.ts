import type { EventAction } from '../../domain/queue/indexer-event.ts';
import type { Queryable } from '../connection.ts';
import { addTo, comparePlaces, type Place } from '../queue/event-order.ts';
import { imageFile, item, open } from './event-sql.ts';

/** An event as far as it waits for others. */
export interface WaitingEvent {
  readonly id: number;
  /** Microseconds: JavaScript's dates are not fine enough for an order. */
  readonly created: number;
  readonly action: EventAction;
  readonly depends_on: readonly number[] | null;
  /** Of copies and deletions: the file that is copied, or deleted. */
  readonly image_file: string | null;
  /** It is over, though somebody may still have it in hand: nothing comes after it any more. */
  readonly completed: boolean;
}

/** What an event comes after, whatever else there is. */
export interface Pending {
  /** Whether something that it depends on itself has not completed. */
  readonly isBlocked: boolean;
  /** All that it comes after: what it depends on, the copies before a deletion, and what these come after in turn. */
  readonly places: readonly Place[];
}

/**
 * What each of some events comes after, directly or not, and has not completed: its parents, and, where it is a deletion,
 * the copies from the same file that were queued before it. A parent that was cleaned up was completed once, and no
 * longer blocks.
 *
 * Level by level, each by ids: chains are short, and most events depend on nothing.
 *
 * @param events with all open copies from the files that the deletions among them delete
 */
export async function readPending(
  q: Queryable,
  events: readonly WaitingEvent[],
): Promise<ReadonlyMap<number, Pending>> {
  const known = new Map(events.filter(({ completed }) => !completed).map((event) => [event.id, event]));
  const asked = new Set<number>();
  const unknownOf = (rows: readonly WaitingEvent[]): number[] =>
    [...new Set(rows.flatMap((row) => row.depends_on ?? []))].filter((id) => !known.has(id) && !asked.has(id));
  for (let ids = unknownOf(events); ids.length > 0;) {
    for (const id of ids) asked.add(id);
    const { rows } = await q.query<WaitingEvent & { readonly item: string }>(parentsStatement, [ids]);
    const gids = rows.filter(({ action }) => action === 'delete_image').map((row) => row.item);
    const copies = gids.length === 0 ? [] : (await q.query<WaitingEvent>(copiesStatement, [gids])).rows;
    const found = [...rows, ...copies];
    for (const event of found) known.set(event.id, event);
    ids = unknownOf(found);
  }
  const comesAfter = graphOf([...known.values()]);
  return new Map(
    events.map((event) => [
      event.id,
      {
        isBlocked: (event.depends_on ?? []).some((id) => known.has(id)),
        places: [...reachable(event.id, comesAfter)].map((id) => placeOf(known.get(id)!)),
      },
    ]),
  );
}

/** The columns of a WaitingEvent, of the row `e`. */
export const waitingColumns = `
  e.id, (extract(epoch from e.created) * 1000000)::bigint as created, e.action, e.depends_on, e.state = 'completed' as completed,
  case when e.action in ('copy_image', 'delete_image') then ${imageFile('e')} end as image_file`;

const parentsStatement = `
  select ${waitingColumns}, ${item('e')} as item from artwork_indexer.event_queue e
  where e.id = any ($1::bigint[]) and e.state <> 'completed'`;

const copiesStatement = `
  select ${waitingColumns} from artwork_indexer.event_queue e
  where ${open('e')} and ${item('e')} = any ($1::text[]) and e.action = 'copy_image'`;

type Graph = ReadonlyMap<number, readonly number[]>;

/** What each comes after directly. Copies that depend on a deletion themselves are not what it comes after. */
function graphOf(events: readonly WaitingEvent[]): Graph {
  const ids = new Set(events.map(({ id }) => id));
  const parents = new Map(events.map((event) => [event.id, (event.depends_on ?? []).filter((id) => ids.has(id))]));
  const copies = new Map<string | null, WaitingEvent[]>();
  for (const event of events) {
    if (event.action === 'copy_image') addTo(copies, event.image_file, event);
  }
  const before = (event: WaitingEvent): number[] =>
    (event.action === 'delete_image' ? (copies.get(event.image_file) ?? []) : [])
      .filter((copy) => comparePlaces(placeOf(copy), placeOf(event)) < 0 && !reachable(copy.id, parents).has(event.id))
      .map(({ id }) => id);
  return new Map(events.map((event) => [event.id, [...parents.get(event.id)!, ...before(event)]]));
}

/** All that can be come to from an event, without itself unless it is part of a circle. */
function reachable(id: number, graph: Graph): ReadonlySet<number> {
  const reached = new Set<number>();
  const open = [...(graph.get(id) ?? [])];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (reached.has(next)) continue;
    reached.add(next);
    open.push(...(graph.get(next) ?? []));
  }
  return reached;
}

function placeOf({ created, id }: WaitingEvent): Place {
  return [created, id];
}
