import pg from 'pg';
import { expect } from 'vitest';
import { type Database, openDatabase, type Queryable } from '../../src/database/connection.ts';
import { askHarness, type HarnessAnswers } from './harness.ts';

export interface TestDatabase {
  readonly db: Database;
  readonly url: string;
  /** Tells the planner of rows that were just inserted, and makes them visible to all. `tables` as SQL has them. */
  vacuum(tables: string): Promise<void>;
  /**
   * Copies the database as it is at this moment, however many are connected: they lose their connections, and may connect
   * again. What is returned has the copy take the database's place, as a dump that is restored does; once.
   */
  dump(): Promise<() => Promise<void>>;
}

interface Made {
  readonly name: string;
  readonly url: string;
  readonly server: HarnessAnswers['/postgres'];
  /** Closes our connections to it. */
  close: () => Promise<void>;
}

/** A statement as it is sent, for tests that look at what is asked. */
export interface Asked {
  readonly sql: string;
  readonly values: readonly unknown[] | undefined;
}

export function asAsked(statement: Parameters<Queryable['query']>[0], values: readonly unknown[] | undefined): Asked {
  return typeof statement === 'string' ? { sql: statement, values } : { sql: statement.text, values: statement.values };
}

/** Of this test file, whose process runs nothing else at the same time. */
const made: Made[] = [];

/**
 * A new database, migrated, with MusicBrainz' tables (empty) unless told not to: a clone of the run's template. One for
 * the whole file is opened at its top, `const { db } = await createTestDatabase();`, and closed and dropped when the file
 * has ended, with no hook of the file's own.
 *
 * Files of one run don't see each other's rows; tests of one file share what they don't make again.
 */
export async function createTestDatabase(options: { musicbrainz?: boolean } = {}): Promise<TestDatabase> {
  const server = await askHarness('/postgres');
  const template = options.musicbrainz === false ? server.template : server.templateWithMusicbrainz;
  const database = await createDatabase(server, `template ${template}`);
  const { url } = database;
  const pool = openDatabase({ connectionString: url });
  let closed: Promise<void> | undefined;
  const db: Database = { ...pool, close: () => (closed ??= pool.close()) };
  database.close = () => db.close();
  // A clone is a copy, which nobody would work on: as `adopt` does it, without a record.
  await statement(
    url,
    `update artwork_reconciler.deployment
     set identity = md5(random()::text || clock_timestamp())::uuid,
         database_oid = (select oid from pg_database where datname = current_database())`,
  );
  return {
    db,
    url,
    vacuum: (tables) => statement(url, `vacuum analyze ${tables}`),
    dump: () => dump(server, new URL(url).pathname.slice(1)),
  };
}

async function dump(server: HarnessAnswers['/postgres'], name: string): Promise<() => Promise<void>> {
  const copy = await createDatabase(server, null);
  const disconnect = `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`;
  await statement(server.url, `alter database ${name} allow_connections false`);
  try {
    await statement(server.url, disconnect);
    await statement(server.url, `create database ${copy.name} template ${name}`);
  } finally {
    await statement(server.url, `alter database ${name} allow_connections true`);
  }
  return async () => {
    await statement(server.url, `alter database ${name} allow_connections false`);
    await statement(server.url, disconnect);
    await statement(server.url, `drop database ${name}`);
    await statement(server.url, `alter database ${copy.name} rename to ${name}`);
  };
}

/** A new database with nothing in it, for tests of migrations. */
export async function createEmptyDatabase(): Promise<{ url: string }> {
  return createDatabase(await askHarness('/postgres'), '');
}

/**
 * Closes this file's databases and drops them, or keeps and names them for whoever looks into the failure. An embedded
 * server ends with the run, and its databases with it. Called by each-file.ts.
 */
export async function dropTestDatabases(failed: boolean): Promise<void> {
  if (failed && made[0]?.server.embedded) {
    process.stderr.write(
      `To keep the databases of ${testFile()}, run it with DATABASE_URL set to a server of your own\n`,
    );
  }
  for (const { name, url, server, close } of made.splice(0)) {
    // A test that failed may have left a transaction open, for which closing would wait.
    const closed = close();
    if (!failed) await closed;
    if (failed && !server.embedded) process.stderr.write(`Kept a database of ${testFile()}: ${url}\n`);
    else await statement(server.url, `drop database if exists ${name} with (force)`, `drop database if exists ${name}`);
  }
}

/** @param template as SQL has it; null for one that is only named */
async function createDatabase(server: HarnessAnswers['/postgres'], template: string | null): Promise<Made> {
  const file = testFile()
    .replace(/^.*\/test\//, '')
    .replace(/\.test\.ts$/, '')
    .replace(/\W+/g, '_')
    .toLowerCase();
  // PostgreSQL cuts names after 63 bytes, which would make two of one.
  const name = `${server.run}_${file.slice(-35)}_${process.pid.toString(36)}_${made.length + 1}`;
  const url = new URL(server.url);
  url.pathname = `/${name}`;
  const database: Made = { name, url: url.href, server, close: () => Promise.resolve() };
  // Before it is there: tests that run side by side count on.
  made.push(database);
  if (template !== null) await statement(server.url, `create database ${name} ${template}`);
  return database;
}

function testFile(): string {
  return expect.getState().testPath ?? 'unknown';
}

/** @param older for a PostgreSQL that doesn't know the first */
async function statement(url: string, sql: string, older?: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql).catch((error: { code?: string }) => {
      if (older === undefined || error.code !== '42601') throw error;
      return client.query(older);
    });
  } finally {
    await client.end();
  }
}
