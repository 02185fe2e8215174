import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { queueIndex } from '../../src/database/queue/queue-event.ts';
import { installTriggers } from '../../src/database/schema/triggers.ts';
import { findTemporalCli } from '../../src/embedded/temporal-cli.ts';
import type { EntityKey } from '../../src/domain/entity.ts';
import { addEvent, addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import { dispatcherWorkflowId, housekeepingScheduleId, paceScheduleId } from '../../src/temporal/task-queues.ts';
import { makeDue, seedItem, untilStatus } from '../support/audits.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { type Deployment, type DeploymentOptions, startDeployment } from '../support/deployment.ts';
import { endExecutables } from '../support/executable.ts';
import { patience } from '../support/patience.ts';
import { dontReplay } from '../support/temporal.ts';
import { launchWorkerProcess, startWorkerProcess, type WorkerProcess } from '../support/worker-processes.ts';
import { beginSituation, runLine } from './on-call-lines.ts';

// Workers are processes, which take seconds to start on a busy machine, and are restarted.
vi.setConfig({ testTimeout: 400_000 });

let folder: string;
let deployment: Deployment;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'ar-on-call-'))));
const root = process.cwd();
afterEach(async () => {
  process.chdir(root);
  await deployment.stop();
  await endExecutables();
  await rm(folder, { recursive: true });
});

/** Of every situation: one worker, which a file names. */
const environment = (): Record<string, string> => ({
  ...deployment.environment,
  WORKER_PID_FILE: join(folder, 'worker.pid'),
});
const startWorker = (): Promise<WorkerProcess> => startWorkerProcess({ environment: environment() });

async function begin(options: DeploymentOptions = {}): Promise<void> {
  deployment = await startDeployment({
    ...options,
    settings: { HOUSEKEEPING_SECONDS: '1', HOUSEKEEPING_YOUNG_CLAIM_SECONDS: '5', ...options.settings },
  });
}

async function index(key: EntityKey): Promise<number> {
  const { id } = await deployment.db.transaction((tx) => queueIndex(tx, key));
  return id;
}
async function stateOf(id: number): Promise<string | undefined> {
  const { rows } = await deployment.db.query<{ state: string; attempts: number }>(
    'select state::text, attempts from artwork_indexer.event_queue where id = $1',
    [id],
  );
  return rows[0] && `${rows[0].state} ${rows[0].attempts}`;
}
const untilCompleted = (id: number): Promise<void> =>
  vi.waitFor(async () => expect(await stateOf(id)).toMatch(/^completed/), patience);

const writesTo = ({ gid }: { readonly gid: string }) =>
  deployment.simulator.requestLog().filter(({ method, url }) => method === 'PUT' && url.includes(gid)).length;

test('keys are rotated', async () => {
  await begin();
  const { db, simulator } = deployment;
  const eaa = { access: 'eaa', secret: 'secret-of-eaa' };
  simulator.keys = { caa: { access: 'caa', secret: 'secret-of-caa' }, eaa };
  const { S3_CAA_SECRET: old, ...others } = environment();
  const config = join(folder, 'config.ini');
  const configure = (secret: string) => writeFile(config, `[s3]\ncaa_secret = ${secret}\n`);
  await configure(old!);
  process.chdir(folder);
  const worker = await startWorkerProcess({ environment: others }, { args: ['--config', config] });
  const { say, left } = beginSituation('Keys are rotated, or refused', () => others);

  simulator.keys = { caa: { access: 'caa', secret: 'rotated' }, eaa };
  const refused = await addRelease(db, { images: 1 });
  const id = await index(refused);
  await vi.waitFor(async () => expect(await brakes()).toEqual(['keys_refused_caa']), patience);
  const next = await index(await addRelease(db, { images: 1 }));
  const other = await index(await addEvent(db, { images: 1 }));
  await untilCompleted(other);
  await vi.waitFor(
    async () => expect([await stateOf(id), await stateOf(next)]).toEqual(['queued 0', 'queued 0']),
    patience,
  );

  await configure('rotated');
  expect((await say('reload')).stdout).toMatch(new RegExp(`^The worker, process ${worker.pid}, reads`));
  expect((await say('check')).stdout).toMatch(/^key of caa +ok/m);
  for (const each of [id, next]) await untilCompleted(each);
  expect((await say('schedule show')).stdout).not.toContain('keys_refused');
  expect(await brakes()).toEqual([]);
  expect(left).toEqual([]);
});

async function brakes(): Promise<string[]> {
  const { rows } = await deployment.db.query<{ name: string }>(
    'select name from artwork_reconciler.brake order by name',
  );
  return rows.map(({ name }) => name);
}

