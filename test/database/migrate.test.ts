import pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { migrateDown, migrateUp, migrationStatus, NewerDatabaseError } from '../../src/database/migrate.ts';
import { createEmptyDatabase } from '../support/database.ts';

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
    const down: string[] = [];
    for (let undone = await migrateDown(other); undone.length > 0; undone = await migrateDown(other))
      down.push(...undone);
    expect(down).toEqual([...up].reverse());
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
