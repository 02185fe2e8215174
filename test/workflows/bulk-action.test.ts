import type { Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  confirmBulkAction,
  planBulkAction,
  readBulkAction,
  stopBulkAction,
} from '../../src/database/bulk-actions/bulk-action.ts';
import { bulkKinds } from '../../src/database/bulk-actions/kinds.ts';
import { workOnBulkAction } from '../../src/database/bulk-actions/step.ts';
import { readIdentity } from '../../src/database/schema/deployment.ts';
import { startBulkAction } from '../../src/starters/start.ts';
import { openTemporal } from '../../src/temporal/connection.ts';
import {
  type BulkActionInput,
  type BulkProgress,
  bulkProgress,
  stopBulkAction as stop,
  type Workflows,
} from '../../src/temporal/messages.ts';
import { bulkActionWorkflowId, taskQueues } from '../../src/temporal/task-queues.ts';
import { emptyQueue, insertEvents, statesOf } from '../database/queue/queue.ts';
import { dashboardParts, type Visitor, visitorOf } from '../support/dashboard.ts';
import { type Deployment, noAudits, startDeployment } from '../support/deployment.ts';
import { patience } from '../support/patience.ts';
import { createTestNamespace } from '../support/temporal.ts';
import { workflowBundlePath } from '../support/workflow-bundle.ts';

/** So few rows to a batch that these actions have several. */
const settings = { ...noAudits, EVENTS_ENABLED: 'false', BULK_ROWS: '2', HOUSEKEEPING_SECONDS: '1' };

let deployment: Deployment;
let visitor: Visitor;
beforeAll(async () => {
  deployment = await startDeployment({ settings });
  const patient = { settings: { DASHBOARD_BULK_FIRST_SECONDS: '60' } };
  const temporal = () => Promise.resolve(deployment.temporal);
  visitor = visitorOf(dashboardParts({ ...deployment, ...patient, temporal }));
});
afterAll(() => deployment.stop());
beforeEach(async () => {
  await emptyQueue(deployment.db);
  await deployment.db.query('delete from artwork_reconciler.operator_action');
});

const failed = { state: 'failed', attempts: 5 } as const;
/** So that a request leaves all but the first batch to workers. */
const atOnce = { settings: { DASHBOARD_BULK_FIRST_SECONDS: '0.000001', BULK_ROWS: '1' } };

/** A dry run that requeues so many failed events, complete and confirmed unless told otherwise; nobody is told of it. */
async function plan(
  count: number,
  until: 'begun' | 'confirmed' | 'planned' = 'confirmed',
): Promise<{ id: string; events: number[] }> {
  const { db } = deployment;
  const events = await insertEvents(
    db,
    Array.from({ length: count }, () => failed),
  );
  const id = await planBulkAction(db, { kind: 'requeue_events', filter: { ids: events }, plannedBy: 'ida' });
  if (until === 'begun') return { id, events };
  await workOnBulkAction(db, bulkKinds, { id, rows: 500, isOver: () => false });
  if (until === 'confirmed') await confirmBulkAction(db, { id, by: { actor: 'ida' } });
  return { id, events };
}

const read = async (id: string) => (await readBulkAction(deployment.db, id))!;
const untilIs = (id: string, expected: object) =>
  vi.waitFor(async () => expect(await read(id)).toMatchObject(expected), patience);
const handleOf = (id: string) =>
  deployment.temporal.workflow.getHandle<Workflows['bulkAction']>(bulkActionWorkflowId(id, true));

// The first one: no worker is there before.
test('what was confirmed while nobody could be told begins with the first worker; a dry run is completed, and no more', async () => {
  const confirmed = await plan(5);
  const begun = await plan(3, 'begun');
  const { body } = await visitor.get(`/bulk/${confirmed.id}`);
  expect(body).toContain('It waits for a worker: none is running. Nothing is lost meanwhile');
  await deployment.startWorker();
  await untilIs(confirmed.id, { state: 'done', outcome: { done: 5, skipped: 0, refused: 0 } });
  expect(new Set(await statesOf(deployment.db, confirmed.events))).toEqual(new Set(['queued']));
  const reached = { state: 'done', rows: 5, done: 5, skipped: 0, refused: 0 };
  expect(await handleOf(confirmed.id).result()).toEqual(reached);
  expect(await handleOf(confirmed.id).query(bulkProgress)).toEqual(reached);
  // Three batches are one turn, or on a busy machine two.
  const { events } = await handleOf(confirmed.id).fetchHistory();
  expect(events!.length).toBeLessThan(20);

  await untilIs(begun.id, { state: 'planned', planned: { done: 3, skipped: 0, refused: 0 } });
  await confirmBulkAction(deployment.db, { id: begun.id, by: { actor: 'ida' } });
  await untilIs(begun.id, { state: 'done', outcome: { done: 3, skipped: 0, refused: 0 } });
});

