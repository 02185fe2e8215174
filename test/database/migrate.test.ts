import pg from 'pg';
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { migrateDown, migrateUp, migrationStatus, NewerDatabaseError } from '../../src/database/schema/migrate.ts';
import { createEmptyDatabase } from '../support/database.ts';
import { patience } from '../support/patience.ts';

async function emptyDatabase(): Promise<{ connectionString: string }> {
  return { connectionString: (await createEmptyDatabase()).url };
}

async function query(connection: pg.ClientConfig, sql: string): Promise<unknown[]> {
  const client = new pg.Client(connection);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

describe('migrating an empty database', () => {
  let connection: pg.ClientConfig;
  let applied: string[];
  beforeAll(async () => {
    connection = await emptyDatabase();
    applied = await migrateUp(connection);
  });

  test('applies every migration once, in the order of their numbers', async () => {
    expect(applied).toEqual([...applied].sort());
    expect(applied).toContain('0002_control');
    expect(await migrateUp(connection)).toEqual([]);
  });

  test('makes nothing outside our schemas', async () => {
    const rows = await query(
      connection,
      `select distinct table_schema from information_schema.tables
        where table_schema not in ('pg_catalog', 'information_schema', 'artwork_reconciler', 'artwork_indexer')`,
    );
    expect(rows).toEqual([]);
  });

  test('can be undone down to the last migration, and made again', async () => {
    const other = await emptyDatabase();
    const up = await migrateUp(other);
    expect(await migrateDown(other)).toEqual(up.slice(-1));
    expect(await migrateDown(other, { to: 0 })).toEqual(up.slice(0, -1).reverse());
    expect(await migrateUp(other)).toEqual(up);
  });
});

test('the status of a database that was never migrated can be read without changing it', async () => {
  const connection = await emptyDatabase();
  const { migrations, unknown } = await migrationStatus(connection);
  expect(migrations.length).toBeGreaterThan(0);
  expect(migrations.every(({ applied }) => !applied)).toBe(true);
  expect(unknown).toEqual([]);
  expect(await query(connection, "select 1 from pg_namespace where nspname = 'artwork_reconciler'")).toEqual([]);
});

test('two processes that migrate at once apply each migration once', async () => {
  const connection = await emptyDatabase();
  const both = await Promise.all([migrateUp(connection), migrateUp(connection), migrateUp(connection)]);
  const names = (await migrationStatus(connection)).migrations.map(({ name }) => name);
  expect(both.flat().sort()).toEqual(names);
});

describe('a database that is newer than this program', () => {
  let connection: pg.ClientConfig;
  beforeAll(async () => {
    connection = await emptyDatabase();
    await migrateUp(connection);
    await query(
      connection,
      "insert into artwork_reconciler.migration (name, run_on) values ('9999_of_tomorrow', now())",
    );
  });

  test('is neither migrated nor undone, and the error names what is unknown', async () => {
    for (const attempt of [migrateUp, migrateDown]) {
      await expect(attempt(connection)).rejects.toThrow(NewerDatabaseError);
    }
    await expect(migrateUp(connection)).rejects.toThrow('9999_of_tomorrow');
  });
});

test('settings of the role or the database that would stop a migration, or have it wait for itself, don’t', async () => {
  const connection = await emptyDatabase();
  const name = new URL(connection.connectionString).pathname.slice(1);
  const settings = [
    `default_transaction_isolation = 'repeatable read'`,
    `statement_timeout = '1ms'`,
    `lock_timeout = '1ms'`,
    `idle_in_transaction_session_timeout = '1ms'`,
    `datestyle = 'SQL, DMY'`,
  ];
  const [{ version }] = (await query(connection, 'select current_setting($$server_version_num$$)::int as version')) as [
    { version: number },
  ];
  if (version >= 170000) settings.push(`transaction_timeout = '1ms'`);
  await query(connection, settings.map((setting) => `alter database ${name} set ${setting}`).join(';'));
  expect(await migrateUp(connection)).not.toEqual([]);
  const { migrations } = await migrationStatus(connection);
  expect(migrations.every(({ applied }) => applied)).toBe(true);
});

describe('a user with few rights', () => {
  /** Roles are the whole server's: dropped with all they own. */
  async function asUser(
    setUp: string,
    work: (connection: pg.ClientConfig, admin: pg.ClientConfig, user: string) => Promise<void>,
  ): Promise<void> {
    const admin = await emptyDatabase();
    const user = `migrating_${process.pid}`;
    await query(admin, `create role ${user} login password '${user}'; ${setUp.replaceAll('$user', user)}`);
    const url = new URL(admin.connectionString);
    [url.username, url.password] = [user, user];
    try {
      await work({ connectionString: url.href }, admin, user);
    } finally {
      await query(admin, `drop owned by ${user} cascade; drop role ${user}`);
    }
  }

  test('may not migrate: what it lacks is named, and nothing was changed', () =>
    asUser(
      `create schema artwork_indexer; create table artwork_indexer.event_queue (id bigint);
       grant usage on schema artwork_indexer to $user`,
      async (connection) => {
        await expect(migrateUp(connection)).rejects.toThrow(
          /lacks CREATE on database \S+; \S+ lacks CREATE on schema artwork_indexer; \S+ is not the owner of artwork_indexer\.event_queue: \S+ is\. Nothing was changed/,
        );
        expect((await migrationStatus(connection)).migrations.some(({ applied }) => applied)).toBe(false);
      },
    ));

  test('needs no right to make anything where nothing is to be done', () =>
    asUser('', async (connection, admin, user) => {
      await migrateUp(admin);
      await query(
        admin,
        `grant usage on schema artwork_reconciler to ${user}; grant select on artwork_reconciler.migration to ${user}`,
      );
      expect(await migrateUp(connection)).toEqual([]);
    }));
});

test('new events are announced to whoever listens and has the lock; where nobody has it, nobody pays for it', async () => {
  const connection = await emptyDatabase();
  await migrateUp(connection);
  const listener = new pg.Client(connection);
  await listener.connect();
  onTestFinished(() => listener.end());
  const announced: (string | undefined)[] = [];
  listener.on('notification', ({ payload }) => announced.push(payload));
  await listener.query('listen artwork_reconciler_events');
  const insert = `insert into artwork_indexer.event_queue (entity_type, action, message) values ('release', 'noop', '{}')`;
  const empty = 'delete from artwork_indexer.event_queue';
  await query(connection, `${insert}; ${empty}`);
  await query(connection, `notify artwork_reconciler_events, 'until here'`);
  await vi.waitFor(() => expect(announced).toEqual(['until here']), patience);
  await listener.query(`select pg_advisory_lock(hashtextextended('artwork_reconciler.listener', 0))`);
  await query(connection, insert);
  await vi.waitFor(() => expect(announced).toEqual(['until here', '']), patience);
});
