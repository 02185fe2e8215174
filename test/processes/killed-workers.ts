import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { queueIndex } from '../../src/database/queue/queue-event.ts';
import { readSurprises, readUnsettled } from '../../src/demo/outcome.ts';
import { addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import { createRandom } from '../../src/simulator/random.ts';
import { addDueCases } from '../support/audits.ts';
import { type Deployment, startDeployment } from '../support/deployment.ts';
import { expectSoundEnd } from '../support/end-of-test.ts';
import { endExecutables } from '../support/executable.ts';
import { patience } from '../support/patience.ts';
import { startWorkerProcess } from '../support/worker-processes.ts';

let deployment: Deployment;

/**
 * The test, with a worker killed and another one started at once so many times. What a killed worker had in progress is
 * noticed by heartbeats that fail to come, half a minute later.
 */
export function testKilledWorkers(kills: number): void {
  vi.setConfig({ testTimeout: 300_000 });
  beforeAll(async () => {
    // Slow enough that there is always something under way.
    deployment = await startDeployment({ simulator: { latencyMs: 30 }, settings: { EVENTS_CONCURRENCY: '8' } });
  });
  afterAll(async () => {
    await endExecutables();
    await deployment.stop();
  });
  test('workers killed with events and audits in progress: nothing is lost, and nothing done twice in effect', () =>
    killAndCompare(kills));
}

async function killAndCompare(kills: number): Promise<void> {
  const { db, simulator } = deployment;
  const seed = Date.now() % 1_000_000;
  const random = createRandom(seed);
  const cases = await addDueCases(deployment, { seed, entities: 30 });
  const indexed = await queueIndexes(60);

  let worker = await startWorkerProcess(deployment);
  for (let killed = 1; killed <= kills; killed += 1) {
    await untilSomethingIsInProgress();
    const milliseconds = random.integer(0, 1500);
    process.stderr.write(`Seed ${seed}: worker ${killed} is killed after ${milliseconds} ms\n`);
    await wait(milliseconds);
    worker.kill('SIGKILL');
    expect(await worker.exit).toEqual({ code: null, signal: 'SIGKILL' });
    worker = await startWorkerProcess(deployment);
  }
  await vi.waitFor(async () => expect(await readUnsettled(db)).toEqual([]), { timeout: 200_000, interval: 200 });
  worker.kill('SIGTERM');
  expect((await worker.exit).code).toBe(0);

  expect(await readSurprises(db, cases)).toEqual([]);
  simulator.archive.settle();
  for (const gid of indexed) {
    const names = simulator.archive.item(`mbid-${gid}`)?.files.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['index.json', `mbid-${gid}_mb_metadata.xml`]));
  }
  expect(await rows(`select id, state::text from artwork_indexer.event_queue where state <> 'completed'`)).toEqual([]);
  // One that completed twice, two of a kind ordered by audits, an audit recorded twice: each would be done twice.
  expect(
    await rows(
      `select event from artwork_reconciler.event_attempt where outcome = 'completed' group by event having count(*) > 1`,
    ),
  ).toEqual([]);
  expect(
    await rows(
      `select entity_type, action, message from artwork_indexer.event_queue
       group by entity_type, action, message having count(*) > 1`,
    ),
  ).toEqual([]);
  await expectSoundEnd(deployment);
}

/** Releases that the archive has nothing of yet, each with an `index` queued. */
async function queueIndexes(count: number): Promise<readonly string[]> {
  const gids: string[] = [];
  for (let number = 0; number < count; number += 1) {
    const { gid } = await addRelease(deployment.db, { images: 1 });
    await deployment.db.transaction((tx) => queueIndex(tx, { entityType: 'release', gid }));
    gids.push(gid);
  }
  return gids;
}

/** Or until nothing is left to be done: the last worker may find that its forerunners were quick. */
async function untilSomethingIsInProgress(): Promise<void> {
  await vi.waitFor(async () => {
    const [inProgress] = await rows<{ events: number; audits: number }>(
      `select (select count(*) from artwork_reconciler.event_claim) as events,
                (select count(*) from artwork_reconciler.audit_entity where status = 'audit_in_progress') as audits`,
    );
    const isSettled = (await readUnsettled(deployment.db)).length === 0;
    expect((inProgress?.events ?? 0) + (inProgress?.audits ?? 0) > 0 || isSettled).toBe(true);
  }, patience);
}

async function rows<Row extends Record<string, unknown>>(sql: string): Promise<Row[]> {
  return (await deployment.db.query<Row>(sql)).rows;
}
