import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../src/embedded/postgres.ts';
import { patience } from '../support/patience.ts';
import { startSource } from '../support/run-source.ts';
import { expectGone, firstLine, isRunning } from './processes.ts';

const settings = { fsync: 'off' };
const starter = join(import.meta.dirname, 'start-postgres.ts');

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

function serverPid(folder: string): number {
  return Number(readFileSync(join(folder, 'data', 'postmaster.pid'), 'utf8').split('\n')[0]);
}

describe('a server in a temporary folder', () => {
  let server: EmbeddedPostgres;
  beforeAll(async () => {
    server = await startEmbeddedPostgres({ settings });
  });
  afterAll(() => server.stop());

  test('is PostgreSQL 18, and knows letters beyond ASCII whatever the locale of the machine', async () => {
    const [row] = await query(
      server.url,
      `select current_setting('server_version_num')::int / 10000 as major, upper('é') as upper`,
    );
    expect(row).toEqual({ major: 18, upper: 'É' });
  });

  test('runs with the settings that it was given, on loopback only', async () => {
    const [row] = await query(
      server.url,
      `select current_setting('fsync') as fsync, current_setting('listen_addresses') as listen`,
    );
    expect(row).toEqual({ fsync: 'off', listen: '127.0.0.1' });
  });

  test('is not asked for the TLS that PGSSLMODE wants of another', async () => {
    vi.stubEnv('PGSSLMODE', 'require');
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  test('lets nobody in without the password', async () => {
    const url = new URL(server.url);
    url.password = 'guessed';
    await expect(query(url.href, 'select 1')).rejects.toThrow('password authentication failed');
  });

  test('keeps what was committed when it is restarted on its port, gently or by a crash', async () => {
    await query(server.url, 'create table kept (id int)');
    await server.restart();
    expect(await query(server.url, 'select count(*)::int as rows from kept')).toEqual([{ rows: 0 }]);
    await server.restart('immediate');
    expect(await query(server.url, 'select count(*)::int as rows from kept')).toEqual([{ rows: 0 }]);
  });
});

test('stop() leaves neither a process nor a file', async () => {
  const server = await startEmbeddedPostgres({ settings });
  const pid = serverPid(server.folder);
  await server.stop();
  expect(isRunning(pid)).toBe(false);
  expect(existsSync(server.folder)).toBe(false);
});

test('a folder that was given keeps its data for the next start', async () => {
  const parent = await mkdtemp(join(tmpdir(), 'ar-test-'));
  await chmod(parent, 0o755);
  const folder = join(parent, 'cluster');
  const first = await startEmbeddedPostgres({ folder, settings });
  await query(first.url, 'create table kept ()');
  await first.stop();
  const second = await startEmbeddedPostgres({ folder, settings });
  expect(await query(second.url, `select to_regclass('kept') is not null as found`)).toEqual([{ found: true }]);
  await second.stop();
  await rm(parent, { recursive: true });
});

test('a folder with other files in it is refused, and stays as it is', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ar-test-'));
  await chmod(folder, 0o755);
  await writeFile(join(folder, 'thesis.txt'), 'draft');
  const before = await stat(folder);
  await expect(startEmbeddedPostgres({ folder, settings })).rejects.toThrow(`${folder} holds other files`);
  const after = await stat(folder);
  expect([after.mode, after.uid]).toEqual([before.mode, before.uid]);
  await rm(folder, { recursive: true });
});

test('a port that is taken is named in the error', async () => {
  const server = await startEmbeddedPostgres({ settings });
  await expect(startEmbeddedPostgres({ settings, port: server.port })).rejects.toThrow(
    `did not start on port ${server.port}`,
  );
  await server.stop();
});

describe('the process that started the server', () => {
  test('killed with SIGKILL, takes the server and its files with it', async () => {
    const child = startSource(starter, ['stay']);
    const { folder } = JSON.parse(await firstLine(child.stdout!)) as { folder: string };
    const pid = serverPid(folder);
    expect(isRunning(pid)).toBe(true);
    child.kill('SIGKILL');
    await expectGone(pid);
    await vi.waitFor(() => expect(existsSync(folder)).toBe(false), patience);
  });

  test('is not kept alive by a server that nobody stopped, and the server ends then too', async () => {
    const child = startSource(starter, ['end']);
    const ended = new Promise((resolve) => child.once('close', resolve));
    const { folder } = JSON.parse(await firstLine(child.stdout!)) as { folder: string };
    expect(await ended).toBe(0);
    await vi.waitFor(() => expect(existsSync(folder)).toBe(false), patience);
  });
});
