import type { Client, WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { AuditResult, BegunStep, ObservedAudit } from '../../src/audit/steps.ts';
import { openTemporal } from '../../src/temporal/connection.ts';
import { failureTypes } from '../../src/temporal/failure-types.ts';
import { taskQueues } from '../../src/temporal/task-queues.ts';
import { patience } from '../support/patience.ts';
import { installQuietRuntime } from '../support/replay.ts';
import { createTestNamespace } from '../support/temporal.ts';
import { workflowBundlePath } from '../support/workflow-bundle.ts';

/*
 * The workflow of audits on a real Temporal, with steps that do nothing but what a test says: which steps follow from how
 * one ended, and for how long an audit waits.
 */

installQuietRuntime();

const gid = 'a1b2c3d4-0000-4000-8000-000000000000';
const clean: AuditResult = { outcome: 'clean', reason: null };
const begun: Extract<BegunStep, { kind: 'begun' }> = {
  kind: 'begun',
  entityId: 17,
  past: { repairedChecks: { 'index.value': 1 }, wontFixEvidence: [] },
  pace: { retries: 1, firstRetrySeconds: 0.01, longestWaitSeconds: 0.4, searchAttributes: [] },
  startedAt: '2026-01-02T03:04:05.000Z',
};
const observed: ObservedAudit = {
  kind: 'observed',
  identity: 'live',
  expected: { images: 1, presence: 'present' },
  item: 'present',
  files: 9,
  settlesInSeconds: 0,
  settleSeconds: 3600,
  findings: [],
  index: null,
  xml: null,
  derived: null,
  place: null,
  webService: 'not_needed',
  images: { missing: [], extra: [] } as unknown as ObservedAudit['images'],
  lookAt: [],
  fingerprint: 'as it is',
  requests: {},
};

let temporal: Client;
let connection: NativeConnection;
const workers: Worker[] = [];
const running: Promise<void>[] = [];

/** The steps that were taken, with what they were given. */
const taken: [step: string, ...given: unknown[]][] = [];
/** What the steps answer; of several answers each try gets the next, and the last one again. */
let says: Readonly<Record<string, readonly unknown[]>> = {};
const usual: Readonly<Record<string, unknown>> = {
  begin: begun,
  observe: observed,
  decide: { kind: 'decided', result: clean },
  release: { outcome: 'given_back', reason: 'told so' },
};

const step =
  (name: string) =>
  async (...given: unknown[]): Promise<unknown> => {
    const nth = timesTaken(name);
    taken.push([name, ...given]);
    const answers = says[name] ?? [usual[name]];
    const answer = answers[Math.min(nth, answers.length - 1)];
    if (answer instanceof Error) throw answer;
    return answer instanceof Promise ? (answer as Promise<unknown>) : answer;
  };
const timesTaken = (name: string): number => taken.filter(([other]) => other === name).length;

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
      activities: { beginAudit: step('begin'), decideAudit: step('decide'), giveBackAudit: step('release') },
    }),
    await Worker.create({ ...shared, taskQueue: taskQueues.archive, activities: { observeItem: step('observe') } }),
  );
  running.push(...workers.map((worker) => worker.run()));
});
beforeEach(() => {
  taken.length = 0;
  says = {};
});
afterAll(async () => {
  for (const worker of workers) worker.shutdown();
  await Promise.all(running);
  await temporal.connection.close();
  await connection.close();
});

let number = 0;

async function start(more: object = {}): Promise<WorkflowHandle> {
  number += 1;
  return temporal.workflow.start('auditEntity', {
    workflowId: `audit-${number}`,
    taskQueue: taskQueues.reconciler,
    args: [{ entityType: 'release', gid, how: 'paced', ...more }],
  });
}

/** Audits, and tells what came of it. */
async function audit(answers: typeof says = {}, more: object = {}): Promise<unknown> {
  says = answers;
  return (await start(more)).result();
}

const failing = (type: string, detail: object = {}, nonRetryable = true): Error =>
  ApplicationFailure.create({ type, message: 'told so', nonRetryable, details: [detail] });
const released = (back: object): unknown[] => ['release', 17, { reason: 'told so', ...back }];
const key = { entityType: 'release', gid };
const beginning = { entityId: 17, past: begun.past, startedAt: begun.startedAt };

describe('an audit', () => {
  test('is begun, observes and decides', async () => {
    expect(await audit()).toEqual(clean);
    expect(taken).toEqual([
      ['begin', { ...key, how: 'paced' }],
      ['observe', key, beginning],
      ['decide', { ...key, how: 'paced' }, beginning, expect.objectContaining({ tasks: 'not_asked' })],
    ]);
  });

  test('that was decided where the item was observed takes no step for it', async () => {
    expect(await audit({ observe: [{ ...observed, decided: clean }] })).toEqual(clean);
    expect(timesTaken('decide')).toBe(0);
  });

  test('that repairs whatever the mode says so to whoever decides', async () => {
    await audit({}, { evenInReportMode: true });
    const [, observing, deciding] = taken;
    expect(observing![2]).toEqual({ ...beginning, evenInReportMode: true });
    expect(deciding![2]).toEqual({ ...beginning, evenInReportMode: true });
  });

  test('that is refused ends, and releases nothing', async () => {
    expect(await audit({ begin: [{ kind: 'refused', reason: 'another has it' }] })).toEqual({
      outcome: 'refused',
      reason: 'another has it',
    });
    expect(taken).toHaveLength(1);
  });

  test('whose basis has changed begins again, and decides on what it sees then', async () => {
    const now = { ...observed, fingerprint: 'as it is now' };
    const decide = [{ kind: 'stale' }, usual['decide']];
    expect(await audit({ observe: [observed, now], decide })).toEqual(clean);
    expect(taken.map(([name]) => name)).toEqual(['begin', 'observe', 'decide', 'begin', 'observe', 'decide']);
    expect(taken.at(-1)![3]).toMatchObject({ observed: { fingerprint: 'as it is now' } });
  });
});

