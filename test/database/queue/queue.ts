import { randomUUID } from 'node:crypto';
import { claimEvent, type EventClaim } from '../../../src/database/attempts/claim-event.ts';
import { completeEvent, failAttempt } from '../../../src/database/attempts/end-attempt.ts';
import { snoozeEvent } from '../../../src/database/attempts/release-event.ts';
import type { Database, Queryable, Transaction } from '../../../src/database/connection.ts';
import { findDueEvents } from '../../../src/database/queue/due-events.ts';
import type { Repair } from '../../../src/domain/decision/decision.ts';
import type { EntityType } from '../../../src/domain/entity.ts';
import { asAsked } from '../../support/database.ts';

/** A full hour between attempts; nothing in these tests waits for it, rows are made old instead. */
export const settings = {
  events: { attemptDelaySeconds: 3600, foreignRunningMinutes: 15 },
  audit: { settleMinutes: 60, recentDays: 30 },
  housekeeping: { keepCompletedDays: 90 },
} as const;

export const [A, B, C] = ['a', 'b', 'c'].map((letter) => `${letter.repeat(8)}-0000-4000-8000-000000000000`) as [
  string,
  string,
  string,
];

/** A row of the queue as a trigger, the Python daemon or an operator would insert it. */
export interface NewEvent {
  readonly entityType?: EntityType;
  readonly action?: string;
  readonly message?: unknown;
  readonly dependsOn?: readonly (number | null)[];
  readonly state?: string;
  readonly attempts?: number;
  /** Minutes since it was created, and last changed. */
  readonly age?: number;
  readonly unchanged?: number;
}

/** Inserts a row as it stands, and returns its id. */
export async function insertEvent(q: Queryable, event: NewEvent = {}): Promise<number> {
  const { rows } = await q.query<{ id: number }>(
    `insert into artwork_indexer.event_queue (entity_type, action, message, depends_on, state, attempts, created, last_updated)
     values ($1, $2, $3::jsonb, $4::bigint[], $5, $6, now() - $7::float8 * interval '1 minute', now() - $8::float8 * interval '1 minute')
     returning id`,
    [
      event.entityType ?? 'release',
      event.action ?? 'index',
      JSON.stringify('message' in event ? event.message : { gid: randomUUID() }),
      event.dependsOn ?? null,
      event.state ?? 'queued',
      event.attempts ?? 0,
      event.age ?? 0,
      event.unchanged ?? event.age ?? 0,
    ],
  );
  return rows[0]!.id;
}

/** Inserts a row whose id somebody chose, as a text: it may be beyond 2^53. */
export async function insertEventAs(q: Queryable, id: string, event: NewEvent = {}): Promise<number> {
  const given = await insertEvent(q, event);
  const { rows } = await q.query<{ id: number }>(
    'update artwork_indexer.event_queue set id = $2 where id = $1 returning id',
    [given, id],
  );
  return rows[0]!.id;
}

export const index = (gid: string): NewEvent => ({ action: 'index', message: { gid } });
export const deindex = (gid: string): NewEvent => ({ action: 'deindex', message: { gid } });
export const copy = (artworkId: number, from: string, to: string): NewEvent => ({
  action: 'copy_image',
  message: { artwork_id: artworkId, old_gid: from, new_gid: to, suffix: 'jpg' },
});
export const deletion = (artworkId: number, gid: string): NewEvent => ({
  action: 'delete_image',
  message: { artwork_id: artworkId, gid, suffix: 'jpg' },
});

/** Inserts rows one after the other, each a minute younger than the one before, so that their order is certain. */
export async function insertEvents(q: Queryable, events: readonly NewEvent[]): Promise<number[]> {
  const ids: number[] = [];
  for (const [position, event] of events.entries()) {
    ids.push(await insertEvent(q, { age: events.length - position, ...event }));
  }
  return ids;
}

export interface EventRow {
  readonly state: string;
  readonly attempts: number;
  readonly depends_on: number[] | null;
  readonly created: Date;
  readonly last_updated: Date;
}

export async function rowOf(q: Queryable, id: number): Promise<EventRow> {
  const { rows } = await q.query<EventRow>(
    'select state, attempts, depends_on, created, last_updated from artwork_indexer.event_queue where id = $1',
    [id],
  );
  return rows[0]!;
}

export async function statesOf(q: Queryable, ids: readonly number[]): Promise<string[]> {
  const states: string[] = [];
  for (const id of ids) states.push((await rowOf(q, id)).state);
  return states;
}

export async function reasonsOf(q: Queryable, id: number): Promise<string[]> {
  const { rows } = await q.query<{ failure_reason: string }>(
    'select failure_reason from artwork_indexer.event_failure_reason where event = $1 order by created, failure_reason',
    [id],
  );
  return rows.map(({ failure_reason }) => failure_reason);
}

