import sql, { raw, type Sql } from 'sql-template-tag';
import type { EntityType } from '../../domain/entity.ts';
import type { EventAction } from '../../domain/queue/indexer-event.ts';
import type { Queryable } from '../connection.ts';
import { addTo, comparePlaces, type OrderedEvent, type Place } from './event-order.ts';
import {
  type EventSettings,
  files,
  isHeld,
  imageFile,
  item,
  items,
  maxAttempts,
  open,
  target,
  waited,
  waits,
} from './event-sql.ts';

/** An event as far as it waits for others. */
interface WaitingEvent {
  readonly id: number;
  /** Microseconds: JavaScript's dates are not fine enough for an order. */
  readonly created: number;
  readonly action: EventAction;
  readonly dependsOn: readonly number[] | null;
  /** Of copies and deletions: the file that is copied, or deleted. */
  readonly imageFile: string | null;
  /** It is over, though somebody may still have claimed it: nothing comes after it any more. */
  readonly completed: boolean;
}

/** What an event comes after, whatever else there is. */
interface Pending {
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
async function readPending(q: Queryable, events: readonly WaitingEvent[]): Promise<ReadonlyMap<number, Pending>> {
  const known = new Map(events.filter(({ completed }) => !completed).map((event) => [event.id, event]));
  const asked = new Set<number>();
  const unknownOf = (rows: readonly WaitingEvent[]): number[] =>
    [...new Set(rows.flatMap((row) => row.dependsOn ?? []))].filter((id) => !known.has(id) && !asked.has(id));
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
        isBlocked: (event.dependsOn ?? []).some((id) => known.has(id)),
        places: [...reachable(event.id, comesAfter)].map((id) => placeOf(known.get(id)!)),
      },
    ]),
  );
}

/** The columns of a WaitingEvent, of the row `e`. */
const waitingColumns = `
  e.id, (extract(epoch from e.created) * 1000000)::bigint as created, e.action, e.depends_on as "dependsOn", e.state = 'completed' as completed,
  case when e.action in ('copy_image', 'delete_image') then ${imageFile('e')} end as "imageFile"`;

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
  const parents = new Map(events.map((event) => [event.id, (event.dependsOn ?? []).filter((id) => ids.has(id))]));
  const copies = new Map<string | null, WaitingEvent[]>();
  for (const event of events) {
    if (event.action === 'copy_image') addTo(copies, event.imageFile, event);
  }
  const before = (event: WaitingEvent): number[] =>
    (event.action === 'delete_image' ? (copies.get(event.imageFile) ?? []) : [])
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

export type Neighbour = OrderedEvent & {
  readonly entityType: EntityType;
  /** The last transaction that locked or changed the row, if any has; it may be over. */
  readonly touchedBy: string | null;
};

/**
 * How far the order looks: whether an event may run depends on those that touch its items, whether these are due on
 * those that touch theirs (a copy has another one), and so on once more for what is as near as the events asked for.
 */
const levels = 3;

/**
 * What bears on the order of some events: themselves, the open events and those in progress that touch their items (`near`;
 * the order of these can be told, too), and those that touch the items of these.
 *
 * Every statement is entered by the items' indexes, or by ids, and asks for rows only: it costs what the items hold, not
 * what the queue does, and there is nothing for the planner to be wrong about.
 */
export async function readNeighbours(
  q: Queryable,
  events: readonly { readonly id: number; readonly items: readonly string[] }[],
  settings: EventSettings,
): Promise<{ readonly near: readonly Neighbour[]; readonly all: readonly Neighbour[] }> {
  const near = await readTouching(q, { ids: events.map(({ id }) => id), gids: gidsOf(events) }, settings);
  const rows = new Map(near.map((row) => [row.id, row]));
  const known = new Set(gidsOf(events));
  let last: readonly NeighbourRow[] = near;
  for (let level = 2; level <= levels; level++) {
    const further = gidsOf(last.map((row) => ({ items: itemsOf(row) }))).filter((gid) => !known.has(gid));
    if (further.length === 0) break;
    last = await readTouching(q, { ids: [], gids: further }, settings);
    for (const gid of further) known.add(gid);
    for (const row of last) rows.set(row.id, row);
  }
  const pending = await readPending(q, [...rows.values()]);
  const toNeighbour = (row: NeighbourRow): Neighbour => {
    const { isBlocked, places } = pending.get(row.id)!;
    return {
      id: row.id,
      entityType: row.entityType,
      place: [row.created, row.id],
      action: row.action,
      inProgress: row.inProgress,
      ready: row.mayBeTried && !row.inProgress && !isBlocked,
      spent: row.spent,
      items: itemsOf(row),
      files: row.files.filter((file) => file !== null),
      imageFile: row.imageFile,
      pending: places,
      touchedBy: row.touchedBy,
    };
  };
  return { near: near.map(toNeighbour), all: [...rows.values()].map(toNeighbour) };
}

interface NeighbourRow extends WaitingEvent {
  readonly entityType: EntityType;
  readonly inProgress: boolean;
  readonly mayBeTried: boolean;
  readonly spent: boolean;
  readonly touchedBy: string | null;
  readonly items: readonly (string | null)[];
  readonly files: readonly (string | null)[];
}

function gidsOf(events: readonly { readonly items: readonly string[] }[]): string[] {
  return [...new Set(events.flatMap(({ items: gids }) => gids))];
}

function itemsOf(row: NeighbourRow): string[] {
  return row.items.filter((gid) => gid !== null);
}

async function readTouching(
  q: Queryable,
  of: { readonly ids: readonly number[]; readonly gids: readonly string[] },
  settings: EventSettings,
): Promise<NeighbourRow[]> {
  const touching = await q.query<{ id: number }>(touchingStatement, [of.gids]);
  const ids = [...new Set([...of.ids, ...touching.rows.map(({ id }) => id)])];
  const { rows } = await q.query<NeighbourRow>(rowsStatement(ids, settings));
  return rows;
}

/** Ids only: joined with their rows in one statement, an estimate that is too high would have the whole queue read. */
const touchingStatement = `
  select e.id from artwork_indexer.event_queue e where ${open('e')} and ${item('e')} = any ($1::text[]) and e.action <> 'noop'
  union all
  select e.id from artwork_indexer.event_queue e
  where ${open('e')} and e.action = 'copy_image' and ${target('e')} = any ($1::text[])
  union all
  -- Claimed, though the other daemon's housekeeping may have set the row to failed.
  select e.id from artwork_reconciler.event_claim claim join artwork_indexer.event_queue e on e.id = claim.event
  where ${items('e')} && $1::text[]`;

const rowsStatement = (ids: readonly number[], settings: EventSettings): Sql => sql`
  select ${raw(waitingColumns)}, e.entity_type as "entityType",
    e.state = 'running' or claim.event is not null as "inProgress",
    e.state = 'queued' and e.attempts < ${maxAttempts} and ${waited('e', settings)} and waiting.event is null
      and not ${raw(isHeld('e'))} as "mayBeTried",
    e.attempts >= ${maxAttempts} as spent,
    nullif(e.xmax::text, '0') as "touchedBy",
    ${raw(items('e'))} as items, ${raw(files('e'))} as files
  from artwork_indexer.event_queue e
  left join artwork_reconciler.event_claim claim on claim.event = e.id
  left join artwork_reconciler.event_not_before waiting on waiting.event = e.id and ${raw(waits('waiting'))}
  where e.id = any (${ids}::bigint[])`;
