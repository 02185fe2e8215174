import pg from 'pg';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { databaseUntil, isAnswering, isDatabaseAway, isDatabasesTrouble } from '../../src/database/database-away.ts';
import { openDatabase } from '../../src/database/connection.ts';
import { createTestDatabase } from '../support/database.ts';
import { startSilentProxy } from '../support/silent-proxy.ts';

const thrownBy = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('the database is away', () => {
  test('where nothing listens', async () => {
    const db = openDatabase({ connectionString: 'postgres://postgres@localhost:1/postgres' });
    expect(isDatabaseAway(await thrownBy(db.query('select 1')))).toBe(true);
    await db.close();
  });

  test('where it ends the connection in the middle of a statement, or between two', async () => {
    const database = await createTestDatabase({ musicbrainz: false });
    const { db, url } = database;
    const killer = new pg.Client({ connectionString: url });
    await killer.connect();
    const killOthers = `select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid() and application_name = 'artwork-reconciler'`;
    const inStatement = thrownBy(db.query('select pg_sleep(600)'));
    for (let ended = 0; ended === 0;) ended = (await killer.query(killOthers)).rowCount ?? 0;
    expect(isDatabaseAway(await inStatement)).toBe(true);
    const between = db.transaction(async (tx) => {
      await tx.query('select 1');
      await killer.query(killOthers);
      await tx.query('select 2');
    });
    expect(isDatabaseAway(await thrownBy(between))).toBe(true);
    await killer.end();
  });

  test('is not what a wrong statement, a broken rule or a bug says', async () => {
    const database = await createTestDatabase({ musicbrainz: false });
    const { db } = database;
    for (const statement of ['selekt', 'select 1 / 0', 'select * from no_such_table', `select 'x'::int`]) {
      expect(isDatabasesTrouble(await thrownBy(db.query(statement)))).toBe(false);
    }
    expect(isDatabaseAway(new TypeError('x is not a function'))).toBe(false);
    expect(isDatabaseAway('Connection terminated')).toBe(false);
  });
});

describe('whether the database answers', () => {
  test('it does, also where it takes no more connections of ours, and doesn’t where its answers are lost', async () => {
    const { url } = await createTestDatabase({ musicbrainz: false });
    expect(await isAnswering({ connectionString: url })).toBe(true);
    const other = Object.assign(new URL(url), { username: 'nobody-known' });
    expect(await isAnswering({ connectionString: other.href })).toBe(true);

    const way = await startSilentProxy(Number(new URL(url).port));
    onTestFinished(() => way.close());
    const remote = Object.assign(new URL(url), { hostname: '127.0.0.1', port: String(way.port) });
    expect(await isAnswering({ connectionString: remote.href })).toBe(true);
    way.silence();
    expect(await isAnswering({ connectionString: remote.href })).toBe(false);
    way.close();
    expect(await isAnswering({ connectionString: remote.href })).toBe(false);
  });
});

test('from the signal on no answer is waited for, whether asked for before or after', async () => {
  const { db } = await createTestDatabase({ musicbrainz: false });
  const leaving = new AbortController();
  const answered = vi.fn();
  const until = databaseUntil(leaving.signal, db, answered);
  expect((await until.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  expect(answered).toHaveBeenCalledTimes(1);
  const asked = [
    thrownBy(until.query('select pg_sleep(10)')),
    thrownBy(until.transaction((tx) => tx.query('select pg_sleep(10)'))),
  ];
  leaving.abort();
  asked.push(thrownBy(until.query('select 1')));
  expect((await Promise.all(asked)).map(isDatabaseAway)).toEqual([true, true, true]);
  expect(answered).toHaveBeenCalledTimes(1);
});

describe('the database has a fault of its own', () => {
  test.each([
    ['it is read-only', '25006', `set transaction read only; create table t ()`],
    ['a statement took too long', '57014', `set local statement_timeout = 1; select pg_sleep(600)`],
    ['a lock took too long', '55P03', `do $$ begin raise sqlstate '55P03'; end $$`],
    ['transactions waited for each other', '40P01', `do $$ begin raise sqlstate '40P01'; end $$`],
    ['its disk is full', '53100', `do $$ begin raise sqlstate '53100'; end $$`],
    ['its memory is full', '53200', `do $$ begin raise sqlstate '53200'; end $$`],
    ['a transaction idled', '25P03', `do $$ begin raise sqlstate '25P03'; end $$`],
    ['a transaction took too long', '25P04', `do $$ begin raise sqlstate '25P04'; end $$`],
    ['a session idled', '57P05', `do $$ begin raise sqlstate '57P05'; end $$`],
  ])('where %s: %s', async (_what, code, statements) => {
    const database = await createTestDatabase({ musicbrainz: false });
    const error = await thrownBy(database.db.transaction((tx) => tx.query(statements)));
    expect(error).toMatchObject({ code });
    expect([isDatabaseAway(error), isDatabasesTrouble(error)]).toEqual([false, true]);
  });

  test('where its answer does not come', async () => {
    const database = await createTestDatabase({ musicbrainz: false });
    const db = openDatabase({ connectionString: database.url, query_timeout: 10 });
    expect(isDatabaseAway(await thrownBy(db.query('select pg_sleep(1)')))).toBe(true);
    await db.close();
  });
});
