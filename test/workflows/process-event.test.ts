import type { Client, WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { ClaimedEvent } from '../../src/activities/event-steps.ts';
import { openTemporal } from '../../src/temporal/connection.ts';
import { failureTypes } from '../../src/temporal/failure-types.ts';
import type { ProcessedEvent } from '../../src/temporal/messages.ts';
import { taskQueues } from '../../src/temporal/task-queues.ts';
import { patience } from '../support/patience.ts';
import { installQuietRuntime } from '../support/replay.ts';
import { createTestNamespace } from '../support/temporal.ts';
import { workflowBundlePath } from '../support/workflow-bundle.ts';

/*
 * The workflows of events on a real Temporal, with steps that do nothing but what a test says: which steps follow from
 * how one ended, and after how long Temporal notices that a step's worker is gone.
 */

installQuietRuntime();

let temporal: Client;
let connection: NativeConnection;
const workers: Worker[] = [];
const running: Promise<void>[] = [];

/** What the step that carries the event out does. */
let carryOut: () => Promise<unknown>;
let claim: ClaimedEvent;
/** The events whose claim the database doesn't answer. */
const unanswered = new Set<number>();
/** Those of them that asked for it. */
const waiting = new Set<number>();
/** Workflow tasks at once: what is the least that the SDK takes. */
const slots = 2;
/** The steps that were taken, with what they were given. */
const taken: [step: string, ...given: unknown[]][] = [];
const taking =
  <Answer>(step: string, answer: () => Answer | Promise<Answer>) =>
  async (...given: unknown[]): Promise<Answer> => {
    taken.push([step, ...given]);
    return answer();
  };

beforeAll(async () => {
  const { address, namespace } = await createTestNamespace();
  temporal = await openTemporal({ connectionOptions: { address }, namespace });
  connection = await NativeConnection.connect({ address });
  const shared = { connection, namespace };
  workers.push(
    await Worker.create({
      ...shared,
      taskQueue: taskQueues.reconciler,
      workflowBundle: { codePath: await workflowBundlePath() },
      maxConcurrentWorkflowTaskExecutions: slots,
      activities: {
        claimEvent: async (id: number) => {
          if (!unanswered.has(id)) return claim;
          waiting.add(id);
          throw ApplicationFailure.retryable('the database is away', failureTypes.databaseAway);
        },
        completeEvent: taking('complete', () => 'completed'),
        endAttempt: taking('end', () => 'queued'),
        stopForRefusedKey: taking('stop', () => 'queued'),
        dispatchEvents: async () => {
          throw ApplicationFailure.nonRetryable('there is no queue here');
        },
      },
    }),
    await Worker.create({
      ...shared,
      taskQueue: taskQueues.archive,
      activities: {
        doNothing: async () => carryOut(),
        putIndex: taking('index', () => carryOut()),
        putXml: taking('xml', () => carryOut()),
        copyImage: taking('copy', () => carryOut()),
        deleteImage: taking('delete', () => carryOut()),
        deleteIndex: taking('deindex', () => carryOut()),
      },
    }),
  );
  running.push(...workers.map((worker) => worker.run()));
});
afterAll(async () => {
  for (const worker of workers) worker.shutdown();
  await Promise.all(running);
  await temporal.connection.close();
  await connection.close();
});

const claimed = (action: string, message: object, retries = 0): ClaimedEvent =>
  ({
    kind: 'claimed',
    attempt: 1,
    entityType: 'event',
    order: { action, message },
    origin: 'audit',
    quickRetries: { retries, firstSeconds: 0.01 },
  }) as ClaimedEvent;

let eventId = 0;

async function start(): Promise<WorkflowHandle> {
  const workflowId = `event-${eventId}`;
  return temporal.workflow.start('processEvent', { workflowId, taskQueue: taskQueues.reconciler, args: [eventId] });
}

/** Processes an event, and tells what came of it. */
async function process(given: ClaimedEvent, step: () => Promise<unknown> = async () => undefined) {
  claim = given;
  carryOut = step;
  taken.length = 0;
  eventId += 1;
  const handle = await start();
  return { handle, processed: (await handle.result()) as ProcessedEvent };
}

const failingAs =
  (type: string, detail = {}, nonRetryable = true) =>
  async (): Promise<void> => {
    throw ApplicationFailure.create({ type, message: 'told so', nonRetryable, details: [detail] });
  };

describe('an event whose step fails', () => {
  const answer = { status: 403, bodyExcerpt: 'AccessDenied', requestId: 'x' };
  const fails = (permanent: boolean, more = {}) => ['end', { kind: 'fail', reason: 'told so', permanent, ...more }];
  const isSnoozed = (waitSeconds: number, reason = 'told so') => ['end', { kind: 'give_back', reason, waitSeconds }];

  test.each([
    ['is refused loses an attempt, with what was answered', failureTypes.refused, { answer }, fails(false, { answer })],
    ['can’t be read loses an attempt', failureTypes.unreadable, {}, fails(false)],
    [
      'fails as others may says so',
      failureTypes.unreadable,
      { alike: 'server error' },
      fails(false, { alike: 'server error' }),
    ],
    ['is impossible fails for good', failureTypes.impossible, {}, fails(true)],
    ['meets a cool-down is released until it ends', failureTypes.coolDown, { waitSeconds: 300 }, isSnoozed(300)],
    ['has to wait is released until then', failureTypes.notYet, { waitSeconds: 120 }, isSnoozed(120)],
    ['loses its database is released, for the first retry’s time', failureTypes.databaseAway, {}, isSnoozed(0.01)],
    [
      'loses its worker is released, for the first retry’s time',
      'WorkerShutdown',
      {},
      isSnoozed(0.01, 'the worker of doNothing was stopped'),
    ],
    [
      'is cancelled by its database is released, which is told',
      failureTypes.databaseAway,
      { sqlState: '57014' },
      ['end', { kind: 'give_back', reason: 'told so', waitSeconds: 0.01, sqlState: '57014' }],
    ],
    ['is refused a key stops the project', failureTypes.keyRefused, { project: 'eaa' }, ['stop', 'eaa', 'told so']],
    [
      'is refused a key stops the project, with what was answered',
      failureTypes.keyRefused,
      { project: 'caa', answer },
      ['stop', 'caa', 'told so', answer],
    ],
  ])('because it %s', async (_what, type, detail, [step, ...given]) => {
    const { processed } = await process(claimed('noop', {}), failingAs(type, detail));
    expect(taken).toEqual([[step, eventId, ...given]]);
    expect(processed).toMatchObject({ outcome: 'queued', reason: expect.any(String) as string });
  });

  test('is tried again as often as the configuration says, and no more', async () => {
    let tries = 0;
    const { processed } = await process(claimed('noop', {}, 1), async () => {
      tries += 1;
      await failingAs(failureTypes.unreadable, {}, false)();
    });
    expect([tries, processed.outcome]).toEqual([2, 'queued']);
  });
});

describe('an event whose workflow is cancelled', () => {
  /** Cancels a workflow while its first step is under way, and then lets that end. */
  async function cancelDuring(action: string): Promise<WorkflowHandle> {
    const gate = new AbortController();
    const opened = new Promise((open) => gate.signal.addEventListener('abort', open));
    claim = claimed(action, { gid: 'a1b2c3d4-0000-4000-8000-000000000000' });
    taken.length = 0;
    let isTaken = false;
    carryOut = async () => {
      isTaken = true;
      await opened;
    };
    eventId += 1;
    const handle = await start();
    await vi.waitFor(() => expect(isTaken).toBe(true), patience);
    await handle.cancel();
    const types = async () => (await handle.fetchHistory()).events?.map(({ eventType }) => Number(eventType));
    // The workflow has heard of it: its step is asked to end (`ACTIVITY_TASK_CANCEL_REQUESTED`).
    await vi.waitFor(async () => expect(await types()).toContain(15), patience);
    expect((await handle.describe()).status.name).toBe('RUNNING');
    gate.abort();
    return handle;
  }

  test('waits for the request under way, takes no other, and releases the event at no cost', async () => {
    const handle = await cancelDuring('index');
    await expect(handle.result()).rejects.toThrow('Workflow execution cancelled');
    expect(taken.map(([step]) => step)).toEqual(['index', 'end']);
    expect(taken[1]).toEqual([
      'end',
      eventId,
      { kind: 'give_back', reason: expect.any(String) as string, waitSeconds: 0.01 },
    ]);
  });

  test('is completed where that was its last request', async () => {
    const handle = await cancelDuring('deindex');
    expect(await handle.result()).toEqual({ outcome: 'completed' });
    expect(taken.map(([step]) => step)).toEqual(['deindex', 'complete']);
  });
});

describe('an event that is carried out', () => {
  const gid = 'a1b2c3d4-0000-4000-8000-000000000000';
  const image = { artwork_id: 7, gid, suffix: 'jpg' };
  const key = { entityType: 'event', gid };

  test.each([
    [
      'index',
      { gid },
      [
        ['index', key],
        ['xml', key],
      ],
    ],
    ['copy_image', { ...image, old_gid: gid }, [['copy', 'event', { ...image, old_gid: gid }]]],
    ['deindex', { gid }, [['deindex', key, 'audit']]],
  ])('as %s takes its steps, and is completed', async (action, message, steps) => {
    const { processed } = await process(claimed(action, message));
    expect(processed).toEqual({ outcome: 'completed' });
    expect(taken).toEqual([...steps, ['complete', eventId, 'sent']]);
  });

  test.each([
    ['noop', {}, undefined, [], 'a noop writes nothing'],
    ['index', { gid }, { nothingToDo: 'it is dark' }, [['index', key]], 'it is dark'],
    // So an older version's step says it.
    ['delete_image', image, 'nothing_to_do', [['delete', expect.anything()]], 'nothing was to be sent'],
  ])('as %s, %j, where %j is told, is completed, and says why nothing was sent', async (...given) => {
    const [action, message, told, steps, reason] = given;
    const { processed } = await process(claimed(action, message), async () => told);
    expect(processed).toEqual({ outcome: 'completed', reason });
    expect(taken).toEqual([...steps, ['complete', eventId, { nothingToDo: reason }]]);
  });

  test('as delete_image looks at whose word it is', async () => {
    await process(claimed('delete_image', image));
    const order = { eventId, entityType: 'event', message: image, origin: 'audit' };
    expect(taken).toEqual([
      ['delete', order],
      ['complete', eventId, 'sent'],
    ]);
  });

  test.each(['not_claimed', 'failed'] as const)('where it is %s nothing follows', async (kind) => {
    const { processed } = await process({ kind, reason: 'another has it' });
    expect(processed).toEqual({ outcome: kind, reason: 'another has it' });
    expect(taken).toEqual([]);
  });
});

test('workflows that wait for the database hold no slot: others are carried out, and they are when it is back', async () => {
  const stuck: WorkflowHandle[] = [];
  for (let number = 0; number <= slots; number += 1) {
    eventId += 1;
    unanswered.add(eventId);
    stuck.push(await start());
  }
  await vi.waitFor(() => expect(waiting.size).toBeGreaterThanOrEqual(slots), patience);
  const { processed } = await process(claimed('noop', {}));
  expect(processed.outcome).toBe('completed');
  unanswered.clear();
  const ended = await Promise.all(stuck.map((handle) => handle.result() as Promise<ProcessedEvent>));
  expect(ended.map(({ outcome }) => outcome)).toEqual(stuck.map(() => 'completed'));
});

describe('a worker that is gone is noticed', () => {
  /** What Temporal was told of the first step of this name, in seconds. */
  async function timeoutsOf(handle: WorkflowHandle, step: string) {
    return vi.waitFor(async () => {
      const { events } = await handle.fetchHistory();
      const scheduled = (events ?? [])
        .map(({ activityTaskScheduledEventAttributes: attributes }) => attributes)
        .find((attributes) => attributes?.activityType?.name === step);
      if (!scheduled) throw new Error(`${step} is not scheduled yet`);
      const { heartbeatTimeout, retryPolicy } = scheduled;
      return {
        noticed: Number(heartbeatTimeout?.seconds),
        triedAgain: Number(retryPolicy?.initialInterval?.seconds ?? 0),
        tries: retryPolicy?.maximumAttempts ?? 0,
        growth: retryPolicy?.backoffCoefficient,
      };
    }, patience);
  }

  test('by a step of an event within half a minute', async () => {
    const { handle } = await process(claimed('noop', {}, 2));
    expect(await timeoutsOf(handle, 'doNothing')).toEqual({ noticed: 30, triedAgain: 0, tries: 3, growth: 2 });
  });

  test('by the dispatcher within a quarter of one, and it is tried again at once, for ever', async () => {
    const handle = await temporal.workflow.start('dispatchEvents', {
      workflowId: 'dispatch-events',
      taskQueue: taskQueues.reconciler,
    });
    // No tries are all that there are.
    expect(await timeoutsOf(handle, 'dispatchEvents')).toEqual({ noticed: 15, triedAgain: 0, tries: 0, growth: 1 });
  });
});
