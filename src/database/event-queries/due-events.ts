import { type EntityType, entityTypes } from '../../domain/entity.ts';
import type { EventAction } from '../../domain/queue/indexer-event.ts';
import type { Queryable } from '../connection.ts';
import { comparePlaces, orderOf } from '../queue/event-order.ts';
import { maxAttempts } from './event-sql.ts';
import { type Neighbour, readNeighbours } from './neighbours.ts';
import { readQueued, type Stream } from './queued-events.ts';
import type { EventSettings } from './settings.ts';

export interface DueEvent {
  readonly id: number;
  readonly entityType: EntityType;
  readonly action: EventAction;
}

/** Events that are read at once of one stream. Later pages are larger: then most of the queue waits for something. */
const firstPage = 100;
const largestPage = 2000;

/**
 * The oldest events that can be claimed now: due by artwork-indexer's rule, past their *not before*, not held back by
 * the order per item, not locked by somebody else, and nothing stops their project. The claim looks again; two calls may
 * give the same events.
 *
 * Strategy: an idle queue costs one statement. Where something is queued, another one or two read what else touches the
 * same items, and the order is judged in memory: in SQL its planning alone took longer than all of this. Where a page
 * was all held back, the next one leaves out the items that are known by now, so that a thousand deletions of one item
 * don't hide the rest of the queue. If more than a page of retries is due, those that have waited longest come first;
 * otherwise the answer is exactly in the order (`created`, `id`).
 *
 * Rows that an editor's open transaction has locked are passed over, and what touches their items still waits for them.
 * No `skip locked` tells which: it locks each row that it reads, which would be written then, and missed by claims. (A row
 * that two transactions share tells of neither; its claim is refused.)
 *
 * @param leaveOut ids that are passed over likewise: the claim was just refused
 */
export async function findDueEvents(
  q: Queryable,
  limit: number,
  settings: EventSettings,
  leaveOut: ReadonlySet<number> = new Set(),
): Promise<readonly DueEvent[]> {
  const due = new Map<number, Neighbour>();
  const knownItems = new Set<string>();
  let page = Math.max(firstPage, 2 * limit);
  for (let streams = allStreams; streams.length > 0 && due.size < limit; page = Math.min(4 * page, largestPage)) {
    const queued = await readQueued(q, { streams, page, knownItems: [...knownItems] }, settings);
    if (queued.events.length === 0) break;
    const { near, all } = await readNeighbours(q, queued.events, settings);
    const asked = new Set(queued.events.map(({ id }) => id));
    // What is near but wasn't read is left out of the next pages; it may be of a project that is stopped.
    const running = new Set(near.filter(({ id }) => asked.has(id)).map(({ entityType }) => entityType));
    const holderOf = orderOf(all);
    const free = near.filter(
      (event) =>
        event.ready && running.has(event.entityType) && !leaveOut.has(event.id) && holderOf(event) === undefined,
    );
    const open = await readOpenTransactions(q, free);
    for (const event of free) if (event.touchedBy === null || !open.has(event.touchedBy)) due.set(event.id, event);
    for (const gid of queued.events.flatMap(({ items }) => items)) knownItems.add(gid);
    streams = queued.unfinished;
  }
  const inOrder = [...due.values()].sort((one, other) => comparePlaces(one.place, other.place));
  return inOrder.slice(0, limit).map(({ id, entityType, action }) => ({ id, entityType, action }));
}

/** Whether any event can be claimed now: then no paced audit is started. */
export async function isEventDue(q: Queryable, settings: EventSettings): Promise<boolean> {
  return (await findDueEvents(q, 1, settings)).length > 0;
}

/** Of the transactions that touched these rows last, those that are not over: they have them locked. */
async function readOpenTransactions(q: Queryable, rows: readonly Neighbour[]): Promise<ReadonlySet<string>> {
  const transactions = rows.flatMap(({ touchedBy }) => touchedBy ?? []);
  // Most rows were only ever inserted, and all that is asked of them costs nothing.
  if (transactions.length === 0) return new Set();
  const { rows: open } = await q.query<{ id: string }>(
    `select transactionid::text as id from pg_locks
     where locktype = 'transactionid' and transactionid::text = any ($1::text[])`,
    [transactions],
  );
  return new Set(open.map(({ id }) => id));
}

const allStreams: readonly Stream[] = entityTypes.flatMap((entityType) =>
  Array.from({ length: maxAttempts }, (_, attempts) => ({ entityType, attempts, after: null })),
);
