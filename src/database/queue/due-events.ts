import sql, { raw, type Sql } from 'sql-template-tag';
import type { Config } from '../../config/config.ts';
import { type EntityType, entityTypes } from '../../domain/entity.ts';
import type { EventAction } from '../../domain/queue/indexer-event.ts';
import type { Queryable } from '../connection.ts';
import { comparePlaces, orderOf } from './event-order.ts';
import { clock, delayOf, type EventSettings, isHeld, item, items, maxAttempts } from './event-sql.ts';
import { type Neighbour, readNeighbours } from './neighbours.ts';
import { stops } from './stops.ts';

export interface ClaimInProgress {
  readonly eventId: number;
  readonly workflowId: string;
  readonly runId: string;
  readonly claimedAt: Date;
}

/**
 * The claims to be compared with what Temporal says of their workflow runs, oldest first: without the young ones, whose
 * workflows may be so new that Temporal doesn't find them yet.
 */
export async function claimsInProgress(
  q: Queryable,
  { youngClaimSeconds }: Pick<Config['housekeeping'], 'youngClaimSeconds'>,
): Promise<readonly ClaimInProgress[]> {
  const { rows } = await q.query<ClaimInProgress>(
    `select event as "eventId", workflow_id as "workflowId", run_id as "runId", claimed_at as "claimedAt"
     from artwork_reconciler.event_claim
     where claimed_at < clock_timestamp() - make_interval(secs => $1)
     order by claimed_at, event`,
    [youngClaimSeconds],
  );
  return rows;
}

/** Which of these runs of workflows hold a claim now. */
export async function runsWithClaims(q: Queryable, runIds: readonly string[]): Promise<ReadonlySet<string>> {
  const { rows } = await q.query<{ runId: string }>(
    'select run_id as "runId" from artwork_reconciler.event_claim where run_id = any ($1::text[])',
    [runIds],
  );
  return new Set(rows.map(({ runId }) => runId));
}

/** Queued events of one entity type and one number of attempts, as an index has them. */
interface Stream {
  readonly entityType: EntityType;
  readonly attempts: number;
  /** Where the page before this one ended; null for the first. */
  readonly after: { readonly time: string; readonly id: number } | null;
}

/** What is read of each stream. */
interface Pages {
  readonly streams: readonly Stream[];
  /** Events of each. */
  readonly page: number;
  /** Gids; what touches them first of all is left out. */
  readonly knownItems: readonly string[];
}

interface QueuedEvent {
  readonly id: number;
  readonly items: readonly string[];
}

/**
 * A page of each stream: queued events that have waited for their attempt, new ones in the order (`created`, `id`),
 * others by the time since when they wait. Nothing of a project that is stopped.
 *
 * Each stream is a range of an index that has nothing else in it, so an idle queue costs a page or two for each, and
 * what waits for its next attempt costs nothing.
 *
 * @returns the events, and the streams that have more, as they continue
 */
async function readQueued(
  q: Queryable,
  from: Pages,
  settings: EventSettings,
): Promise<{ readonly events: readonly QueuedEvent[]; readonly unfinished: readonly Stream[] }> {
  const { streams, page } = from;
  const { rows } = await q.query<QueuedRow>(queuedStatement(from, settings));
  const unfinished = streams.flatMap((stream, position) => {
    const events = rows.filter((row) => row.stream === position + 1);
    const last = events.at(-1);
    return last === undefined || events.length < page ? [] : [{ ...stream, after: { time: last.time, id: last.id } }];
  });
  return {
    events: rows.map((row) => ({ id: row.id, items: row.items.filter((gid) => gid !== null) })),
    unfinished,
  };
}

interface QueuedRow {
  readonly stream: number;
  readonly id: number;
  readonly time: string;
  readonly items: readonly (string | null)[];
}

