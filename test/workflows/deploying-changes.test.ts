import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { itemSeedOf, planItem } from '../../src/simulator/drift/item-plan.ts';
import { addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import type { RunningWorker } from '../../src/worker.ts';
import { beginAuditOf, entityNow, unpaced } from '../support/audits.ts';
import { startDeployment, type Deployment } from '../support/deployment.ts';
import { expectSoundEnd } from '../support/end-of-test.ts';
import { patience } from '../support/patience.ts';
import { bundleFileOf } from './changed-bundles.ts';

/*
 * docs/deploying-workflow-changes.md, acted out: audits wait on a durable timer while their worker is replaced by one
 * whose workflows have changed.
 */

let deployment: Deployment;
beforeAll(async () => {
  deployment = await startDeployment({ settings: { ...unpaced, AUDIT_SETTLE_MINUTES: '0.05' } });
});
afterAll(() => deployment.stop());

test('an audit that waits is continued by a worker whose changed workflow is patched; new audits take the new step', async () => {
  const released = await deployment.startWorker();
  const { key, audit } = await beginWaiting();
  await end(released);

  const patched = await deployment.startWorker({ bundlePath: await bundleFileOf('changed-patched.ts') });
  expect(await audit.result()).toMatchObject({ outcome: 'clean' });
  expect(await eventsOf(audit, 'WORKFLOW_TASK_FAILED')).toEqual([]);
  expect(await markersOf(audit)).not.toContain('core_patch');

  const again = await beginAuditOf(deployment, key);
  expect(await again.result()).toMatchObject({ outcome: 'clean' });
  expect(await markersOf(again)).toContain('core_patch');
  await end(patched);
  await expectSoundEnd(deployment);
});

test('one without a patch fails loudly, changes nothing, and the audit continues when the patched one is deployed', async () => {
  const released = await deployment.startWorker();
  const { key, audit } = await beginWaiting();
  await end(released);

  const unpatched = await deployment.startWorker({ bundlePath: await bundleFileOf('changed-unpatched.ts') });
  await vi.waitFor(async () => expect(await eventsOf(audit, 'WORKFLOW_TASK_FAILED')).not.toEqual([]), patience);
  const [failed] = await eventsOf(audit, 'WORKFLOW_TASK_FAILED');
  expect(failed?.workflowTaskFailedEventAttributes?.failure?.message).toContain('TMPRL1100');
  expect((await audit.describe()).status.name).toBe('RUNNING');
  expect((await entityNow(deployment.db, key)).status).toBe('audit_in_progress');
  await end(unpatched);

  const patched = await deployment.startWorker({ bundlePath: await bundleFileOf('changed-patched.ts') });
  expect(await audit.result()).toMatchObject({ outcome: 'clean' });
  await end(patched);
  await expectSoundEnd(deployment);
});

/** Begins an audit of an item that was changed just now, and waits until it waits. */
async function beginWaiting() {
  const { db, simulator } = deployment;
  const key = await addRelease(db, { images: 1 });
  // A little in the future: the timer is longer than a worker takes to be replaced.
  const lastUpdated = new Date(Date.now() + 5000);
  simulator.archive.seedItem({ ...itemSeedOf(await planItem(db, key)), lastUpdated });
  const audit = await beginAuditOf(deployment, key);
  await vi.waitFor(async () => expect(await eventsOf(audit, 'TIMER_STARTED')).toHaveLength(1), patience);
  return { key, audit };
}

async function end(worker: RunningWorker): Promise<void> {
  worker.shutdown();
  await worker.ended;
}

async function eventsOf(handle: WorkflowHandle, type: 'MARKER_RECORDED' | 'TIMER_STARTED' | 'WORKFLOW_TASK_FAILED') {
  const { events } = await handle.fetchHistory();
  const attributes = {
    MARKER_RECORDED: 'markerRecordedEventAttributes',
    TIMER_STARTED: 'timerStartedEventAttributes',
    WORKFLOW_TASK_FAILED: 'workflowTaskFailedEventAttributes',
  } as const;
  return (events ?? []).filter((event) => Boolean(event[attributes[type]]));
}

async function markersOf(handle: WorkflowHandle): Promise<readonly string[]> {
  const markers = await eventsOf(handle, 'MARKER_RECORDED');
  return markers.map((event) => event.markerRecordedEventAttributes?.markerName ?? '');
}
