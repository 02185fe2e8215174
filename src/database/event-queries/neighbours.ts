import type { EntityType } from '../../domain/entity.ts';
import type { Queryable } from '../connection.ts';
import type { OrderedEvent } from '../queue/event-order.ts';
import { files, item, items, maxAttempts, open, target, waited, waits } from './event-sql.ts';
import { readPending, waitingColumns, type WaitingEvent } from './pending.ts';
import type { EventSettings } from './settings.ts';

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
 * What bears on the order of some events: themselves, the open events and those in hand that touch their items (`near`;
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
      entityType: row.entity_type,
      place: [row.created, row.id],
      action: row.action,
      inHand: row.in_hand,
      ready: row.may_be_tried && !row.in_hand && !isBlocked,
      spent: row.spent,
      items: itemsOf(row),
      files: row.files.filter((file) => file !== null),
      imageFile: row.image_file,
      pending: places,
      touchedBy: row.touched_by,
    };
  };
  return { near: near.map(toNeighbour), all: [...rows.values()].map(toNeighbour) };
}

interface NeighbourRow extends WaitingEvent {
  readonly entity_type: EntityType;
  readonly in_hand: boolean;
  readonly may_be_tried: boolean;
  readonly spent: boolean;
  readonly touched_by: string | null;
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
  const { rows } = await q.query<NeighbourRow>(rowsStatement, [settings.events.attemptDelaySeconds, ids]);
  return rows;
}

/** Ids only: joined with their rows in one statement, an estimate that is too high would have the whole queue read. */
const touchingStatement = `
  select e.id from artwork_indexer.event_queue e where ${open('e')} and ${item('e')} = any ($1::text[]) and e.action <> 'noop'
  union all
  select e.id from artwork_indexer.event_queue e
  where ${open('e')} and e.action = 'copy_image' and ${target('e')} = any ($1::text[])
  union all
  -- In hand, though the other daemon's housekeeping may have set the row to failed.
  select e.id from artwork_reconciler.event_claim claim join artwork_indexer.event_queue e on e.id = claim.event
  where ${items('e')} && $1::text[]`;

const rowsStatement = `
  select ${waitingColumns}, e.entity_type,
    e.state = 'running' or claim.event is not null as in_hand,
    e.state = 'queued' and e.attempts < ${maxAttempts} and ${waited('e', '$1')} and waiting.event is null as may_be_tried,
    e.attempts >= ${maxAttempts} as spent,
    nullif(e.xmax::text, '0') as touched_by,
    ${items('e')} as items, ${files('e')} as files
  from artwork_indexer.event_queue e
  left join artwork_reconciler.event_claim claim on claim.event = e.id
  left join artwork_reconciler.event_not_before waiting on waiting.event = e.id and ${waits('waiting')}
  where e.id = any ($2::bigint[])`;