describe('an audit is released', () => {
  test.each([
    [
      'a service wants a pause',
      failing(failureTypes.coolDown, { waitSeconds: 300 }),
      { cause: 'cool_down', waitSeconds: 300 },
    ],
    [
      'a window keeps it from asking',
      failing(failureTypes.coolDown, { waitSeconds: 300, window: true }),
      { cause: 'window', waitSeconds: 300 },
    ],
    [
      'a key is refused',
      failing(failureTypes.keyRefused, { project: 'eaa' }),
      { cause: 'keys_refused', project: 'eaa' },
    ],
    ['its item is refused', failing(failureTypes.refused), { cause: 'unreadable' }],
    ['the database is away', failing(failureTypes.databaseAway), { cause: 'unreadable' }],
    ['it can’t be read', failing(failureTypes.unreadable), { cause: 'unreadable' }],
  ])('where %s, and says so', async (_when, failure, back) => {
    expect(await audit({ observe: [failure] })).toEqual({ outcome: 'given_back', reason: 'told so' });
    expect(taken.slice(2)).toEqual([released(back)]);
  });

  test('after as many tries as the configuration says', async () => {
    const unreadable = failing(failureTypes.unreadable, {}, false);
    await audit({ observe: [unreadable] });
    expect(timesTaken('observe')).toBe(2);
    taken.length = 0;
    expect(await audit({ observe: [unreadable, observed] })).toEqual(clean);
  });

  test.each([
    ['events of its entity are open', { kind: 'pending_events' }, { cause: 'pending_events' }],
    [
      'it is of the other kind',
      { kind: 'other_kind', entityType: 'event' },
      { cause: 'other_kind', entityType: 'event' },
    ],
    ['nobody knows of which kind it is', { kind: 'other_kind', entityType: null }, { cause: 'kind_disputed' }],
  ])('where %s', async (_when, answer, back) => {
    await audit({ observe: [{ ...answer, reason: 'told so' }] });
    expect(taken.slice(2)).toEqual([released(back)]);
  });
});

describe('an audit whose item has not settled', () => {
  const settling = (seconds: number) => ({ ...observed, settlesInSeconds: seconds });
  const reason = 'the item changed a moment ago';

  test('waits, and looks again', async () => {
    expect(await audit({ observe: [settling(0.01), observed] })).toEqual(clean);
    expect(taken.map(([name]) => name)).toEqual(['begin', 'observe', 'begin', 'observe', 'decide']);
  });

  test('waits for as long as it may altogether, and is then released for that', async () => {
    await audit({ observe: [settling(0.2)] });
    expect(timesTaken('observe')).toBe(3);
    expect(taken.at(-1)).toEqual(released({ cause: 'waited_too_long', reason }));
  });

  test('is released at once where the first wait would be too long', async () => {
    await audit({ observe: [settling(0.5)] });
    expect(timesTaken('observe')).toBe(1);
    expect(taken.at(-1)).toEqual(released({ cause: 'settling', reason }));
  });
});

/** Types of events in a history. */
const [activityCancelRequested, timerStarted] = [15, 17];

async function untilInHistory(handle: WorkflowHandle, type: number): Promise<void> {
  await vi.waitFor(async () => {
    const { events } = await handle.fetchHistory();
    expect(events?.map(({ eventType }) => Number(eventType))).toContain(type);
  }, patience);
}

describe('an audit that somebody cancels', () => {
  const stopped = released({ cause: 'stopped', reason: 'its workflow was cancelled' });

  test('while it waits is released, and is shown as cancelled', async () => {
    says = {
      begin: [{ ...begun, pace: { ...begun.pace, longestWaitSeconds: 7200 } }],
      observe: [{ ...observed, settlesInSeconds: 3600 }],
    };
    const handle = await start();
    await untilInHistory(handle, timerStarted);
    await handle.cancel();
    await expect(handle.result()).rejects.toThrow('Workflow execution cancelled');
    expect(taken.slice(2)).toEqual([stopped]);
  });

  test('while it observes waits for that, and decides on it', async () => {
    let end = (): void => undefined;
    says = { observe: [new Promise<ObservedAudit>((resolve) => (end = () => resolve(observed)))] };
    const handle = await start();
    await vi.waitFor(() => expect(timesTaken('observe')).toBe(1), patience);
    await handle.cancel();
    await untilInHistory(handle, activityCancelRequested);
    expect(taken).toHaveLength(2);
    end();
    expect(await handle.result()).toEqual(clean);
    expect(taken.map(([name]) => name)).toEqual(['begin', 'observe', 'decide']);
  });
});
