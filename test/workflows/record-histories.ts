import { Context } from '@temporalio/activity';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { expect, vi } from 'vitest';
import { confirmBulkAction, planBulkAction } from '../../src/database/bulk-actions/bulk-action.ts';
import { bulkKinds } from '../../src/database/bulk-actions/kinds.ts';
import { workOnBulkAction } from '../../src/database/bulk-actions/step.ts';
import type { Database, Queryable } from '../../src/database/connection.ts';
import { queueIndex } from '../../src/database/queue/queue-event.ts';
import { readIdentity } from '../../src/database/schema/deployment.ts';
import { changeIndexImage, editXml } from '../../src/simulator/drift/documents.ts';
import { itemSeedOf, planItem } from '../../src/simulator/drift/item-plan.ts';
import { addDrift } from '../../src/simulator/drift/seed-demo.ts';
import { addImage, addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import { runImport } from '../../src/starters/import.ts';
import { startBackfill, startBulkAction, startScan } from '../../src/starters/start.ts';
import { openTemporal } from '../../src/temporal/connection.ts';
import { type BulkProgress, stopBulkAction } from '../../src/temporal/messages.ts';
import { dispatcherWorkflowId, taskQueues } from '../../src/temporal/task-queues.ts';
import { itemName } from '../../src/domain/documents/file-names.ts';
import { gidOf, sourceOf } from '../starters/files.ts';
import { beginAuditOf, seedItem, unpaced, untilQueueIsEmpty } from '../support/audits.ts';
import { type Deployment, startDeployment } from '../support/deployment.ts';
import { patience } from '../support/patience.ts';
import { createTestNamespace } from '../support/temporal.ts';
import { workflowBundlePath } from '../support/workflow-bundle.ts';
import { forgetStoredHistories, storeHistory } from './stored-histories.ts';

/** Records, with the workflows as they are, what `readStoredHistories` reads: all of it again, or what is missing. */
export async function recordHistories(which: 'all' | 'missing'): Promise<void> {
  const deployment = await startDeployment({ settings: { ...unpaced, AUDIT_QUICK_RETRIES: '1' } });
  try {
    if (which === 'all') forgetStoredHistories();
    await deployment.startWorker();
    await recordAudits(deployment);
    await recordAuditsThatWait(deployment);
    await recordAuditThatWaitsForTasks(deployment);
    await recordEvents(deployment);
    await recordReleased(deployment);
    await recordBulkActions(deployment);
    await recordTheOthers(deployment);
  } finally {
    await deployment.stop();
  }
  await recordContinued();
}

async function recordAudits(deployment: Deployment): Promise<void> {
  const { db, simulator } = deployment;
  const inStep = await addRelease(db, { images: 3 });
  await seedItem(deployment, inStep);
  await storeEnded('audit-decided-at-once', await beginAuditOf(deployment, inStep));

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

/** The item is behind what the archive has been sent: the decision waits until that is applied. */
async function recordAuditThatWaitsForTasks(deployment: Deployment): Promise<void> {
  const { db, simulator } = deployment;
  const behind = await addRelease(db, { images: 1 });
  await seedItem(deployment, behind, (plan) => {
    changeIndexImage(plan, 0, (image) => ({ ...image, comment: 'before' }));
  });
  simulator.faults.taskStuck = [itemName(behind.gid)];
  await db.transaction((tx) => queueIndex(tx, behind));
  await untilQueueIsEmpty(db);
  simulator.faults.taskStuck = 0;
  const before = simulator.requestLog().length;
  const audit = await beginAuditOf(deployment, behind);
  await vi.waitFor(() => {
    const asked = simulator.requestLog().slice(before);
    expect(asked.filter(({ kind, url }) => kind === 'tasks' && url.includes(behind.gid))).not.toEqual([]);
  }, patience);
  simulator.archive.runStuckTasks(itemName(behind.gid));
  await storeEnded('audit-waits-for-tasks', audit);
}

async function recordEvents({ db, simulator, temporal }: Deployment): Promise<void> {
  const noLonger = await addRelease(db, { images: 1 });
  await seedItem({ db, simulator }, noLonger);
  await db.query(
    `insert into artwork_indexer.event_queue (entity_type, action, message)
     values ('release', 'deindex', jsonb_build_object('gid', $1::text)), ('release', 'noop', '{"sleep": 0.1}')`,
    [noLonger.gid],
  );
  await untilQueueIsEmpty(db);
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

/** Events that go back unspent: the archive wants a long pause, and our key is refused. */
async function recordReleased({ db, simulator, temporal }: Deployment): Promise<void> {
  const paused = await addRelease(db, { images: 1 });
  Object.assign(simulator.faults, { retryAfter: 'always', retryAfterSeconds: 300 });
  simulator.faults.tooManyRequests = { kinds: ['put'], next: 1 };
  const { id } = await db.transaction((tx) => queueIndex(tx, paused));
  await untilReleased(db, id);
  await storeEnded('event-given-back', temporal.workflow.getHandle(`event-${id}`));
  await db.query('delete from artwork_reconciler.budget');

  const refused = await addRelease(db, { images: 1 });
  simulator.faults.keyRefused = { items: ['caa'], next: 1 };
  const stopped = await db.transaction((tx) => queueIndex(tx, refused));
  await untilReleased(db, stopped.id);
  await storeEnded('event-key-refused', temporal.workflow.getHandle(`event-${stopped.id}`));
}

async function untilReleased(q: Queryable, event: number): Promise<void> {
  await vi.waitFor(async () => {
    const { rows } = await q.query(`select outcome from artwork_reconciler.event_attempt where event = $1`, [event]);
    expect(rows).toEqual([{ outcome: 'given_back' }]);
  }, patience);
}

/** One that is carried out, and one that is stopped while it waits for its batch to be tried again. */
async function recordBulkActions({ db, temporal }: Deployment): Promise<void> {
  const served = await readIdentity(db);
  await storeEnded('bulk-action', await startBulkAction(temporal, await confirmedBulkAction(db), served));

  await db.query(`alter table artwork_reconciler.event_dismissal add constraint refuses_all check (false) not valid`);
  const failing = await startBulkAction(temporal, await confirmedBulkAction(db), served);
  await vi.waitFor(async () => {
    const { rows } = await db.query('select from artwork_reconciler.bulk_action where fault is not null');
    expect(rows).toHaveLength(1);
  }, patience);
  await failing.signal(stopBulkAction, { actor: 'ida' });
  await storeEnded('bulk-action-stopped', failing);
  await db.query(`alter table artwork_reconciler.event_dismissal drop constraint refuses_all`);
}

/** To dismiss three events. */
async function confirmedBulkAction(db: Database): Promise<{ id: string; isConfirmed: boolean }> {
  const { rows } = await db.query<{ id: number }>(
    `insert into artwork_indexer.event_queue (state, entity_type, action, message, attempts)
     select 'failed', 'release', 'noop', jsonb_build_object('n', n), 5 from generate_series(1, 3) as n returning id`,
  );
  const filter = { ids: rows.map(({ id }) => id) };
  const id = await planBulkAction(db, { kind: 'dismiss_events', filter, plannedBy: 'ida' });
  await workOnBulkAction(db, bulkKinds, { id, rows: 10, isOver: () => false });
  await confirmBulkAction(db, { id, by: { actor: 'ida' } });
  return { id, isConfirmed: true };
}

/**
 * A shift of the dispatcher takes an hour, a run of a bulk action half a minute: here each step is over at once, but for the
 * dispatcher's second one.
 */
async function recordContinued(): Promise<void> {
  const { address, namespace } = await createTestNamespace();
  const temporal = await openTemporal({ connectionOptions: { address }, namespace });
  const connection = await NativeConnection.connect({ address });
  let shifts = 0;
  let turns = 0;
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue: taskQueues.reconciler,
    workflowBundle: { codePath: await workflowBundlePath() },
    activities: {
      dispatchEvents: async (): Promise<string> => ((shifts += 1) === 1 ? 'an identity' : Context.current().cancelled),
      bulkActionTurn: (): Promise<BulkProgress & { hasMore: boolean }> => {
        const done = 500 * (turns += 1);
        return Promise.resolve({ hasMore: turns < 11, state: 'running', rows: 5_500, done, skipped: 0, refused: 0 });
      },
    },
  });
  const dispatcher = { workflowId: dispatcherWorkflowId, taskQueue: taskQueues.reconciler, args: [null] };
  await worker.runUntil(async () => {
    const { firstExecutionRunId } = await temporal.workflow.start('dispatchEvents', dispatcher);
    await vi.waitFor(() => expect(shifts).toBe(2), patience);
    const first = temporal.workflow.getHandle(dispatcherWorkflowId, firstExecutionRunId);
    await storeHistory('dispatch-events-continued', first);
    await temporal.workflow.getHandle(dispatcherWorkflowId).terminate('its history is stored');

    const action = { id: '00000000-0000-4000-8000-000000000001', isConfirmed: true };
    const bulk = await startBulkAction(temporal, action, { id: 'an identity', database: 'none' });
    const run = temporal.workflow.getHandle(bulk.workflowId, bulk.firstExecutionRunId);
    await bulk.result();
    await storeHistory('bulk-action-continued', run);
  });
  await temporal.connection.close();
  await connection.close();
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