describe('with a worker', () => {
  beforeAll(() => deployment.startWorker());

  test('one that was terminated begins again, and does what is left of it', async () => {
    const { db, temporal } = deployment;
    const { id, events } = await plan(3);
    await untilLocked(events[2]!, async () => {
      await startBulkAction(temporal, { id, isConfirmed: true }, await readIdentity(db));
      // Nobody is in the middle of a batch then: who is runs to its end.
      await untilIs(id, { outcome: { done: 2 }, fault: expect.stringContaining('lock') as string });
      await handleOf(id).terminate('by a person');
    });
    await untilIs(id, { state: 'done', outcome: { done: 3, skipped: 0, refused: 0 } });
  });

  test('an editor of MusicBrainz who has a row locked wins: others are done, a signal stops it, and the editor continues', async () => {
    const { db, temporal } = deployment;
    const { id, events } = await plan(2);
    await untilLocked(events[1]!, async () => {
      const handle = await startBulkAction(temporal, { id, isConfirmed: true }, await readIdentity(db));
      // The batch of both fails after its patience; with its next try the first is done alone.
      await untilIs(id, { state: 'running', outcome: { done: 1, skipped: 0, refused: 0 } });
      await untilIs(id, { fault: expect.stringContaining('lock') as string });
      await handle.signal(stop, { actor: 'eve' });
      expect(await handle.result()).toEqual({ state: 'stopped', rows: 2, done: 1, skipped: 0, refused: 0 });
    });
    expect(await read(id)).toMatchObject({ state: 'stopped', stoppedBy: 'eve', fault: null });
    expect(await statesOf(db, events)).toEqual(['queued', 'failed']);
    const { rows } = await db.query(`select actor, action, target from artwork_reconciler.operator_action order by id`);
    expect(rows).toEqual([
      { actor: 'ida', action: 'requeue events', target: '2 events' },
      { actor: 'eve', action: 'stop requeue events', target: '2 events' },
    ]);
  });

  test('cancelled in Temporal’s UI it is stopped, too: it would be started again otherwise', async () => {
    const { db, temporal } = deployment;
    const { id, events } = await plan(1);
    await untilLocked(events[0]!, async () => {
      const handle = await startBulkAction(temporal, { id, isConfirmed: true }, await readIdentity(db));
      await untilIs(id, { fault: expect.stringContaining('lock') as string });
      await handle.cancel();
      await handle.result();
    });
    expect(await read(id)).toMatchObject({ state: 'stopped', stoppedBy: 'Temporal' });
  });

  test('confirmed at the dashboard a small one is done when its page shows', async () => {
    const { id } = await plan(5, 'planned');
    await visitor.get(`/bulk/${id}`);
    expect((await visitor.post(`/bulk/${id}/confirm`, {})).status).toBe(303);
    expect(await read(id)).toMatchObject({ state: 'done', outcome: { done: 5, skipped: 0, refused: 0 } });
    expect((await visitor.get(`/bulk/${id}`)).body).not.toContain('It waits for a worker');
  });

  test('a dry run that a request had to leave is completed by workers; stopped there it ends, whatever it waits for', async () => {
    const { db, temporal } = deployment;
    const hasty = visitorOf(dashboardParts({ ...deployment, ...atOnce, temporal: () => Promise.resolve(temporal) }));
    const events = await insertEvents(db, [failed, failed, failed]);
    await hasty.get('/events');
    const begun = await hasty.post('/events/bulk', {
      what: 'requeue_events',
      scope: 'selected',
      id: events.map(String),
    });
    const id = begun.location!.split('/').at(-1)!;
    await untilIs(id, { state: 'planned', planned: { done: 3, skipped: 0, refused: 0 } });
    await untilLocked(events[0]!, async () => {
      await hasty.get(`/bulk/${id}`);
      expect((await hasty.post(`/bulk/${id}/confirm`, {})).status).toBe(303);
      await vi.waitFor(async () => expect((await handleOf(id).describe()).status.name).toBe('RUNNING'), patience);
      const { body } = await hasty.get(`/bulk/${id}`);
      expect(body).not.toContain('It waits for a worker');
      expect((await hasty.post(`/bulk/${id}/stop`, {})).status).toBe(303);
      expect(await handleOf(id).result()).toMatchObject({ state: 'stopped', done: 0 });
    });
    expect(await statesOf(db, events)).toEqual(['failed', 'failed', 'failed']);
  });

  test('of another database it is left alone', async () => {
    const { db, temporal } = deployment;
    // Confirmed first, housekeeping might start it before the other one is.
    const { id } = await plan(1, 'planned');
    const served = { id: '00000000-0000-4000-8000-000000000000', database: 'elsewhere' };
    const other = await startBulkAction(temporal, { id, isConfirmed: true }, served);
    await confirmBulkAction(db, { id, by: { actor: 'ida' } });
    await vi.waitFor(async () => {
      const { raw } = await other.describe();
      expect(raw.pendingActivities?.[0]?.lastFailure?.message).toContain('elsewhere');
    }, patience);
    expect(await read(id)).toMatchObject({ state: 'running', outcome: { done: 0 } });
    await other.terminate('it is nobody’s');
    await untilIs(id, { state: 'done' });
  });
});

