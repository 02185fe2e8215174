import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findFreePort } from '../../src/embedded/free-port.ts';
import { addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import { taskQueues } from '../../src/temporal/task-queues.ts';
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '../support/database.ts';
import { endExecutables } from '../support/executable.ts';
import { makeReplica } from '../support/replica.ts';
import { createTestNamespace } from '../support/temporal.ts';
import { launchWorkerProcess, type WorkerProcess } from '../support/worker-processes.ts';

// A worker that tries for ten seconds, on a busy machine. Those that have nothing in common try side by side.

/**
 * Seconds. It tries for ten, or a supervisor would kill it without knowing why it doesn't start. A busy machine takes a
 * multiple of that; where nothing limits how long a connection is waited for, it is two minutes and more.
 */
const longestStart = 90;

const settings = { ARCHIVE_CONTACT: 'test@localhost', DATABASE_URL: 'postgres://me:sesame@127.0.0.1:1/mb' } as const;

afterAll(endExecutables);

test.concurrent('a configuration value that its key can’t take: nothing is tried', async () => {
  const worker = launchWorkerProcess({ ...settings, AUDIT_PER_HOUR: 'many' });
  expect(await failureOf(worker)).toMatch(
    /\[audit\] per_hour takes a number [^\n]+; it got "many" from AUDIT_PER_HOUR/,
  );
});

test.concurrent('an address of Sentry’s that it couldn’t report to: which key, and not its value', async () => {
  const worker = launchWorkerProcess({ ...settings, SENTRY_DSN: 'https://sentry.example.org/s3same' });
  const line = await failureOf(worker);
  expect(line).toMatch(
    /\[sentry\] dsn takes an address like https:\/\/key@host\/1; it got something else \(not shown\)/,
  );
  expect(line).not.toContain('s3same');
});

test.concurrent('no contact for the archive’s staff', async () => {
  const { DATABASE_URL } = settings;
  expect(await failureOf(launchWorkerProcess({ DATABASE_URL }))).toMatch(/\[archive\] contact/);
});

test.concurrent('a database that nobody answers for', async () => {
  const line = await failureOf(launchWorkerProcess(settings));
  expect(line).toContain("The database mb at 127.0.0.1:1 can't be reached");
  expect(line).not.toContain('sesame');
});

test.concurrent('a database that takes connections and says nothing', async () => {
  const deaf = await startDeafServer();
  const DATABASE_URL = `postgres://me:sesame@127.0.0.1:${deaf.port}/mb`;
  expect(await failureOf(launchWorkerProcess({ ...settings, DATABASE_URL }))).toContain(
    `The database mb at 127.0.0.1:${deaf.port} can't be reached`,
  );
  await deaf.close();
});

test.concurrent('a database without our tables: what is missing, and how to get it', async () => {
  const { url } = await createEmptyDatabase();
  const line = await failureOf(launchWorkerProcess({ ...settings, DATABASE_URL: url }));
  expect(line).toMatch(/lacks \d+ migrations \(0001_artwork_indexer, .*run `artwork-reconciler migrate` first/);
});

test.concurrent('a database of a newer version: what it has, and what to install', async () => {
  const database = await createTestDatabase({ musicbrainz: false });
  await database.db.query(`insert into artwork_reconciler.migration (name, run_on) values ('9999_of_tomorrow', now())`);
  const line = await failureOf(launchWorkerProcess({ ...settings, DATABASE_URL: database.url }));
  expect(line).toMatch(/is newer than this program \(9999_of_tomorrow\): install the newer version/);
});

test.concurrent(
  'a replica of MusicBrainz: no repairs and no events, and in report mode only with a warning',
  async () => {
    const database = await createTestDatabase();
    await addRelease(database.db);
    await makeReplica(database.db);
    const environment = {
      ...settings,
      DATABASE_URL: database.url,
      TEMPORAL_ADDRESS: `127.0.0.1:${await findFreePort()}`,
      EVENTS_ENABLED: 'false',
    };
    const repairing = launchWorkerProcess({ ...environment, AUDIT_MODE: 'repair' });
    const withEvents = launchWorkerProcess({ ...environment, AUDIT_MODE: 'report', EVENTS_ENABLED: 'true' });
    const reporting = launchWorkerProcess({ ...environment, AUDIT_MODE: 'report' });
    const refused = /musicbrainz\.edit is empty .* stay in report mode with \[events\] enabled = false/;
    expect(await failureOf(repairing)).toMatch(refused);
    expect(await failureOf(withEvents)).toMatch(refused);
    // It continues, as far as to a Temporal that isn't there.
    await reporting.exit;
    expect(reporting.log()).toMatchObject([
      { level: 40, msg: expect.stringContaining('musicbrainz.edit is empty') as string },
    ]);
  },
);

test.concurrent('a SIGHUP while the code is loaded changes nothing', async () => {
  const NODE_OPTIONS = `--import ${new URL('hup-while-loading.js', import.meta.url).href}`;
  const line = await failureOf(launchWorkerProcess({ ...settings, NODE_OPTIONS }));
  expect(line).toContain("The database mb at 127.0.0.1:1 can't be reached");
});

test.concurrent('a column of MusicBrainz’ that was renamed: which', async () => {
  const database = await createTestDatabase();
  await database.db.query('alter table cover_art_archive.cover_art rename mime_type to media_type');
  const line = await failureOf(launchWorkerProcess({ ...settings, DATABASE_URL: database.url }));
  expect(line).toMatch(/lacks .*: column cover_art_archive\.cover_art\.mime_type does not exist\. See docs/);
});

test.concurrent('a Temporal that nobody answers for', async () => {
  const database = await createTestDatabase();
  const address = `127.0.0.1:${await findFreePort()}`;
  const worker = launchWorkerProcess({ ...settings, DATABASE_URL: database.url, TEMPORAL_ADDRESS: address });
  expect(await failureOf(worker)).toContain(`Temporal at ${address} can't be reached`);
});

test.concurrent('a Temporal that takes connections and says nothing; a SIGHUP meanwhile changes nothing', async () => {
  const database = await createTestDatabase();
  const deaf = await startDeafServer();
  const address = `127.0.0.1:${deaf.port}`;
  const worker = launchWorkerProcess({ ...settings, DATABASE_URL: database.url, TEMPORAL_ADDRESS: address });
  await deaf.connected;
  worker.kill('SIGHUP');
  expect(await failureOf(worker)).toContain(`Temporal at ${address} can't be reached`);
  await deaf.close();
});

describe('what Temporal or the database refuses once there are connections to both', () => {
  /** With the pages that would keep a process, too. */
  const works = { ARCHIVE_CONTACT: 'test@localhost', MONITORING_LISTEN: '127.0.0.1:0', LOG_LEVEL: 'error' };
  const breaking = (what: string) => ({
    NODE_OPTIONS: `--import ${new URL('break-temporal.js', import.meta.url).href}`,
    BREAK: what,
  });

  let database: TestDatabase;
  let environment: Readonly<Record<string, string>>;
  beforeAll(async () => {
    database = await createTestDatabase();
    const { address, namespace } = await createTestNamespace();
    environment = { ...works, DATABASE_URL: database.url, TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace };
  });

  test('a namespace that isn’t there: what makes it', async () => {
    const worker = launchWorkerProcess({ ...environment, TEMPORAL_NAMESPACE: 'of-nobody' });
    expect(await failureOf(worker)).toMatch(
      /Temporal at \S+ has no namespace "of-nobody": make it with `temporal operator namespace create /,
    );
  });

  test.each([taskQueues.musicbrainz, 'workflows'])('the worker of %s, when others are made already', async (which) => {
    const worker = launchWorkerProcess({ ...environment, ...breaking(`create ${which}`) });
    expect(await failureOf(worker)).toContain('Namespace of-nobody was not found');
  });

  test('workflows that were never bundled: where, and what makes them', async () => {
    const worker = launchWorkerProcess({ ...environment, ...breaking('bundle') });
    expect(await failureOf(worker)).toMatch(/workflow-bundle\.js can't be read \(ENOENT\): `npm run build` makes it/);
  });

  test('schedules that Temporal doesn’t make, when all workers are made: its own words', async () => {
    const worker = launchWorkerProcess({ ...environment, ...breaking('schedules') });
    expect(await failureOf(worker)).toContain('schedules are switched off here');
    // It had made itself known, and is known no more.
    expect((await database.db.query('select name from artwork_reconciler.worker')).rows).toEqual([]);
  });

  test('one of its workers that breaks while it runs: what broke it, not what its end brought along', async () => {
    const worker = launchWorkerProcess({ ...environment, ...breaking(`run ${taskQueues.archive}`) });
    expect(await worker.exit, worker.stderr()).toEqual({ code: 1, signal: null });
    expect(worker.stderr()).toBe(
      'Error: This worker broke, and ends; what it had in progress is released: the native part of Temporal broke\n',
    );
  });

  test('a table that it may not read, or that isn’t there, when all workers are made', async () => {
    await database.db.query('alter table artwork_reconciler.brake rename to brake_of_another');
    expect(await failureOf(launchWorkerProcess(environment))).toMatch(/brake/);
  });
});

/** One line on standard error and nothing else, soon, and exit code 1. @returns the line */
async function failureOf(worker: WorkerProcess): Promise<string> {
  const startedAt = Date.now();
  expect(await worker.exit, worker.stderr()).toEqual({ code: 1, signal: null });
  expect(Date.now() - startedAt).toBeLessThan(longestStart * 1000);
  expect(worker.stdout()).toBe('');
  expect(worker.stderr()).toMatch(/^Error: [^\n]+\n$/);
  return worker.stderr();
}

/** Takes connections, and never says a word. */
async function startDeafServer(): Promise<{ port: number; connected: Promise<unknown>; close(): Promise<void> }> {
  const sockets: Socket[] = [];
  let connect: (value?: unknown) => void = () => undefined;
  const connected = new Promise((resolve) => (connect = resolve));
  const server: Server = createServer((socket) => {
    socket.on('error', () => undefined);
    sockets.push(socket);
    connect();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    connected,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
