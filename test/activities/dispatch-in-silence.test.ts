import type { Client } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { openDependencies } from '../../src/activities/dependencies.ts';
import { createDispatcher } from '../../src/activities/dispatch.ts';
import { readConfig } from '../../src/config/config.ts';
import { readBrakes } from '../../src/database/pace/read-brakes.ts';
import { openTemporal } from '../../src/temporal/connection.ts';
import { eventWorkflowId, taskQueues } from '../../src/temporal/task-queues.ts';
import { settingsWith } from '../database/brakes/settings.ts';
import { emptyQueue, insertEvents } from '../database/queue/queue.ts';
import { createTestDatabase } from '../support/database.ts';
import { type LosingProxy, startLosingProxy } from '../support/losing-proxy.ts';
import { patience } from '../support/patience.ts';
import { createTestNamespace } from '../support/temporal.ts';

/*
 * The dispatcher at a real Temporal, on whose way answers are lost. No worker runs: a workflow lasts until the test
 * terminates it.
 */

const database = await createTestDatabase();
let proxy: LosingProxy;
let temporal: Client;
/** The dispatcher's own: its answers pass the proxy. */
let dispatchers: Client;
let namespace: string;
beforeAll(async () => {
  const { address, namespace: made } = await createTestNamespace();
  namespace = made;
  temporal = await openTemporal({ connectionOptions: { address }, namespace });
  proxy = await startLosingProxy(address);
  dispatchers = await openTemporal({ connectionOptions: { address: proxy.address }, namespace });
});
beforeEach(() => emptyQueue(database.db));
afterAll(async () => {
  await dispatchers?.connection.close();
  await temporal?.connection.close();
  await proxy?.close();
});

let stop: () => Promise<unknown> = async () => undefined;
afterEach(async () => stop());

function dispatch(concurrency: number): void {
  const env = {
    DATABASE_URL: database.url,
    ARCHIVE_CONTACT: 'test@localhost',
    EVENTS_POLL_SECONDS: '0.05',
    EVENTS_CONCURRENCY: String(concurrency),
  };
  const config = readConfig({ file: '/dev/null', env });
  const stopping = new AbortController();
  const environment = new MockActivityEnvironment(undefined, { logger: new DefaultLogger('ERROR') });
  const given = openDependencies({
    db: database.db,
    config: () => config,
    run: () => ({ workflowId: null, runId: '' }),
  });
  const eventPatience = { call: 500, end: 500 };
  const dispatcher = createDispatcher({ ...given, temporal: dispatchers, stopping: stopping.signal, eventPatience });
  const ended = environment.run(() => dispatcher.dispatchEvents()).catch((error: unknown) => error);
  stop = async () => {
    stopping.abort();
    return ended;
  };
}

async function untilStarted(ids: readonly number[]): Promise<void> {
  await vi.waitFor(async () => {
    for (const id of ids) await temporal.workflow.getHandle(eventWorkflowId(id)).describe();
  }, patience);
}

/** Fails a task of the event's workflow, as a worker does whose workflow code has a fault. */
async function failTask(id: number): Promise<void> {
  const { workflowService } = temporal;
  const taskQueue = { name: taskQueues.reconciler };
  for (;;) {
    const { taskToken, workflowExecution } = await workflowService.pollWorkflowTaskQueue({ namespace, taskQueue });
    // Those of events of other tests wait as well.
    if (workflowExecution?.workflowId !== eventWorkflowId(id)) continue;
    await workflowService.respondWorkflowTaskFailed({ namespace, taskToken });
    return;
  }
}

async function brakes() {
  const on = await readBrakes(database.db, settingsWith());
  return on.filter(({ name }) => name === 'events_stuck');
}

async function untilLost(before: number, answers: number): Promise<void> {
  await vi.waitFor(() => expect(proxy.lost() - before).toBeGreaterThanOrEqual(answers), patience);
}

/** Ends what an event's workflow does, and the event with it. */
async function end(id: number): Promise<void> {
  await database.db.query(`update artwork_indexer.event_queue set state = 'completed' where id = $1`, [id]);
  await temporal.workflow.getHandle(eventWorkflowId(id)).terminate('the test ends it');
}

test('lost answers to its waiting keep no slot: what comes next is started when these have ended', async () => {
  const ids = await insertEvents(database.db, [{}, {}, {}]);
  const lost = proxy.lost();
  proxy.lose('GetWorkflowExecutionHistory', 2);
  dispatch(2);
  await untilStarted(ids.slice(0, 2));
  for (const id of ids.slice(0, 2)) await end(id);
  await untilLost(lost, 2);
  await untilStarted(ids);
});

test('a lost answer to a start holds nothing up, and its event is in progress all the same', async () => {
  const ids = await insertEvents(database.db, [{}, {}, {}]);
  const lost = proxy.lost();
  proxy.lose('StartWorkflowExecution', 1);
  dispatch(2);
  await untilLost(lost, 1);
  await untilStarted(ids.slice(0, 2));
  // Of the two slots one is the lost one's.
  await end(ids[1]!);
  await untilStarted(ids);
});

test('a workflow that can’t continue leaves its slot to others, and a brake names its event until it has ended', async () => {
  const [stuck, next] = await insertEvents(database.db, [{}, {}]);
  dispatch(1);
  await untilStarted([stuck!]);
  for (let n = 0; n < 4; n += 1) await failTask(stuck!);
  await untilStarted([stuck!, next!]);
  await vi.waitFor(async () => expect(await brakes()).toHaveLength(1), patience);
  expect((await brakes())[0]).toMatchObject({
    reason: expect.stringContaining(`the workflow of event ${stuck} can't continue`) as string,
    stops: 'nothing',
  });
  // The next dispatcher knows of it, and takes the brake off when it is over.
  await stop();
  dispatch(1);
  await end(stuck!);
  await vi.waitFor(async () => expect(await brakes()).toEqual([]), patience);
});
