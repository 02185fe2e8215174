import { connect, createServer } from 'node:net';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { coolDown } from '../../src/database/brakes/budget.ts';
import { findFreePort } from '../../src/embedded/free-port.ts';
import type { Monitor, MonitorSetup, Readiness } from '../../src/monitoring/monitor.ts';
import { createMonitoringApp, createOpenMonitoringApp } from '../../src/monitoring/monitoring-app.ts';
import { createEmptyDatabase, createTestDatabase } from '../support/database.ts';
import { createTestNamespace } from '../support/temporal.ts';
import { monitorOf } from './monitors.ts';
import { parseMetrics } from './scrape.ts';

const database = await createTestDatabase({ musicbrainz: false });
let temporal: { address: string; namespace: string };
beforeAll(async () => {
  temporal = await createTestNamespace();
});

const monitors: Monitor[] = [];
afterEach(async () => {
  for (const monitor of monitors.splice(0)) await monitor.close();
});

interface AppOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Where Temporal is said to be. */
  readonly at?: Partial<typeof temporal>;
  readonly setup?: Partial<MonitorSetup>;
}

/** The application of a process; of one that is all right where not told otherwise. */
function appOf({ env = {}, at = {}, setup }: AppOptions = {}) {
  const monitor = monitorOf({ DATABASE_URL: database.url, ...env }, { ...temporal, ...at }, setup);
  monitors.push(monitor);
  return createMonitoringApp(monitor);
}

async function readyz(app: ReturnType<typeof appOf>) {
  const answer = await app.request('/readyz');
  const readiness = (await answer.json()) as Readiness;
  const of = (name: string) => readiness.dependencies.find((dependency) => dependency.name === name);
  return { status: answer.status, readiness, of };
}

async function metrics(app: ReturnType<typeof appOf>) {
  const answer = await app.request('/metrics');
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  return parseMetrics(await answer.text());
}

describe('without a login it answers', () => {
  const ask = async (host: string) => {
    const monitor = monitorOf({ DATABASE_URL: database.url }, temporal);
    monitors.push(monitor);
    const app = createOpenMonitoringApp(monitor, () => ['worker.reconciler.svc']);
    return (await app.request('/healthz', { headers: { host } })).status;
  };

  test.each([
    '127.0.0.1:9464',
    '10.1.2.3',
    '[fd00::1]:9464',
    'localhost:9464',
    'worker:9464',
    'Worker.Reconciler.svc:80',
  ])('to addresses, names without a dot and configured ones: %s', async (host) => {
    expect(await ask(host)).toBe(200);
  });

  test.each(['evil.example:9464', 'worker.reconciler.svc.evil.example', '127.0.0.1.evil.example', 'localhost.'])(
    'to no other name: %s',
    async (host) => {
      expect(await ask(host)).toBe(403);
    },
  );
});

describe('a process that has all it needs', () => {
  test('is alive, and says what it is', async () => {
    const answer = await appOf().request('/healthz');
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({
      status: 'ok',
      version: expect.stringMatching(/^\d+\.\d+\.\d+/) as string,
      commit: expect.stringMatching(/^([0-9a-f]{40}|unknown)$/) as string,
      phase: 'running',
    });
  });

  test('is ready, each dependency by its name', async () => {
    const { status, readiness } = await readyz(appOf());
    expect(status).toBe(200);
    expect(readiness.ready).toBe(true);
    expect(readiness.dependencies.map(({ name, ok }) => [name, ok])).toEqual([
      ['database', true],
      ['migrations', true],
      ['temporal', true],
      ['archive', true],
      ['musicbrainz', true],
    ]);
  });

  test.each(['starting', 'stopping'] as const)('is alive but not ready while it is %s', async (phase) => {
    const app = appOf({ setup: { phase: () => phase } });
    expect((await app.request('/healthz')).status).toBe(200);
    const { status, readiness } = await readyz(app);
    expect([status, readiness.phase]).toEqual([503, phase]);
  });

  test('stays ready while the archive wants to be left alone, and says so', async () => {
    await coolDown(database.db, 'archive', { retryAfterSeconds: 3600, defaultSeconds: 1, reason: 'a test' });
    const app = appOf();
    const { status, of } = await readyz(app);
    expect(status).toBe(200);
    expect(of('archive')).toMatchObject({ ok: false, required: false });
    expect(of('archive')?.detail).toMatch(/^cooling down until /);
    expect(of('musicbrainz')?.ok).toBe(true);
    const scraped = await metrics(app);
    expect(scraped.value('artwork_reconciler_dependency_up', { dependency: 'archive' })).toBe(0);
    expect(scraped.value('artwork_reconciler_cool_down_seconds', { service: 'archive' })).toBeGreaterThan(60);
    expect(scraped.value('artwork_reconciler_brake', { brake: 'cool_down_archive' })).toBe(1);
  });
});