function queuedStatement({ streams, page, knownItems }: Pages, settings: EventSettings): Sql {
  const unknown = sql`not coalesce(${raw(item('e'))} = any (${knownItems}::text[]), false)`;
  const now = raw(clock);
  return sql`
  with stream as materialized (
    select *
    from unnest(
      ${streams.map(({ entityType }) => entityType)}::artwork_indexer.indexable_entity_type[],
      ${streams.map(({ attempts }) => attempts)}::smallint[],
      ${streams.map(({ after }) => after?.time ?? '-infinity')}::timestamptz[],
      ${streams.map(({ after }) => after?.id ?? 0)}::bigint[]
    ) with ordinality as stream (entity_type, attempts, after_time, after_id, position)
    where entity_type not in (select stopped.entity_type from (${raw(stops)}) as stopped)
  )
  select stream.position::int as stream, e.id, e.created::text as time, ${raw(items('e'))} as items
  from stream cross join lateral (
    select * from artwork_indexer.event_queue e
    where e.state = 'queued' and e.attempts = 0 and e.entity_type = stream.entity_type and e.last_updated <= ${now}
      and (e.created, e.id) > (stream.after_time, stream.after_id) and ${unknown} and not ${raw(isHeld('e'))}
    order by e.created, e.id
    limit ${page}
  ) e
  where stream.attempts = 0
  union all
  select stream.position::int, e.id, e.last_updated::text, ${raw(items('e'))}
  from stream cross join lateral (
    select * from artwork_indexer.event_queue e
    where e.state = 'queued' and e.attempts > 0 and e.attempts = stream.attempts and e.entity_type = stream.entity_type
      and e.last_updated <= ${now} - ${delayOf('stream', settings)}
      and (e.last_updated, e.id) > (stream.after_time, stream.after_id) and ${unknown} and not ${raw(isHeld('e'))}
    order by e.last_updated, e.id
    limit ${page}
  ) e
  where stream.attempts > 0`;
}

interface DueEvent {
  readonly id: number;
  readonly entityType: EntityType;
  readonly action: EventAction;
}

/** Events that are read at once of one stream. Later pages are larger: then most of the queue waits for something. */
const firstPage = 100;
const largestPage = 2000;

/**
 * The oldest events that can be claimed now: due by artwork-indexer's rule, past their *not before*, not held back by
 * the order per item, not locked by somebody else, and nothing stops their project. The claim checks again; two calls may
 * give the same events.
 *
 * Strategy: an idle queue costs one statement. Where something is queued, another one or two read what else touches the
 * same items, and the order is judged in memory: in SQL its planning alone took longer than all of this. Where a page
 * was all held back, the next one leaves out the items that are known by now, so that a thousand deletions of one item
 * don't hide the rest of the queue. If more than a page of retries is due, those that have waited longest come first;
 * otherwise the answer is exactly in the order (`created`, `id`).
 *
 * Rows that an editor's open transaction has locked are passed over, and what touches their items still waits for them.
 * No `skip locked` tells which: it locks each row that it reads, which would be written then, and missed by claims.
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

/**
 * Of what touched these rows last, what is not over: they are locked. A row that several transactions share names a
 * *multixact*; of what stands there nothing tells which of the two it is, and where a transaction's number happens to be
 * that of a multixact that is not over, its row is passed over without need.
 */
async function readOpenTransactions(q: Queryable, rows: readonly Neighbour[]): Promise<ReadonlySet<string>> {
  const touched = rows.flatMap(({ touchedBy }) => touchedBy ?? []);
  // Most rows were only ever inserted, and all that is asked of them costs nothing.
  if (touched.length === 0) return new Set();
  const { rows: open } = await q.query<{ id: string }>(
    `with snapshot as materialized (
       select pg_snapshot_xmax(pg_current_snapshot())::text::bigint as next
     ),
     known as materialized (
       select max(mxid_age(datminmxid)) as oldest from pg_database
     )
     select touched.id from unnest($1::text[]) as touched (id)
     where ${isOpen('touched.id::xid')}
       -- Asked of what is no multixact, or of a forgotten one, the function fails.
       or case when mxid_age(touched.id::xid) between 1 and (select oldest from known)
            then exists (select from pg_get_multixact_members(touched.id::xid) member where ${isOpen('member.xid')})
            else false end`,
    [touched],
  );
  return new Set(open.map(({ id }) => id));
}

/**
 * SQL: whether the transaction of this number of 32 bits is in progress. Its whole number is the one nearest to where the
 * \`snapshot\` ends; of one that wasn't given out yet (its age is below 1), the function may not be asked. Not by
 * \`pg_locks\`: a savepoint has a number of its own, which is no longer locked once it was released, while its transaction
 * continues.
 */
function isOpen(xid: string): string {
  const distance = `(${xid}::text::bigint - snapshot.next % 4294967296 + 6442450944) % 4294967296 - 2147483648`;
  return `coalesce((
    select case when age(${xid}) between 1 and 2147483646 and snapshot.next + ${distance} > 2
             then pg_xact_status((snapshot.next + ${distance})::text::xid8) = 'in progress' end
    from snapshot), false)`;
}

const allStreams: readonly Stream[] = entityTypes.flatMap((entityType) =>
  Array.from({ length: maxAttempts }, (_, attempts) => ({ entityType, attempts, after: null })),
);
