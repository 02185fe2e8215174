import type { Client } from '@temporalio/client';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { Pacer } from '../../src/activities/pace.ts';
import { readAuditHistory } from '../../src/database/audits/entity-history.ts';
import { readStoredBrakes, releaseBrake } from '../../src/database/brakes/stored-brakes.ts';
import type { EntityKey } from '../../src/domain/entity.ts';
import { addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import { deleteEntity, mergeEntity } from '../../src/simulator/musicbrainz/changes.ts';
import { auditOf, entityNow, makeDue, seedItem, untilStatus } from '../support/audits.ts';
import { type Deployment, startDeployment } from '../support/deployment.ts';
import { patience } from '../support/patience.ts';

/* Orphans are confirmed by the web service before anything is decided (life-cycles page, "Audit entities"). */

let deployment: Deployment;

beforeAll(async () => {
  // What is released is not due again during the test.
  deployment = await startDeployment({ settings: { AUDIT_SETTLE_MINUTES: '60' } });
  await deployment.startWorker();
});
beforeEach(() => deployment.simulator.webService!.catchUp());
afterAll(() => deployment.stop());

/** A release with an item that the database has lost, and that the web service still gives. */
async function lost({ merged = false } = {}): Promise<EntityKey> {
  const { db, simulator } = deployment;
  const entity = await addRelease(db, { images: 1 });
  await seedItem(deployment, entity);
  await simulator.webService!.keep([entity]);
  if (merged) await mergeEntity(db, entity, await addRelease(db, { images: 0 }));
  else await deleteEntity(db, entity);
  return { entityType: 'release', gid: entity.gid };
}

/** One that both have lost. */
async function gone(): Promise<EntityKey> {
  const entity = await addRelease(deployment.db, { images: 0 });
  await deleteEntity(deployment.db, entity);
  return { entityType: 'release', gid: entity.gid };
}

async function isBraked(): Promise<boolean> {
  const brakes = await readStoredBrakes(deployment.db);
  return brakes.some(({ name }) => name === 'database_and_ws_disagree');
}

const disagrees = { outcome: 'given_back', reason: expect.stringContaining('still gives the release') as string };

test.each([
  ['deleted', false],
  ['merged', true],
])(
  'of one that is %s in the database, and that the web service still gives, nothing is decided',
  async (_how, merged) => {
    const { db, simulator } = deployment;
    const key = await lost({ merged });
    const before = simulator.archive.item(`mbid-${key.gid}`);
    expect(await auditOf(deployment, key)).toMatchObject(disagrees);
    expect(await entityNow(db, key)).toMatchObject({ status: 'unchecked', dueCause: 'ws_disagrees' });
    const [last] = await readAuditHistory(db, (await entityNow(db, key)).id, { limit: 1 });
    expect(last).toMatchObject({ decision: 'not_now', cause: 'ws_disagrees', findings: [], repairs: [] });
    expect(simulator.archive.item(`mbid-${key.gid}`)).toEqual(before);

    simulator.webService!.catchUp();
    const { outcome } = await auditOf(deployment, key);
    expect(outcome).toMatch(/^(manual_review|repair_queue)$/);
    expect(await isBraked()).toBe(false);
  },
);

test('three consecutive ones pause auditing until an operator releases it; an agreement in between ends the streak', async () => {
  const { db, temporal } = deployment;
  for (const key of [await lost(), await lost()]) expect(await auditOf(deployment, key)).toMatchObject(disagrees);
  expect(await auditOf(deployment, await gone())).toMatchObject({ outcome: 'legacy' });
  for (const key of [await lost(), await lost()]) expect(await auditOf(deployment, key)).toMatchObject(disagrees);
  expect(await isBraked()).toBe(false);
  expect(await auditOf(deployment, await lost())).toMatchObject(disagrees);
  expect(await isBraked()).toBe(true);

  const waiting = await addRelease(db, { images: 1 });
  await seedItem(deployment, waiting);
  await makeDue(db, [waiting]);
  // A tick of the pace that began after that.
  const since = new Date();
  await vi.waitFor(async () => expect(await ticksSince(temporal, since)).not.toEqual([]), patience);
  for (const { started, brakes } of await ticksSince(temporal, since)) {
    expect(started).toBe(0);
    // Another may be on as well: what was decided before may have queued repairs.
    expect(brakes).toContainEqual(expect.stringMatching(/^database_and_ws_disagree: .*3 consecutive times/));
  }
  expect(await entityNow(db, waiting)).toMatchObject({ status: 'unchecked', lastAuditAt: null });

  await releaseBrake(db, { name: 'database_and_ws_disagree', by: { actor: 'aurelia', note: 'it is the right one' } });
  await untilStatus(db, waiting, 'clean');
});

type Tick = Awaited<ReturnType<Pacer['startPacedAudits']>>;

/** What the pacer's runs did that began since then and have ended. */
async function ticksSince(temporal: Client, since: Date): Promise<readonly Tick[]> {
  const ticks: Tick[] = [];
  const query = `WorkflowType = 'paceAudits' and ExecutionStatus = 'Completed' and StartTime > '${since.toISOString()}'`;
  for await (const { workflowId, runId } of temporal.workflow.list({ query })) {
    ticks.push((await temporal.workflow.getHandle(workflowId, runId).result()) as Tick);
  }
  return ticks;
}