test('a service that gave this process no answer at all is said to be away, which makes nobody unready', async () => {
  await database.db.query('truncate artwork_reconciler.budget');
  const app = appOf();
  const { meter } = monitors.at(-1)!.process;
  const seen = async () => {
    const { status, of } = await readyz(app);
    return [status, of('archive')?.ok, of('musicbrainz')?.ok, of('musicbrainz')?.detail.replace(/\S+Z$/, '…')];
  };
  expect(await seen()).toEqual([200, true, true, 'not asked by this process yet']);
  meter({ kind: 'ws', answer: 'none', seconds: 1 });
  meter({ kind: 'metadata', answer: '5xx', seconds: 1 });
  expect(await seen()).toEqual([200, true, false, 'last answer none, at …']);
  meter({ kind: 'ws', answer: '404', seconds: 1 });
  expect(await seen()).toEqual([200, true, true, 'last answer 404, at …']);
});

describe('a process is alive, not ready, and says why, where', () => {
  test('nobody answers for the database', async () => {
    const app = appOf({ env: { DATABASE_URL: `postgres://me:sesame@127.0.0.1:${await findFreePort()}/mb` } });
    expect((await app.request('/healthz')).status).toBe(200);
    const { status, readiness, of } = await readyz(app);
    expect(status).toBe(503);
    expect(of('database')).toMatchObject({ ok: false, required: true });
    expect(of('database')?.detail).toContain('ECONNREFUSED');
    expect(of('temporal')?.ok).toBe(true);
    expect(JSON.stringify(readiness)).not.toContain('sesame');
  });

  test('nobody answers for Temporal', async () => {
    const address = `127.0.0.1:${await findFreePort()}`;
    // All of this time is waited for it.
    const { status, of } = await readyz(appOf({ at: { address }, env: { MONITORING_TIMEOUT_SECONDS: '2' } }));
    expect(status).toBe(503);
    expect(of('temporal')?.ok).toBe(false);
    expect(of('temporal')?.detail).toMatch(new RegExp(`^${address}: .`));
  });

  test('Temporal has no such namespace', async () => {
    const { status, of } = await readyz(appOf({ at: { namespace: 'no-such-namespace' } }));
    expect(status).toBe(503);
    expect(of('temporal')?.detail).toContain('no-such-namespace');
  });

  test('the database was never migrated', async () => {
    const { url } = await createEmptyDatabase();
    const { status, of } = await readyz(appOf({ env: { DATABASE_URL: url } }));
    expect(status).toBe(503);
    expect(of('database')?.ok).toBe(true);
    expect(of('migrations')?.detail).toMatch(/^lacks 0001_artwork_indexer, .*: run migrate$/);
  });

  test('the database is newer than the program', async () => {
    const newer = await createTestDatabase({ musicbrainz: false });
    await newer.db.query(`insert into artwork_reconciler.migration (name, run_on) values ('9999_future', now())`);
    const { status, of } = await readyz(appOf({ env: { DATABASE_URL: newer.url } }));
    expect(status).toBe(503);
    expect(of('migrations')?.detail).toBe('is newer than this program: 9999_future');
  });
});

test('metrics of a process whose database is away are those that need none: nothing is made up', async () => {
  const warnings: string[] = [];
  const url = `postgres://me:sesame@127.0.0.1:${await findFreePort()}/mb`;
  const scraped = await metrics(
    appOf({ env: { DATABASE_URL: url }, setup: { warn: (line) => void warnings.push(line) } }),
  );
  expect(scraped.value('artwork_reconciler_dependency_up', { dependency: 'database' })).toBe(0);
  expect(scraped.value('artwork_reconciler_dependency_up', { dependency: 'temporal' })).toBe(1);
  for (const name of ['events', 'failed_events', 'entities', 'brake', 'stuck_rows', 'pace_audits_per_hour']) {
    expect(scraped.value(`artwork_reconciler_${name}`)).toBeUndefined();
  }
  expect(scraped.value('artwork_reconciler_build_info')).toBe(1);
  expect(scraped.value('process_cpu_seconds_total')).toBeGreaterThan(0);
  expect(warnings.join()).toContain("figures can't be read: ");
  expect(warnings.join()).not.toContain('sesame');
});

test('figures come back with the database, in the same process', async () => {
  const port = await findFreePort();
  const late = new URL(database.url);
  const app = appOf({ env: { DATABASE_URL: late.href.replace(/:\d+\//, `:${port}/`) } });
  expect((await metrics(app)).value('artwork_reconciler_failed_events')).toBeUndefined();
  const proxy = createServer((socket) => {
    const onward = connect(Number(late.port), late.hostname);
    socket.on('error', () => onward.destroy()).on('close', () => onward.destroy());
    onward.on('error', () => socket.destroy());
    socket.pipe(onward).pipe(socket);
  });
  await new Promise<void>((resolve) => proxy.listen(port, '127.0.0.1', resolve));
  expect((await metrics(app)).value('artwork_reconciler_failed_events')).toBe(0);
  await monitors.pop()?.close();
  await new Promise((resolve) => proxy.close(resolve));
});
