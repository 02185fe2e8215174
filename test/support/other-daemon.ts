import { setTimeout as wait } from 'node:timers/promises';
import { openDatabase, type Database, type Transaction } from '../../src/database/connection.ts';
import { handle, type PickedEvent, type RequestSettings } from './other-daemon-requests.ts';

/** Its constants, which for a test are shorter. */
export interface OtherDaemonSettings extends RequestSettings {
  readonly databaseUrl: string;
  /** Between two picks; 1.25 in production. */
  readonly pauseSeconds: number;
  /** What a failed event waits, times its attempts; 3600 in production. */
  readonly attemptDelaySeconds: number;
  /** Between two times that it keeps house; 150 in production. */
  readonly housekeepingSeconds: number;
}

/** artwork-indexer as a plain SQL client: what it does to rows and sends to the archive, its faults included. */
export interface OtherDaemon {
  /** The ids of the events that it has completed, as often as it has. */
  readonly completed: readonly number[];
  /** The ids of the rows that its housekeeping has set to `failed`. */
  readonly failedByHousekeeping: readonly number[];
  /** Finishes the event in progress. Rejects where the daemon would have crashed. */
  stop(): Promise<void>;
}

/** Starts it: it polls the queue and carries out one event after the other, until it is stopped. */
export function startOtherDaemon(settings: OtherDaemonSettings): OtherDaemon {
  const db = openDatabase({ connectionString: settings.databaseUrl, max: 1 });
  const handlersDb = openDatabase({ connectionString: settings.databaseUrl, max: 1 });
  const completed: number[] = [];
  const failedByHousekeeping: number[] = [];
  let stopping = false;
  let keptHouseAt = -Infinity;

  const ended = (async () => {
    while (!stopping) {
      await wait(settings.pauseSeconds * 1000);
      const event = await pick(db, settings);
      if (event !== null) {
        if (await carryOut(db, handlersDb, event, settings)) completed.push(event.id);
      } else if (Date.now() - keptHouseAt > settings.housekeepingSeconds * 1000) {
        keptHouseAt = Date.now();
        failedByHousekeeping.push(...(await keepHouse(db)));
      }
    }
  })();
  // Whoever stops it is told.
  ended.catch(() => undefined);
  return {
    completed,
    failedByHousekeeping,
    async stop() {
      stopping = true;
      await ended.finally(() => Promise.all([db.close(), handlersDb.close()]));
    },
  };
}

/** The oldest event that is due becomes `running`, which is committed before anything is done. */
function pick(db: Database, { attemptDelaySeconds }: OtherDaemonSettings): Promise<PickedEvent | null> {
  return db.transaction(async (tx) => {
    const { rows } = await tx.query<{ id: number }>(
      `select id from artwork_indexer.event_queue event
       where state = 'queued' and attempts < 5
         and last_updated <= now() - attempts * $1::float8 * interval '1 second'
         and not exists (
           select from artwork_indexer.event_queue parent
           where parent.id = any (event.depends_on) and parent.state <> 'completed')
       order by created, id limit 1
       for update skip locked`,
      [attemptDelaySeconds],
    );
    if (rows[0] === undefined) return null;
    const { rows: picked } = await tx.query<PickedEvent>(
      `update artwork_indexer.event_queue set state = 'running', attempts = attempts + 1 where id = $1
       returning id, entity_type, action, message, attempts`,
      [rows[0].id],
    );
    return picked[0] ?? null;
  });
}

/** Whether it succeeded. No fence: whoever else has the row by now is overruled. */
async function carryOut(
  db: Database,
  handlersDb: Database,
  event: PickedEvent,
  settings: OtherDaemonSettings,
): Promise<boolean> {
  try {
    // Its transaction stays open during the requests.
    await handlersDb.transaction((tx) => handle(tx, event, settings));
  } catch (error) {
    await db.transaction((tx) => fail(tx, event, String(error)));
    return false;
  }
  await db.query(`update artwork_indexer.event_queue set state = 'completed' where id = $1`, [event.id]);
  return true;
}

async function fail(tx: Transaction, event: PickedEvent, reason: string): Promise<void> {
  await addReason(tx, event.id, reason);
  // The test for an identical event forgets the entity type.
  const { rows: twins } = await tx.query(
    `select from artwork_indexer.event_queue where state = 'queued' and action = $1::artwork_indexer.event_queue_action
       and message = $2::jsonb and id <> $3`,
    [event.action, JSON.stringify(event.message), event.id],
  );
  const isFinal = event.attempts >= 5 || twins.length > 0;
  await tx.query(`update artwork_indexer.event_queue set state = $2::artwork_indexer.event_state where id = $1`, [
    event.id,
    isFinal ? 'failed' : 'queued',
  ]);
  if (!isFinal) return;
  const { rows: dependents } = await tx.query<{ id: number }>(
    `with recursive dependent as (
       select id from artwork_indexer.event_queue where $1 = any (depends_on)
       union
       select event.id from dependent join artwork_indexer.event_queue event on dependent.id = any (event.depends_on)
     )
     update artwork_indexer.event_queue event set state = 'failed' from dependent
     where event.id = dependent.id and event.state = 'queued' returning event.id`,
    [event.id],
  );
  for (const { id } of dependents) await addReason(tx, id, `depends on event ${event.id}, which failed`);
}

function addReason(tx: Transaction, event: number, reason: string): Promise<unknown> {
  const sql = 'insert into artwork_indexer.event_failure_reason (event, failure_reason) values ($1, $2)';
  return tx.query(sql, [event, reason]);
}

/**
 * Deletes what has long completed, and fails what it takes for stuck: it means to ask how long a row is running, and asks
 * how long it waited before. Their dependents it forgets.
 */
async function keepHouse(db: Database): Promise<number[]> {
  await db.query(
    `delete from artwork_indexer.event_queue where state = 'completed' and last_updated < now() - interval '90 days'`,
  );
  const { rows } = await db.query<{ id: number }>(
    `update artwork_indexer.event_queue set state = 'failed'
     where state = 'running' and last_updated - created > interval '2.5 minutes' returning id`,
  );
  return rows.map(({ id }) => id);
}
