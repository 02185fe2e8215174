import { execFile } from 'node:child_process';
import { appendFile, chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import { openDatabase } from '../../src/database/connection.ts';
import { isDatabasesTrouble } from '../../src/database/database-away.ts';
import { queueIndex } from '../../src/database/queue/queue-event.ts';
import { migrateUp } from '../../src/database/schema/migrate.ts';
import { findFreePort } from '../../src/embedded/free-port.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/embedded/postgres.ts';
import { addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import { installMusicbrainzFixture } from '../../src/simulator/musicbrainz/seed.ts';
import { type Deployment, startDeployment } from '../support/deployment.ts';
import { endExecutables } from '../support/executable.ts';
import { startWorkerProcess } from '../support/worker-processes.ts';

// Two servers, a copy of their data, and a worker process, on a machine that may be busy.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 300_000 });
const patience = { timeout: 300_000, interval: 100 };

let folder: string;
let primary: EmbeddedPostgres;
let standby: EmbeddedPostgres;
let deployment: Deployment;

beforeAll(async () => {
  folder = await mkdtemp('/tmp/artwork-reconciler-failover-');
  // As root, PostgreSQL runs as another user.
  await chmod(folder, 0o755);
  const [one, two] = [join(folder, 'one'), join(folder, 'two')];
  const empty = await startEmbeddedPostgres({ folder: one });
  const { url } = empty;
  await migrateUp({ connectionString: url });
  const db = openDatabase({ connectionString: url });
  await installMusicbrainzFixture(db).finally(() => db.close());
  await empty.stop();

  await copyFolder(one, two);
  // An edit that its editor is told of is on both, as an operator has it who may not lose one.
  const synchronous = { synchronous_standby_names: '*' };
  primary = await startEmbeddedPostgres({ folder: one, port: empty.port, settings: synchronous });
  await writeFile(join(two, 'data', 'standby.signal'), '');
  const { username: user, password } = new URL(url);
  await appendFile(
    join(two, 'data', 'postgresql.auto.conf'),
    `primary_conninfo = 'host=127.0.0.1 port=${primary.port} user=${user} password=${password} sslmode=disable'\n`,
  );
  standby = await startEmbeddedPostgres({ folder: two, port: await findFreePort() });

  const servers = {
    DATABASE_URL: '',
    DATABASE_HOST: '127.0.0.1,127.0.0.1',
    DATABASE_PORT: `${primary.port},${standby.port}`,
    DATABASE_USER: user,
    DATABASE_PASSWORD: password,
    DATABASE_DBNAME: 'postgres',
    DATABASE_TARGET_SESSION_ATTRS: 'read-write',
  };
  const { database } = readConfig({ file: '/dev/null', env: { ...servers, ARCHIVE_CONTACT: 'test@localhost' } });
  deployment = await startDeployment({
    database: { db: openDatabase(database), url: '' },
    settings: { ...servers, EVENTS_CONCURRENCY: '4' },
    simulator: { latencyMs: 50 },
  });
});
afterAll(async () => {
  await endExecutables();
  await deployment?.stop();
  await Promise.all([primary, standby].map((server) => server?.stop()));
  await rm(folder, { recursive: true, force: true });
});

/** With owners and rights, which PostgreSQL looks after. */
async function copyFolder(from: string, to: string): Promise<void> {
  await promisify(execFile)('cp', ['-a', from, to]);
}

/** As a machine that loses its power. */
async function crash({ folder: of }: EmbeddedPostgres): Promise<void> {
  const [pid] = (await readFile(join(of, 'data', 'postmaster.pid'), 'utf8')).split('\n');
  process.kill(Number(pid), 'SIGQUIT');
}

/** A release with an image and its event, from somebody who tries again where the database is away. @returns its MBID */
async function addIndexed(): Promise<string> {
  return vi.waitFor(async () => {
    try {
      const { gid } = await addRelease(deployment.db, { images: 1 });
      await deployment.db.transaction((tx) => queueIndex(tx, { entityType: 'release', gid }));
      return gid;
    } catch (error) {
      expect(isDatabasesTrouble(error), String(error)).toBe(true);
      throw error;
    }
  }, patience);
}

const column = async (sql: string): Promise<readonly string[]> =>
  (await deployment.db.query<{ value: string }>(sql)).rows.map(({ value }) => value);

test('a standby that takes over goes on with the events: none that was acknowledged is lost, none completed twice', async () => {
  const { simulator } = deployment;
  const acknowledged: string[] = [];
  for (let each = 0; each < 40; each += 1) acknowledged.push(await addIndexed());
  const worker = await startWorkerProcess(deployment);
  const completed = `select id::text as value from artwork_indexer.event_queue where state = 'completed'`;
  await vi.waitFor(async () => expect((await column(completed)).length).toBeGreaterThan(4), patience);

  await crash(primary);
  const start = performance.now();
  const during = addIndexed();
  const promoted = openDatabase({ connectionString: standby.url });
  await promoted.query('select pg_promote()').finally(() => promoted.close());
  acknowledged.push(await during);
  for (let each = 0; each < 10; each += 1) acknowledged.push(await addIndexed());

  const before = new Set(await column(completed));
  await vi.waitFor(async () => expect((await column(completed)).some((id) => !before.has(id))).toBe(true), patience);
  process.stderr.write(`An event was completed ${((performance.now() - start) / 1000).toFixed(1)} s after the crash\n`);
  const open = `select id || ': ' || state as value from artwork_indexer.event_queue where state <> 'completed'`;
  await vi.waitFor(async () => expect(await column(open)).toEqual([]), patience);

  simulator.archive.settle();
  for (const gid of acknowledged) {
    const names = simulator.archive.item(`mbid-${gid}`)?.files.map(({ name }) => name);
    expect(names, gid).toEqual(expect.arrayContaining(['index.json', `mbid-${gid}_mb_metadata.xml`]));
  }
  const twice = `select event::text as value from artwork_reconciler.event_attempt
    where outcome = 'completed' group by event having count(*) > 1`;
  expect(await column(twice)).toEqual([]);
  worker.kill('SIGTERM');
  expect((await worker.exit).code).toBe(0);
});