test('the database was restored', async () => {
  const database: TestDatabase = await createTestDatabase();
  await begin({ database });
  const { db, simulator } = deployment;
  const { say, next, left } = beginSituation('The database was restored', environment);
  const [edited, pending] = [await addRelease(db, { images: 1 }), await addRelease(db, { images: 1 })];
  for (const release of [edited, pending]) await seedItem(deployment, release);
  await makeDue(db, [edited, pending]);
  const first = await startWorker();
  for (const release of [edited, pending]) await untilStatus(db, release, 'clean');
  await runLine('artwork-reconciler events pause', environment());
  const queued = await index(pending);
  first.kill('SIGTERM');
  await first.exit;
  const restore = await database.dump();
  const dumpedAt = new Date();

  // What is lost: an edit, which the archive has seen, a release of which the dump knows nothing, and what became of the queue.
  await startWorker();
  await runLine('artwork-reconciler events resume', environment());
  await db.query(`update musicbrainz.release set name = 'Edited since' where gid = $1`, [edited.gid]);
  const lost = await index(edited);
  const added = await addRelease(db, { images: 1 });
  await seedItem(deployment, added);
  const lostToo = await index(added);
  for (const id of [queued, lost, lostToo]) await untilCompleted(id);

  await say('stop');
  await restore();
  await vi.waitFor(async () => expect(await stateOf(queued)).toBe('queued 0'), patience);
  expect([await stateOf(lost), await stateOf(lostToo)]).toEqual([undefined, undefined]);
  const tooSoon = launchWorkerProcess(environment());
  expect((await tooSoon.exit).code).toBe(1);
  expect(tooSoon.stderr()).toContain('The database is a copy');

  await say('migrate up');
  expect((await say('adopt', ['2026-01-31T12:00:00Z', dumpedAt.toISOString()])).stdout).toMatch(/as before; /);
  expect(next('artwork-reconciler worker')).toBeDefined();
  await startWorker();
  await runLine('artwork-reconciler events resume', environment());
  // It had an attempt before the loss, in a workflow that Temporal knows by the same id.
  await untilCompleted(queued);
  const before = writesTo(edited);
  await say('scan archive');
  await vi.waitFor(() => expect(writesTo(edited)).toBeGreaterThan(before), patience);
  await untilStatus(db, edited, 'clean');
  // The queue counts on from the dump: what repaired it has the number of an event that is lost, and whose run Temporal knows.
  expect(await stateOf(lost)).toBe('completed 1');
  // Of what neither the database nor the web service knows any more, no image goes.
  const deleted = simulator.requestLog().filter(({ method }) => method === 'DELETE');
  expect(deleted.filter(({ url }) => !url.endsWith(`/mbid-${added.gid}/index.json`))).toEqual([]);
  expect((await say('check')).stdout).toMatch(/^triggers +ok/m);
  expect(left).toEqual([]);
});

test('MusicBrainz changes its schema', async () => {
  await begin();
  const { db } = deployment;
  await installTriggers(db);
  const { say, sayInVain, left } = beginSituation('MusicBrainz changes its schema', environment);
  await startWorker();
  await say('events pause');
  await say('schedule pause');
  const release = await addRelease(db, { images: 1 });
  await seedItem(deployment, release);
  await makeDue(db, [release]);
  const id = await index(release);

  await db.query('alter table musicbrainz.release alter name type text');
  await db.query('alter table cover_art_archive.cover_art rename mime_type to media_type');
  const checked = await sayInVain('check');
  expect(checked.stdout).toMatch(/^schema +FAILED/m);
  expect(checked.stdout).toContain('cover_art.mime_type');
  expect(await stateOf(id)).toBe('queued 0');
  // There is no other version here that would read the new name: the column is what comes back.
  await db.query('alter table cover_art_archive.cover_art rename media_type to mime_type');
  await vi.waitFor(() => runLine('artwork-reconciler check', environment()), patience);

  await say('schedule resume');
  await say('events resume');
  await untilCompleted(id);
  await untilStatus(db, release, 'clean');
  expect(left).toEqual([]);
});

test('Temporal’s namespace is gone', async () => {
  await begin();
  const { db, temporal } = deployment;
  const { namespace } = temporal.options;
  const { say, next, left } = beginSituation("Temporal's namespace is gone, or Temporal is away", environment);
  dontReplay(namespace);
  const worker = await startWorker();
  const before = await index(await addRelease(db, { images: 1 }));
  await untilCompleted(before);

  await temporal.connection.operatorService.deleteNamespace({ namespace });
  await vi.waitFor(async () => {
    await expect(temporal.workflowService.describeNamespace({ namespace })).rejects.toThrow(/not found/i);
  }, patience);
  const meanwhile = await addRelease(db, { images: 1 });
  await seedItem(deployment, meanwhile);
  await makeDue(db, [meanwhile]);
  const queued = await index(meanwhile);
  const logs = (text: RegExp): Promise<void> =>
    vi.waitFor(() => expect(worker.log().map(({ msg }) => msg)).toContainEqual(expect.stringMatching(text)), patience);
  await logs(/^whether Temporal has what it should could not be seen/);
  await vi.waitFor(async () => {
    const checked = await runLine('artwork-reconciler check', environment(), 1);
    expect(checked.stdout).toMatch(/^temporal +FAILED .*has no namespace .*operator namespace create/m);
  }, patience);

  const line = next('temporal operator namespace create ').replace('artwork-reconciler', namespace);
  await promisify(execFile)(await findTemporalCli(), line.split(' ').slice(1), {
    env: { ...process.env, TEMPORAL_ADDRESS: environment().TEMPORAL_ADDRESS },
  });
  await logs(/^Temporal had lost our schedules: they are in place again/);
  await untilCompleted(queued);
  await untilStatus(db, meanwhile, 'clean');
  expect((await say('check')).stdout).toMatch(/^temporal +ok/m);
  expect((await say('schedule show')).stdout).not.toContain('paused');
  for (const id of [paceScheduleId, housekeepingScheduleId]) await temporal.schedule.getHandle(id).describe();
  expect((await temporal.workflow.getHandle(dispatcherWorkflowId).describe()).status.name).toBe('RUNNING');
  expect(left).toEqual([]);
});
