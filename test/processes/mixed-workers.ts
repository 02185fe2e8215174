import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import { type Deployment, noAudits, startDeployment } from '../support/deployment.ts';
import { expectSoundEnd } from '../support/end-of-test.ts';
import { endExecutables } from '../support/executable.ts';
import { startOtherDaemon, type OtherDaemon } from '../support/other-daemon.ts';
import { startWorkerProcess } from '../support/worker-processes.ts';

/** What the queue holds. A move is three events, a failure two. */
export interface Amounts {
  readonly deindex: number;
  readonly delete: number;
  readonly index: number;
  readonly move: number;
  readonly failing: number;
}

const attemptDelaySeconds = 0.2;

let deployment: Deployment;
let amounts: Amounts;

/** The test, with a queue of this size. */
export function testMixedWorkers(size: Amounts): void {
  vi.setConfig({ testTimeout: 600_000 });
  amounts = size;
  beforeAll(startMixedDeployment);
  afterAll(async () => {
    await endExecutables();
    await deployment.stop();
  });
  test('two workers and the other daemon on one queue: every event is handled, and none twice', handleAllOnce);
}

async function startMixedDeployment(): Promise<void> {
  deployment = await startDeployment({
    settings: {
      ...noAudits,
      EVENTS_CONCURRENCY: '24',
      EVENTS_ATTEMPT_DELAY_SECONDS: String(attemptDelaySeconds),
    },
  });
}

async function handleAllOnce(): Promise<void> {
  const queued = await fillQueue();
  const all = amounts.deindex + amounts.delete + amounts.index + 3 * amounts.move + 2 * amounts.failing;
  expect(await count('true')).toBe(all);
  const workers = [await startWorkerProcess(deployment), await startWorkerProcess(deployment)];
  const other = startDaemon();
  await untilNoneIsOpen();

  expect(await count(`state = 'completed'`)).toBe(all - 2 * amounts.failing);
  expectEachRequestOnce(queued.requests);
  await expectEachCompletedOnce(other);
  await expectFailedByTheRules();
  for (const move of queued.moves) expectInOrder(move);

  // A daemon that starts has nothing to do, and keeps house at once.
  await other.stop();
  const waiting = await queueLongWaited(8);
  await vi.waitFor(
    async () => expect(await rows('select from artwork_reconciler.event_claim')).toHaveLength(waiting.length),
    patience,
  );
  const another = startDaemon();
  await vi.waitFor(() => expect(another.failedByHousekeeping.length).toBeGreaterThan(0), patience);
  await vi.waitFor(
    async () => expect(await count(`state = 'completed' and id = any ('{${waiting.join()}}')`)).toBe(waiting.length),
    patience,
  );
  await another.stop();

  for (const worker of workers) worker.kill('SIGTERM');
  for (const worker of workers) expect((await worker.exit).code).toBe(0);
  permitDeletions(queued.deleted);
  await expectSoundEnd(deployment);
}

const patience = { timeout: 300_000, interval: 100 } as const;

function startDaemon(): OtherDaemon {
  const { environment, simulator } = deployment;
  return startOtherDaemon({
    databaseUrl: environment['DATABASE_URL'] ?? '',
    urls: simulator.urls,
    keys: {
      release: { access: environment['S3_CAA_ACCESS'] ?? '', secret: environment['S3_CAA_SECRET'] ?? '' },
      event: { access: environment['S3_EAA_ACCESS'] ?? '', secret: environment['S3_EAA_SECRET'] ?? '' },
    },
    pauseSeconds: 0.05,
    attemptDelaySeconds,
    housekeepingSeconds: 0.5,
  });
}

interface Filled {
  /** `METHOD item/file` of every request that must be made once. */
  readonly requests: readonly string[];
  /** The requests of each move, in their order. */
  readonly moves: readonly (readonly string[])[];
  /** Artwork ids of the images that MusicBrainz had deleted. */
  readonly deleted: readonly number[];
}

/** Fills the queue as MusicBrainz' triggers would, in one order by chance, and the archive with what it is about. */
async function fillQueue(): Promise<Filled> {
  const requests: string[] = [];
  const deleted: number[] = [];
  for (let number = 0; number < amounts.deindex; number += 1) {
    const gid = randomUUID();
    seedItem(gid, ['index.json']);
    requests.push(`DELETE mbid-${gid}/index.json`);
    await queue('deindex', { gid });
  }
  for (let id = 1; id <= amounts.delete; id += 1) {
    const gid = randomUUID();
    seedItem(gid, [`mbid-${gid}-${id}.jpg`]);
    requests.push(`DELETE mbid-${gid}/mbid-${gid}-${id}.jpg`);
    deleted.push(id);
    await queue('delete_image', { artwork_id: id, gid, suffix: 'jpg' });
  }
  for (let number = 0; number < amounts.index; number += 1) {
    const { gid } = await addRelease(deployment.db, { images: 2 });
    requests.push(...indexRequests(gid));
    await queue('index', { gid });
  }
  const moves: string[][] = [];
  for (let id = 1001; id <= 1000 + amounts.move; id += 1) moves.push(await queueMove(id));
  for (let number = 0; number < amounts.failing; number += 1) {
    const parent = await queue('noop', { fail: true, number });
    await queue('noop', { after: number }, parent);
  }
  return { requests: [...requests, ...moves.flat()], moves, deleted };
}

