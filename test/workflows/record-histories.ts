import type { Client, WorkflowHandle } from '@temporalio/client';
import { expect, vi } from 'vitest';
import { queueIndex } from '../../src/database/event-states/index.ts';
import { addDrift } from '../../src/simulator/drift/seed-archive.ts';
import { changeIndexImage, editXml } from '../../src/simulator/drift/documents.ts';
import { itemSeedOf, planItem } from '../../src/simulator/drift/item-plan.ts';
import { addImage, addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import { startBackfill } from '../../src/starters/backfill.ts';
import { runImport } from '../../src/starters/import.ts';
import { startScan } from '../../src/starters/scan.ts';
import { dispatcherWorkflowId } from '../../src/temporal/task-queues.ts';
import { gidOf, sourceOf } from '../starters/files.ts';
import { beginAuditOf, patience, seedItem, unpaced, untilQueueIsEmpty } from '../support/audits.ts';
import { type Deployment, startDeployment } from '../support/deployment.ts';
import { forgetStoredHistories, storeHistory } from './stored-histories.ts';

/** Records anew, with the workflows as they are, what `readStoredHistories` reads. */
export async function recordHistories(): Promise<void> {
  const deployment = await startDeployment({ settings: { ...unpaced, AUDIT_QUICK_RETRIES: '1' } });
  try {
    forgetStoredHistories();
    await deployment.startWorker();
    await recordAudits(deployment);
    await recordAuditsThatWait(deployment);
    await recordEvents(deployment);
    await recordTheOthers(deployment);
  } finally {
    await deployment.stop();
  }
}

async function recordAudits(deployment: Deployment): Promise<void> {
  const { db, simulator } = deployment;
  const inStep = await addRelease(db, { images: 3 });
  await seedItem(deployment, inStep);
  await storeEnded('audit-clean', await beginAuditOf(deployment, inStep));

  const differing = await addRelease(db, { images: 3 });
  await seedItem(deployment, differing, (plan) => {
    changeIndexImage(plan, 0, (image) => ({ ...image, comment: 'before' }));
    editXml(plan, (xml) => xml.replace('Official', 'Bootleg'));
  });
  await storeEnded('audit-repair', await beginAuditOf(deployment, differing));

  const [withLeftovers] = await addDrift(db, simulator.archive, 'moved_images_not_copied', {
    entityType: 'event',
    seed: 'histories',
  });
  await storeEnded('audit-extra-images', await beginAuditOf(deployment, withLeftovers!));
  await untilQueueIsEmpty(db);
}

async function recordAuditsThatWait(deployment: Deployment): Promise<void> {
  const { db, simulator } = deployment;
  const fresh = await addRelease(db, { images: 1 });
  simulator.archive.seedItem({ ...itemSeedOf(await planItem(db, fresh)), lastUpdated: new Date(Date.now() + 1500) });
  await storeEnded('audit-waits-on-a-timer', await beginAuditOf(deployment, fresh));

  const unreadable = await addRelease(db, { images: 1 });
  await seedItem(deployment, unreadable);
  simulator.faults.wsError = [unreadable.gid];
  await storeEnded('audit-given-back', await beginAuditOf(deployment, unreadable));

  const changing = await addRelease(db, { images: 1 });
  await seedItem(deployment, changing);
  simulator.faults.slow = { items: [changing.gid], kinds: ['ws'], next: 1 };
  const stale = await beginAuditOf(deployment, changing);
  await vi.waitFor(() => expect(simulator.requestLog().at(-1)?.url).toContain(changing.gid), patience);
  await vi.waitFor(() => expect(simulator.requestLog().at(-1)?.kind).toBe('ws'), patience);
  await addImage(db, changing);
  await storeEnded('audit-starts-over', stale);
}

async function recordEvents({ db, simulator, temporal }: Deployment): Promise<void> {
  const { rows } = await db.query<{ id: number; action: string }>(
    `select distinct on (action) id, action::text from artwork_indexer.event_queue where state = 'completed'`,
  );
  for (const { id, action } of rows) await storeEnded(`event-${action}`, temporal.workflow.getHandle(`event-${id}`));

  const refused = await addRelease(db, { images: 1 });
  simulator.faults.accessDenied = [`mbid-${refused.gid}`];
  const { id } = await db.transaction((tx) => queueIndex(tx, refused));
  await vi.waitFor(async () => {
    const failures = await db.query(`select from artwork_indexer.event_failure_reason where event = $1`, [id]);
    expect(failures.rows).not.toEqual([]);
  }, patience);
  await storeEnded('event-attempt-fails', temporal.workflow.getHandle(`event-${id}`));
}

async function recordTheOthers({ temporal }: Deployment): Promise<void> {
  await storeEnded('backfill', await startBackfill(temporal, { source: 'musicbrainz', dryRun: true }));
  for (const [name, type] of [
    ['housekeeping', 'housekeeping'],
    ['pace-audits', 'paceAudits'],
  ] as const) {
    const query = `WorkflowType = '${type}' and ExecutionStatus = 'Completed'`;
    for await (const { workflowId, runId } of temporal.workflow.list({ query })) {
      await storeEnded(name, temporal.workflow.getHandle(workflowId, runId));
      break;
    }
  }
  await storeEnded('scan-archive', await startScan(temporal, { dryRun: true, fromStart: false }));
  await storeEnded('import-items', await importOneItem(temporal));
  await storeHistory('dispatch-events', temporal.workflow.getHandle(dispatcherWorkflowId));
}

async function importOneItem(temporal: Client): Promise<WorkflowHandle> {
  let workflowId = '';
  await runImport(temporal, await sourceOf('items', ['-'], `mbid-${gidOf(1)}\n`), {
    dryRun: true,
    fromStart: false,
    onLeftOut: () => undefined,
    onStart: (started) => (workflowId = started),
    onProgress: () => undefined,
  });
  return temporal.workflow.getHandle(workflowId);
}

async function storeEnded(name: string, handle: WorkflowHandle): Promise<void> {
  await handle.result();
  await storeHistory(name, handle);
}
