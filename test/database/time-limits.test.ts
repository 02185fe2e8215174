import pg from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openDatabase, type Database, type Queryable } from '../../src/database/connection.ts';
import { limitsOfReading, timeLimits, type TimeLimits } from '../../src/database/time-limits.ts';
import { createTestDatabase } from '../support/database.ts';
import { patience } from '../support/patience.ts';
import { startPgbouncer, type Pgbouncer } from '../support/pgbouncer.ts';

const database = await createTestDatabase({ musicbrainz: false });
let pgbouncer: Pgbouncer;
/** One connection, so that the next one who asks gets that of the last. */
let bounced: Database;
beforeAll(async () => {
  pgbouncer = await startPgbouncer(database.url);
  bounced = openDatabase({ connectionString: pgbouncer.url, max: 1 });
  await database.db.query('create table public.locked (id int primary key)');
  await database.db.query('insert into public.locked values (1)');
});
afterAll(async () => {
  await bounced.close();
  await pgbouncer.stop();
});

const settings = ['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout'];

/** As PostgreSQL has them, milliseconds. */
async function limitsIn(q: Queryable): Promise<number[]> {
  const { rows } = await q.query<{ setting: string }>(
    'select setting from pg_settings where name = any ($1::text[]) order by array_position($1::text[], name)',
    [settings],
  );
  return rows.map(({ setting }) => Number(setting));
}

const inOrder = ({ statement, lock, idle }: TimeLimits): number[] => [statement, lock, idle];

test('every statement and every transaction has its limits, through pgbouncer too', async () => {
  for (const db of [database.db, bounced]) {
    expect(await limitsIn(db)).toEqual(inOrder(timeLimits.usual));
    expect(await db.transaction(limitsIn)).toEqual(inOrder(timeLimits.usual));
    for (const limits of [...Object.values(timeLimits), limitsOfReading(0.5)]) {
      expect(await db.transaction(limitsIn, limits)).toEqual(inOrder(limits));
    }
  }
});

test('limits end with their transaction, also where that failed: nobody else on the connection has them', async () => {
  const failed = bounced.query('select 1/0');
  await expect(failed).rejects.toMatchObject({ code: '22012' });
  await expect(bounced.transaction((tx) => tx.query('select 1/0'))).rejects.toMatchObject({ code: '22012' });
  // Of the few connections of pgbouncer's this one is free, so it is the one that was just used.
  const other = new pg.Client({ connectionString: pgbouncer.url });
  await other.connect();
  try {
    expect(await limitsIn(other)).toEqual([0, 0, 0]);
  } finally {
    await other.end();
  }
});

test('who waits for a lock for long gives up, and its connection is used again', async () => {
  const { db } = database;
  const backend = async (q: Queryable): Promise<unknown> => (await q.query('select pg_backend_pid() as pid')).rows[0];
  const alone = openDatabase({ connectionString: database.url, max: 1 });
  try {
    const before = await backend(alone);
    await db.transaction(async (tx) => {
      await tx.query('select from public.locked for update');
      const waits = alone.transaction((other) => other.query('select from public.locked for update'), {
        ...timeLimits.usual,
        lock: 20,
      });
      await expect(waits).rejects.toMatchObject({ code: '55P03' });
      expect(await backend(alone)).toEqual(before);
    });
  } finally {
    await alone.close();
  }
});

test('a process that is frozen inside a transaction loses it, and with it its locks', async () => {
  const { db } = database;
  const frozen = openDatabase({ connectionString: database.url, max: 1 });
  try {
    let [isLocked, goOn] = [(): void => undefined, (): void => undefined];
    const locked = new Promise<void>((go) => (isLocked = go));
    const told = new Promise<void>((go) => (goOn = go));
    const transaction = frozen.transaction(
      async (tx) => {
        await tx.query('select from public.locked for update');
        isLocked();
        await told;
        return tx.query('select from public.locked');
      },
      { ...timeLimits.usual, idle: 20 },
    );
    await locked;
    await vi.waitFor(() => db.query('select from public.locked for update nowait'), patience);
    goOn();
    await expect(transaction).rejects.toThrow();
    expect((await frozen.query('select 1 as answered')).rows).toEqual([{ answered: 1 }]);
  } finally {
    await frozen.close();
  }
});
