import type { Client } from '@temporalio/client';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { addEntities } from '../../src/database/entities/add-entities.ts';
import { queueIndex } from '../../src/database/queue/queue-event.ts';
import { readUnsettled } from '../../src/demo/outcome.ts';
import type { EntityKey } from '../../src/domain/entity.ts';
import { startTemporalServer, type TemporalServer } from '../../src/embedded/temporal-server.ts';
import { addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import { openTemporal } from '../../src/temporal/connection.ts';
import {
  auditWorkflowId,
  dispatcherWorkflowId,
  housekeepingScheduleId,
  paceScheduleId,
} from '../../src/temporal/task-queues.ts';
import { seedItem } from '../support/audits.ts';
import { type Deployment, startDeployment } from '../support/deployment.ts';
import { expectSoundEnd } from '../support/end-of-test.ts';
import { endExecutables } from '../support/executable.ts';
import { startWorkerProcess } from '../support/worker-processes.ts';

// Two dev servers one after the other, and a worker that waits for the second, on a busy machine.

const patience = { timeout: 120_000, interval: 100 } as const;

let temporal: TemporalServer;
let deployment: Deployment;
beforeAll(async () => {
  temporal = await startTemporalServer();
  const environment = { TEMPORAL_ADDRESS: temporal.address, TEMPORAL_NAMESPACE: 'default' };
  const made = await startDeployment({ settings: { HOUSEKEEPING_YOUNG_CLAIM_SECONDS: '5' } });
  deployment = { ...made, environment: { ...made.environment, ...environment } };
});
afterAll(async () => {
  await endExecutables();
  await deployment?.stop();
  await temporal?.stop();
});

test('a Temporal that comes back with nothing is set up again by the workers that are running, and work continues', async () => {
  const { db } = deployment;
  const worker = await startWorkerProcess(deployment);
  const before = await addRelease(db, { images: 1 });
  await db.transaction((tx) => queueIndex(tx, before));
  await untilSettled();

  await temporal.stop();
  // While it is away: an event is queued, and an entity becomes due.
  const meanwhile = await addRelease(db, { images: 1 });
  await seedItem(deployment, meanwhile);
  await db.transaction((tx) => queueIndex(tx, meanwhile));
  await addEntities(db, [{ ...meanwhile, priority: 100 }]);
  // Claimed by a run that is gone with the rest.
  const lost = await addRelease(db, { images: 1 });
  await seedItem(deployment, lost);
  await addEntities(db, [{ ...lost, priority: 100 }]);
  await db.query(
    `update artwork_reconciler.audit_entity
     set status = 'audit_in_progress', claim_workflow_id = 'audit-release-' || gid, claim_run_id = gen_random_uuid(),
         claimed_at = now(), claimed_by = 'pace'
     where gid = $1`,
    [lost.gid],
  );
  temporal = await startTemporalServer({ port: temporal.port });

  await untilSettled();
  expect(worker.log().map(({ msg }) => msg)).toContain('Temporal had lost our schedules: they are in place again');
  const client = await openTemporal({ connectionOptions: { address: temporal.address } });
  try {
    await expectEverythingInPlace(client, meanwhile);
    worker.kill('SIGTERM');
    expect(await worker.exit).toEqual({ code: 0, signal: null });
    await expectSoundEnd({ ...deployment, temporal: client });
  } finally {
    await client.connection.close();
  }
});

async function untilSettled(): Promise<void> {
  await vi.waitFor(async () => expect(await readUnsettled(deployment.db)).toEqual([]), patience);
}

async function expectEverythingInPlace(client: Client, audited: EntityKey): Promise<void> {
  expect((await client.workflow.getHandle(dispatcherWorkflowId).describe()).status.name).toBe('RUNNING');
  for (const id of [paceScheduleId, housekeepingScheduleId]) await client.schedule.getHandle(id).describe();
  const audit = client.workflow.getHandle(auditWorkflowId(audited.entityType, audited.gid));
  expect((await audit.describe()).searchAttributes).toMatchObject({ ArtworkOutcome: ['clean'] });
}