/** Claims for a workflow run named after the event, unless told its name. */
export async function claim(
  db: Database,
  eventId: number,
  runId = `run-${eventId}-${randomUUID()}`,
): Promise<EventClaim> {
  return claimEvent(db, { eventId, workflowId: `event-${eventId}`, runId }, settings);
}

/** Why an event can't be claimed; empty where it could be, and then it is claimed. */
export async function refusal(db: Database, eventId: number): Promise<string> {
  const answer = await claim(db, eventId);
  return answer.kind === 'claimed' ? '' : answer.reason;
}

/** Claims an event that must be claimable, and says who holds it now. */
export async function take(db: Database, eventId: number): Promise<Holder> {
  const runId = `run-${randomUUID()}`;
  const taken = await claim(db, eventId, runId);
  if (taken.kind !== 'claimed') throw new Error(`event ${eventId} could not be claimed: ${taken.reason}`);
  return { eventId, runId };
}

export type Holder = { readonly eventId: number; readonly runId: string };

/** How who holds an event ends an attempt at it. */
export const endingsOn = (db: Database) => ({
  complete: (holder: Holder) => completeEvent(db, holder, settings),
  fail: (holder: Holder, reason = 'HTTP 503', permanent = false) =>
    failAttempt(db, { ...holder, reason, permanent }, settings),
  snooze: (holder: Holder, waitSeconds = 300, reason = 'cool-down') =>
    snoozeEvent(db, { ...holder, waitSeconds, reason }, settings),
});

/** The `index` that an audit queues. */
export const indexRepair = (gid: string, dependsOn: readonly number[] = []): Repair => ({
  entityType: 'release',
  action: 'index',
  message: { gid },
  dependsOn,
});

export async function dueIds(db: Database, limit = 100): Promise<number[]> {
  return (await findDueEvents(db, limit, settings)).map(({ id }) => id);
}

/** Makes a row older, as if so many minutes had passed for it. */
export async function letPass(q: Queryable, id: number, minutes: number): Promise<void> {
  await q.query(
    `update artwork_indexer.event_queue set last_updated = last_updated - $2::float8 * interval '1 minute' where id = $1`,
    [id, minutes],
  );
}

/** As if so many minutes had passed for brakes, for events that are tried meanwhile, and for those that wait. */
export async function minutesPass(q: Queryable, minutes: number): Promise<void> {
  await q.query(
    `with passed as (select $1::float8 * interval '1 minute' as time),
     stops as (update artwork_reconciler.brake set since = since - time from passed),
     probes as (update artwork_reconciler.event_probe set at = at - time from passed)
     update artwork_reconciler.event_not_before set since = since - time, until = until - time from passed`,
    [minutes],
  );
}

/** Everything of the queue and of our records goes, ids continue. */
export async function emptyQueue(q: Queryable): Promise<void> {
  await q.query('truncate artwork_indexer.event_queue cascade');
  await q.query('delete from artwork_reconciler.brake');
  await q.query('truncate artwork_reconciler.event_probe, artwork_reconciler.event_failures_alike');
  await q.query('delete from artwork_reconciler.budget');
}

/** A transaction of somebody else's that stays open until it is told to commit. */
export async function openTransaction(
  db: Database,
): Promise<{ readonly tx: Transaction; readonly commit: () => Promise<void> }> {
  return new Promise((resolve, reject) => {
    let end = (): void => undefined;
    const told = new Promise<void>((go) => (end = go));
    const done = db.transaction(async (tx) => {
      const commit = async (): Promise<void> => {
        end();
        await done;
      };
      resolve({ tx, commit });
      await told;
    });
    done.catch(reject);
  });
}

/**
 * A database on which the next transaction stops before a statement that matches, until it is told to continue: a worker in the
 * middle of something, with all the time that a test needs.
 */
export function stoppedBefore(
  db: Database,
  statement: RegExp,
): { readonly db: Database; readonly reached: Promise<void>; readonly goOn: () => void } {
  let [reach, goOn] = [(): void => undefined, (): void => undefined];
  const reached = new Promise<void>((resolve) => (reach = resolve));
  const told = new Promise<void>((resolve) => (goOn = resolve));
  const stopping = (tx: Transaction): Transaction => ({
    transaction: true,
    query: async (asked, values) => {
      if (statement.test(asAsked(asked, values).sql)) {
        reach();
        await told;
      }
      return tx.query(asked, values);
    },
  });
  const transaction: Database['transaction'] = (work) => db.transaction((tx) => work(stopping(tx)));
  return { db: { ...db, transaction }, reached, goOn };
}

/** Until so many statements wait for a lock of another transaction's. */
export async function untilBlocked(q: Queryable, statements = 1): Promise<void> {
  for (;;) {
    const { rowCount } = await q.query(
      `select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
    );
    if ((rowCount ?? 0) >= statements) return;
  }
}
