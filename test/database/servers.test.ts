import pg from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { checkDatabase } from '../../src/commands/database.ts';
import type { DatabaseConfig, Servers } from '../../src/config/config.ts';
import { openDatabase, type Database } from '../../src/database/connection.ts';
import { isDatabasesTrouble } from '../../src/database/database-away.ts';
import { newClient } from '../../src/database/servers.ts';
import { findFreePort } from '../../src/embedded/free-port.ts';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../src/embedded/postgres.ts';
import { patience } from '../support/patience.ts';

// Two servers are started, on a machine that may be busy.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

/** The same login at both. */
const login = { user: 'reconciler', password: 'one for both', database: 'postgres' };

let one: EmbeddedPostgres;
let two: EmbeddedPostgres;
let dead: number;
beforeAll(async () => {
  [one, two, dead] = await Promise.all([startServer(), startServer(), findFreePort()]);
});
afterAll(async () => {
  await Promise.all([one, two].map((server) => server?.stop()));
});

async function startServer(): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ settings: { fsync: 'off' } });
  await atServer(server, `create role ${login.user} login superuser password '${login.password}'`);
  await atServer(server, 'create table written (at timestamptz default now())');
  return server;
}

async function atServer({ url }: EmbeddedPostgres, ...statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

/** Switches a server, as an operator does before another one takes over; connections that it has stay. */
const setReadOnly = (server: EmbeddedPostgres, isReadOnly: boolean): Promise<void> =>
  atServer(
    server,
    `alter system set default_transaction_read_only = ${isReadOnly ? 'on' : 'off'}`,
    'select pg_reload_conf()',
  );

function among(ports: readonly number[], sessionAttributes: Servers['sessionAttributes']): DatabaseConfig {
  const servers = ports.map((port) => ({ host: '127.0.0.1', port }));
  return { ...login, ...servers[0], among: { servers, sessionAttributes } };
}

const portOf = async (q: Pick<pg.Client | Database, 'query'>): Promise<number> => {
  const { rows } = await (q as Database).query<{ port: string }>(`select current_setting('port') as port`);
  return Number(rows[0]!.port);
};

/** Which server a new pool comes to, and a single connection. */
async function chosen(config: DatabaseConfig): Promise<readonly number[]> {
  const db = openDatabase(config);
  const client = newClient(config);
  try {
    await client.connect();
    return [await portOf(db), await portOf(client)];
  } finally {
    await Promise.all([db.close(), client.end()]);
  }
}

test('hosts are tried in their order, and only one that can be written to will do where that is asked for', async () => {
  await setReadOnly(one, true);
  try {
    await vi.waitFor(async () => {
      const ports = [dead, one.port, two.port];
      expect(await chosen(among(ports, 'read-write'))).toEqual([two.port, two.port]);
      expect(await chosen(among(ports, 'any'))).toEqual([one.port, one.port]);
      // It takes no writes, but isn't a standby.
      expect(await chosen(among(ports, 'primary'))).toEqual([one.port, one.port]);
    }, patience);
    await checkDatabase(among([dead, two.port], 'read-write'));
    const none = among([dead, one.port], 'read-write');
    const error: unknown = await newClient(none)
      .connect()
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      message: expect.stringMatching(
        new RegExp(`127\\.0\\.0\\.1:${dead}: .*ECONNREFUSED.*; 127\\.0\\.0\\.1:${one.port}: it is read-only$`),
      ) as string,
    });
    expect(isDatabasesTrouble(error)).toBe(true);
    await expect(checkDatabase(none)).rejects.toThrow(/127\.0\.0\.1:\d+, 127\.0\.0\.1:\d+ can't be reached/);
  } finally {
    await setReadOnly(one, false);
  }
});

test('a pool leaves a server that has become read-only for the one that takes over', async () => {
  const db = openDatabase({ ...among([one.port, two.port], 'read-write'), max: 1 });
  const write = async (): Promise<number> => {
    await db.query('insert into written default values');
    return portOf(db);
  };
  try {
    await vi.waitFor(async () => expect(await write()).toBe(one.port), patience);
    await setReadOnly(one, true);
    await vi.waitFor(async () => expect(await write()).toBe(two.port), patience);
  } finally {
    await db.close();
    await setReadOnly(one, false);
  }
});
