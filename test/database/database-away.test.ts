import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { isDatabaseAway } from '../../src/database/database-away.ts';
import { openDatabase } from '../../src/database/connection.ts';
import { createTestDatabase } from '../support/database.ts';

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
    await database.close();
  });

  test('is not what a wrong statement, a broken rule or a bug says', async () => {
    const database = await createTestDatabase({ musicbrainz: false });
    const { db } = database;
    for (const statement of ['selekt', 'select 1 / 0', 'select * from no_such_table', `select 'x'::int`]) {
      expect(isDatabaseAway(await thrownBy(db.query(statement)))).toBe(false);
    }
    expect(isDatabaseAway(new TypeError('x is not a function'))).toBe(false);
    expect(isDatabaseAway('Connection terminated')).toBe(false);
    await database.close();
  });
});