/** An image that went to another release, and the `index` after it. */
async function queueMove(id: number): Promise<string[]> {
  const from = randomUUID();
  const { gid: to } = await addRelease(deployment.db, { images: [{ id }] });
  seedItem(from, [`mbid-${from}-${id}.jpg`]);
  const message = { artwork_id: id, suffix: 'jpg' };
  const copy = await queue('copy_image', { ...message, old_gid: from, new_gid: to });
  const removal = await queue('delete_image', { ...message, gid: from }, copy);
  await queue('index', { gid: to }, removal);
  return [`PUT mbid-${to}/mbid-${to}-${id}.jpg`, `DELETE mbid-${from}/mbid-${from}-${id}.jpg`, ...indexRequests(to)];
}

function indexRequests(gid: string): string[] {
  return [`PUT mbid-${gid}/index.json`, `PUT mbid-${gid}/mbid-${gid}_mb_metadata.xml`];
}

function seedItem(gid: string, files: readonly string[]): void {
  deployment.simulator.archive.seedItem({
    identifier: `mbid-${gid}`,
    metadata: { collection: 'coverartarchive', mediatype: 'image' },
    files: files.map((name) => ({ name, content: Buffer.from(name) })),
    derivatives: false,
  });
}

async function queue(action: string, message: object, parent?: number): Promise<number> {
  // Their order is by chance, so that all kinds are worked on side by side; parents come before what depends on them.
  const { rows: inserted } = await deployment.db.query<{ id: number }>(
    `insert into artwork_indexer.event_queue (entity_type, action, message, depends_on, created)
     values ('release', $1::artwork_indexer.event_queue_action, $2::jsonb, $3::bigint[],
       coalesce((select created from artwork_indexer.event_queue where id = $4), now() - random() * interval '1 minute'))
     returning id`,
    [action, JSON.stringify(message), parent === undefined ? null : [parent], parent ?? null],
  );
  return inserted[0]?.id ?? 0;
}

/** Events that waited longer than two minutes and a half before they are taken, and then take a while. */
async function queueLongWaited(amount: number): Promise<number[]> {
  const { rows: inserted } = await deployment.db.query<{ id: number }>(
    `insert into artwork_indexer.event_queue (entity_type, action, message, created)
     select 'release', 'noop', jsonb_build_object('sleep', 6, 'number', number), now() - interval '1 hour'
     from generate_series(1, $1) as number returning id`,
    [amount],
  );
  return inserted.map(({ id }) => id);
}

async function untilNoneIsOpen(): Promise<void> {
  await vi.waitFor(async () => expect(await count(`state in ('queued', 'running')`)).toBe(0), {
    timeout: 500_000,
    interval: 200,
  });
}

function expectEachRequestOnce(expected: readonly string[]): void {
  const seen = writes();
  expect(seen.filter((request, at) => seen.indexOf(request) !== at)).toEqual([]);
  expect([...seen].sort()).toEqual([...expected].sort());
}

function expectInOrder(requests: readonly string[]): void {
  const seen = writes();
  const places = requests.map((request) => seen.indexOf(request));
  expect(places).toEqual([...places].sort((one, other) => one - other));
}

/** The writes that the archive got, as `METHOD item/file`. */
function writes(): string[] {
  return deployment.simulator
    .requestLog()
    .filter(({ method }) => method !== 'GET')
    .map(({ method, url }) => `${method} ${url.replace(/^\/s3\//, '')}`);
}

/** Either by one of our workflow runs or by the other daemon; and both had their part in it. */
async function expectEachCompletedOnce({ completed }: OtherDaemon): Promise<void> {
  const ours = await rows<{ event: number }>(
    `select event from artwork_reconciler.event_attempt where outcome = 'completed'`,
  );
  const all = [...completed, ...ours.map(({ event }) => event)].sort((one, other) => one - other);
  expect(all).toEqual(await ids(`state = 'completed'`));
  process.stderr.write(`Completed: ${ours.length} by the workers, ${completed.length} by the other daemon\n`);
  expect(completed.length).toBeGreaterThan(0);
  expect(ours.length).toBeGreaterThan(0);
}

/** After five attempts, whoever made which of them; and what depends on them never ran. */
async function expectFailedByTheRules(): Promise<void> {
  const failed = await rows<{ message: object; attempts: number; reasons: number }>(
    `select message, attempts, (select count(*) from artwork_indexer.event_failure_reason where event = id) as reasons
     from artwork_indexer.event_queue where state = 'failed' order by id`,
  );
  expect(failed).toEqual(
    Array.from({ length: amounts.failing }, (_, number) => [
      { message: { fail: true, number }, attempts: 5, reasons: 5 },
      { message: { after: number }, attempts: 0, reasons: 1 },
    ]).flat(),
  );
}

function permitDeletions(artworkIds: readonly number[]): void {
  for (const id of artworkIds) deployment.simulator.archive.permitRemoval(id);
}

async function ids(condition: string): Promise<number[]> {
  const found = await rows<{ id: number }>(`select id from artwork_indexer.event_queue where ${condition} order by id`);
  return found.map(({ id }) => id);
}

async function count(condition: string): Promise<number> {
  return (await ids(condition)).length;
}

async function rows<Row extends Record<string, unknown>>(sql: string): Promise<Row[]> {
  return (await deployment.db.query<Row>(sql)).rows;
}
