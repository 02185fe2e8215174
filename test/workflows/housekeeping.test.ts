import { type Client, WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { openTemporal } from '../../src/temporal/connection.ts';
import { taskQueues } from '../../src/temporal/task-queues.ts';
import { patience } from '../support/patience.ts';
import { installQuietRuntime } from '../support/replay.ts';
import { createTestNamespace } from '../support/temporal.ts';
import { workflowBundlePath } from '../support/workflow-bundle.ts';

installQuietRuntime();

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

let address: string;
let temporal: Client;
let connection: NativeConnection;
let worker: Worker;
let running: Promise<void>;
beforeAll(async () => {
  const made = await createTestNamespace();
  const { namespace } = made;
  ({ address } = made);
  temporal = await openTemporal({ connectionOptions: { address }, namespace });
  connection = await NativeConnection.connect({ address });
  await startWorker();
});
afterAll(async () => {
  worker.shutdown();
  await running;
  await temporal.connection.close();
  await connection.close();
});

/** @param options.onlyWorkflows whether it leaves all steps to others */
async function startWorker({ onlyWorkflows = false } = {}): Promise<void> {
  const take = (step: Step) => async (): Promise<object> => {
    taken.push(step);
    const reason = failing.get(step);
    if (reason !== undefined) throw ApplicationFailure.nonRetryable(reason);
    return steps[step];
  };
  const activities = Object.fromEntries((Object.keys(steps) as Step[]).map((step) => [step, take(step)]));
  worker = await Worker.create({
    connection,
    namespace: temporal.options.namespace,
    taskQueue: taskQueues.reconciler,
    workflowBundle: { codePath: await workflowBundlePath() },
    ...(onlyWorkflows ? {} : { activities }),
  });
  running = worker.run();
}

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

test('a worker of an older version beside it, which takes steps that it does not know, makes no round fail', async () => {
  // One client has no two workers of one kind.
  const own = await NativeConnection.connect({ address });
  const older = await Worker.create({
    connection: own,
    namespace: temporal.options.namespace,
    taskQueue: taskQueues.reconciler,
    activities: {
      giveBackEvents: async () => {
        await Promise.resolve();
        throw new Error('a round of today has no such step');
      },
    },
  });
  const polling = older.run();
  worker.shutdown();
  await running;
  try {
    await startWorker({ onlyWorkflows: true });
    const options = { workflowId: 'housekeeping', taskQueue: taskQueues.reconciler };
    const round = await temporal.workflow.start('housekeeping', options);
    // Its tries are used up, and it is given out once more.
    const timers = async () =>
      ((await round.fetchHistory()).events ?? []).filter(
        ({ timerStartedEventAttributes }) => timerStartedEventAttributes,
      );
    await vi.waitFor(async () => expect(await timers()).toHaveLength(2), patience);
    worker.shutdown();
    await running;
    await startWorker();
    older.shutdown();
    expect(await round.result()).toEqual({ lostEvents: 1, lostAudits: 2, rechecked: 3, deletedEvents: 4 });
  } finally {
    if (older.getState() === 'RUNNING') older.shutdown();
    await polling;
    await own.close();
  }
});
