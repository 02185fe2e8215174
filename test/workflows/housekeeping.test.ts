import { type Client, WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openTemporal } from '../../src/temporal/connection.ts';
import { taskQueues } from '../../src/temporal/task-queues.ts';
import { createTestNamespace } from '../support/temporal.ts';
import { workflowBundlePath } from '../support/workflow-bundle.ts';

// What it says of every step that fails on purpose would bury a failure.
Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });

/** The steps of a round, with what each is to say it did. */
const steps = {
  release: { lostEvents: 1, lostAudits: 2 },
  moveOnAndDelete: { rechecked: 3, deletedEvents: 4 },
} as const;
type Step = keyof typeof steps;

/** Those that fail, each with its reason. */
const failing = new Map<Step, string>();
/** Those that were taken, in this order. */
const taken: Step[] = [];

let temporal: Client;
let connection: NativeConnection;
let worker: Worker;
let running: Promise<void>;
beforeAll(async () => {
  const { address, namespace } = await createTestNamespace();
  temporal = await openTemporal({ connectionOptions: { address }, namespace });
  connection = await NativeConnection.connect({ address });
  const take = (step: Step) => async (): Promise<object> => {
    taken.push(step);
    const reason = failing.get(step);
    if (reason !== undefined) throw ApplicationFailure.nonRetryable(reason);
    return steps[step];
  };
  worker = await Worker.create({
    connection,
    namespace,
    taskQueue: taskQueues.reconciler,
    workflowBundle: { codePath: await workflowBundlePath() },
    activities: Object.fromEntries((Object.keys(steps) as Step[]).map((step) => [step, take(step)])),
  });
  running = worker.run();
});
afterAll(async () => {
  worker.shutdown();
  await running;
  await temporal.connection.close();
  await connection.close();
});
beforeEach(() => {
  failing.clear();
  taken.length = 0;
});

/** Makes a round. Returns its result, or the reason why it failed. */
async function makeRound(): Promise<unknown> {
  const options = { workflowId: 'housekeeping', taskQueue: taskQueues.reconciler };
  try {
    return (await temporal.workflow.execute('housekeeping', options)) as unknown;
  } catch (error) {
    if (error instanceof WorkflowFailedError) return error.cause?.message;
    throw error;
  }
}

test('a round tells all that it did', async () => {
  expect(await makeRound()).toEqual({ lostEvents: 1, lostAudits: 2, rechecked: 3, deletedEvents: 4 });
});

test('a step that fails keeps no other from its turn, and the round fails with the reasons of all that did', async () => {
  failing.set('release', 'a row is broken').set('moveOnAndDelete', 'another one is');
  const reason = await makeRound();
  expect([...taken].sort()).toEqual(Object.keys(steps).sort());
  expect(String(reason).split('; ').sort()).toEqual(['moveOnAndDelete: another one is', 'release: a row is broken']);
});

test('Temporal keeps no more of a round than of an audit that explains', async () => {
  await makeRound();
  const { events } = await temporal.workflow.getHandle('housekeeping').fetchHistory();
  // Two steps, each with a task of its own at most: every two and a half minutes there is one more.
  expect(events?.length).toBeLessThanOrEqual(20);
});