/** While an editor’s transaction has a row of the queue locked. */
async function untilLocked(event: number, work: () => Promise<void>): Promise<void> {
  await deployment.db.transaction(
    async (tx) => {
      await tx.query('select from artwork_indexer.event_queue where id = $1 for update', [event]);
      await work();
    },
    { statement: 0, lock: 0, idle: 0 },
  );
}

describe('an action of many turns', () => {
  let temporal: Client;
  let connection: NativeConnection;
  let worker: Worker;
  let running: Promise<void>;
  /** Turns of each action, by its id, and who stopped it. */
  const turns = new Map<string, number>();
  const ended: (readonly [string, string])[] = [];
  let atTurn: (id: string, turn: number) => Promise<boolean>;
  const reached = (id: string, state: string): BulkProgress => {
    return { state, rows: 100, done: turns.get(id) ?? 0, skipped: 0, refused: 0 };
  };

  beforeAll(async () => {
    const { address, namespace } = await createTestNamespace();
    temporal = await openTemporal({ connectionOptions: { address }, namespace });
    connection = await NativeConnection.connect({ address });
    worker = await Worker.create({
      connection,
      namespace,
      taskQueue: taskQueues.reconciler,
      workflowBundle: { codePath: await workflowBundlePath() },
      activities: {
        async bulkActionTurn({ id }: BulkActionInput) {
          const turn = (turns.get(id) ?? 0) + 1;
          turns.set(id, turn);
          return { hasMore: await atTurn(id, turn), ...reached(id, 'running') };
        },
        endBulkAction({ id }: BulkActionInput, actor: string) {
          ended.push([id, actor]);
          return Promise.resolve(reached(id, 'stopped'));
        },
      },
    });
    running = worker.run();
  });
  afterAll(async () => {
    worker?.shutdown();
    await running;
    await temporal?.connection.close();
    await connection?.close();
  });

  const begin = (id: string) =>
    startBulkAction(temporal, { id, isConfirmed: true }, { id: 'an identity', database: 'none' });

  test('continues as new, and knows how far it is from the first moment on', async () => {
    atTurn = (_id, turn) => Promise.resolve(turn < 13);
    const handle = await begin('many');
    expect(await handle.result()).toMatchObject({ done: 13 });
    const first = await temporal.workflow.getHandle(handle.workflowId, handle.firstExecutionRunId).describe();
    expect([first.status.name, first.historyLength < 100]).toEqual(['CONTINUED_AS_NEW', true]);
    const { events } = await temporal.workflow.getHandle(handle.workflowId).fetchHistory();
    const { input } = events![0]!.workflowExecutionStartedEventAttributes!;
    expect(defaultPayloadConverter.fromPayload(input!.payloads![1]!)).toMatchObject({ state: 'running', done: 10 });
  });

  test.each([1, 10, 11])('is stopped with its turn %i, in whichever run that is', async (last) => {
    const id = `stopped at ${last}`;
    atTurn = async (_id, turn) => {
      const handle = temporal.workflow.getHandle(bulkActionWorkflowId(id, true));
      if (turn === last) await handle.signal(stop, { actor: 'eve' });
      return true;
    };
    expect(await (await begin(id)).result()).toMatchObject({ state: 'stopped', done: last });
    expect(ended.filter(([which]) => which === id)).toEqual([[id, 'eve']]);
  });
});

test('one that was stopped before it began ends at once', async () => {
  const { db, temporal } = deployment;
  const { id, events } = await plan(1);
  await stopBulkAction(db, { id, by: { actor: 'eve' } });
  const handle = await startBulkAction(temporal, { id, isConfirmed: true }, await readIdentity(db));
  expect(await handle.result()).toMatchObject({ state: 'stopped', done: 0 });
  expect(await statesOf(db, events)).toEqual(['failed']);
});
