import { getEventListeners } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Client, WorkflowFailedError, type WorkflowHandle, WorkflowNotFoundError } from '@temporalio/client';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { EventsUnderWay } from '../../src/activities/events-under-way.ts';
import { patience } from '../support/patience.ts';

/* What the dispatcher makes of Temporal's answers on the workflows that it waits for. */

/** An answer of Temporal's: a value, or what the call fails with. */
type Answer = Error | object;

/** gRPC's DEADLINE_EXCEEDED, as Temporal's client throws it where nothing has ended yet. */
const silence = Object.assign(new Error('deadline'), { code: 4, details: 'deadline', metadata: {} });
const away = Object.assign(new Error('unavailable'), { code: 14, details: 'unavailable', metadata: {} });
const gone = new WorkflowNotFoundError('no such workflow', 'event-1', undefined);
const running = (tries = 0): Answer => ({
  status: { name: 'RUNNING' },
  raw: { pendingWorkflowTask: { attempt: tries } },
});
const withStatus = (name: string): Answer => ({ status: { name }, raw: {} });

/** Milliseconds. */
const call = 100;

const stops: AbortController[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop.abort();
  vi.useRealTimers();
});

function following() {
  const stopping = new AbortController();
  stops.push(stopping);
  /** What is asked, with the milliseconds that Temporal has. */
  const asked: [question: string, milliseconds: number][] = [];
  let left = 0;
  let signal: AbortSignal | undefined;
  const temporal = {
    withAbortSignal: (given: AbortSignal, ask: () => Promise<unknown>) => {
      signal = given;
      return ask();
    },
    withDeadline: (deadline: number, ask: () => Promise<unknown>) => {
      left = deadline - Date.now();
      return ask();
    },
  } as unknown as Client;
  const underWay = new EventsUnderWay(temporal, { call, end: 5_000 }, stopping.signal);

  /** A workflow whose answers a test gives, one after the other; after the last of them it doesn't answer until it is aborted. */
  function workflow(...answers: Answer[]) {
    const waiting: (() => void)[] = [];
    const answer = async (question: string): Promise<unknown> => {
      asked.push([question, left]);
      const own = signal!;
      if (answers.length === 0) {
        await new Promise<void>((resolve, reject) => {
          waiting.push(resolve);
          own.addEventListener('abort', () => reject(away));
        });
      }
      const said = answers.shift()!;
      if (said instanceof Error) throw said;
      return said;
    };
    const handle = { result: async () => answer('result'), describe: async () => answer('describe') };
    return {
      handle: handle as unknown as WorkflowHandle,
      /** Gives one more answer. */
      say(said: Answer): void {
        answers.push(said);
        waiting.shift()?.();
      },
    };
  }
  return {
    underWay,
    stopping,
    asked,
    workflow,
    untilAsked: (times: number) => vi.waitFor(() => expect(asked).toHaveLength(times), patience),
    changed: (milliseconds = 5_000, until = new AbortController().signal) => underWay.changed(milliseconds, until),
  };
}

describe('a workflow has left its slot', () => {
  test.each<[string, Answer[]]>([
    ['its result is there', [{ outcome: 'completed' }]],
    ['it has failed', [new WorkflowFailedError('failed', undefined, 'RETRY_STATE_UNSPECIFIED' as never)]],
    ['Temporal has forgotten it', [gone]],
    ['Temporal forgot it while it was waited for', [silence, gone]],
    ['it is seen to have ended while its result was lost', [silence, withStatus('COMPLETED')]],
    ['it was terminated', [silence, withStatus('TERMINATED')]],
  ])('where %s', async (_when, answers) => {
    const { underWay, workflow, changed } = following();
    underWay.follow(1, workflow(...answers).handle);
    expect([underWay.count, underWay.has(1)]).toEqual([1, true]);
    expect(await changed()).toBe('freed');
    expect([underWay.count, underWay.has(1)]).toEqual([0, false]);
    expect(underWay.refusedWithin(60_000)).toEqual(new Set());
  });
});

describe('a workflow keeps its slot, and is asked about again', () => {
  test.each<[string, Answer[]]>([
    ['while it runs', [silence, running()]],
    ['while its task was tried three times', [silence, running(3)]],
    ['while somebody has paused it', [silence, withStatus('PAUSED')]],
    ['while Temporal is away', [away]],
    ['while Temporal was away when it was looked at', [silence, away]],
  ])('%s', async (_when, answers) => {
    const { underWay, workflow, untilAsked, asked, changed } = following();
    const followed = workflow(...answers);
    underWay.follow(1, followed.handle);
    await untilAsked(answers.length + 1);
    expect([underWay.count, underWay.stuck]).toEqual([1, []]);
    // For its end it is waited longer than for what is said at once.
    expect(asked.at(-1)![0]).toBe('result');
    for (const [question, milliseconds] of asked) {
      const limit = question === 'result' ? 5_000 : call;
      expect(milliseconds).toBeLessThanOrEqual(limit);
      expect(milliseconds).toBeGreaterThan(limit - 90);
    }
    followed.say({ outcome: 'completed' });
    expect(await changed()).toBe('freed');
  });
});

describe('a workflow whose task is tried for the fourth time', () => {
  test('is stuck: it leaves its slot at once, and stays followed', async () => {
    const { underWay, workflow, changed } = following();
    underWay.follow(7, workflow(silence, running(4)).handle);
    expect(await changed()).toBe('freed');
    expect([underWay.count, underWay.stuck, underWay.has(7)]).toEqual([0, [7], true]);
  });

  test('takes a slot again once it continues', async () => {
    const { underWay, workflow, untilAsked, changed } = following();
    const { handle } = workflow(silence, running(4), silence, running());
    underWay.follow(7, handle);
    await changed();
    await untilAsked(5);
    expect([underWay.count, underWay.stuck]).toEqual([1, []]);
  });

  test('is told with the others by their ids', () => {
    const { underWay, workflow } = following();
    for (const id of [30, 4, 200]) underWay.follow(id, workflow().handle, true);
    underWay.follow(5, workflow().handle);
    expect([underWay.count, underWay.stuck]).toEqual([1, [4, 30, 200]]);
  });
});

test('an event that is followed already is not followed once more', async () => {
  const { underWay, workflow, changed, asked } = following();
  const first = workflow();
  underWay.follow(1, first.handle);
  underWay.follow(1, workflow({ outcome: 'completed' }).handle, true);
  expect(await changed(30)).toBeNull();
  expect([underWay.count, asked.length]).toEqual([1, 1]);
});

test('an event whose claim was refused is told of for as long as is asked for', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const { underWay, workflow, changed } = following();
  underWay.follow(1, workflow({ outcome: 'not_claimed', reason: 'locked' }).handle);
  expect(await changed()).toBe('freed');
  vi.advanceTimersByTime(999);
  underWay.follow(2, workflow({ outcome: 'not_claimed', reason: 'locked' }).handle);
  expect(await changed()).toBe('freed');
  expect(underWay.refusedWithin(1_000)).toEqual(new Set([1, 2]));
  vi.advanceTimersByTime(1);
  expect(underWay.refusedWithin(1_000)).toEqual(new Set([2]));
});

describe('waiting for something to change', () => {
  test('ends when the time is over', async () => {
    const { changed } = following();
    expect(await changed(10)).toBeNull();
  });

  test('ends with the signal, also one of before, and leaves no listener at it', async () => {
    const { changed } = following();
    const stop = new AbortController();
    expect(await changed(1, stop.signal)).toBeNull();
    expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
    const waiting = changed(60_000, stop.signal);
    stop.abort();
    expect(await waiting).toBeNull();
    expect(await changed(60_000, stop.signal)).toBeNull();
  });

  test('ends when something is queued; what was queued before ends one wait, and no more', async () => {
    const { underWay, changed } = following();
    const waiting = changed(60_000);
    underWay.notify();
    expect(await waiting).toBe('notified');
    expect(await changed(10)).toBeNull();
    underWay.notify();
    underWay.notify();
    expect(await changed(60_000)).toBe('notified');
    expect(await changed(10)).toBeNull();
  });

  test('tells of a slot first, and of what was queued at the same moment next', async () => {
    const { underWay, workflow, untilAsked, changed } = following();
    const followed = workflow();
    underWay.follow(1, followed.handle);
    await untilAsked(1);
    const waiting = changed(60_000);
    followed.say({ outcome: 'completed' });
    // In the same moment: nobody has heard of the slot yet.
    while (underWay.count > 0) await Promise.resolve();
    underWay.notify();
    expect(await waiting).toBe('freed');
    expect(await changed(60_000)).toBe('notified');
  });
});

describe('once its worker stops', () => {
  test('nobody is waited for, or asked again, and no listener is left', async () => {
    const { underWay, workflow, untilAsked, stopping, asked } = following();
    underWay.follow(1, workflow().handle);
    underWay.follow(2, workflow(silence).handle);
    await untilAsked(3);
    stopping.abort();
    await vi.waitFor(() => expect(underWay.has(1) || underWay.has(2)).toBe(false), patience);
    expect(asked).toHaveLength(3);
  });

  test('the pause that Temporal is given after a silence ends', async () => {
    const stopping = new AbortController();
    let asked = 0;
    const withAbortSignal = async (): Promise<never> => {
      asked += 1;
      await nextTurn();
      throw away;
    };
    const temporal = { withAbortSignal } as unknown as Client;
    const underWay = new EventsUnderWay(temporal, { call: 3_600_000, end: 1 }, stopping.signal);
    underWay.follow(1, {} as WorkflowHandle);
    for (let turn = 0; turn < 20; turn += 1) await nextTurn();
    expect(asked).toBe(1);
    stopping.abort();
    await vi.waitFor(() => expect(underWay.has(1)).toBe(false), patience);
    expect(asked).toBe(1);
  });

  test('what was asked has left no listener at its signal', async () => {
    const { underWay, workflow, untilAsked, stopping } = following();
    underWay.follow(1, workflow(silence, running(), away, silence, running(), silence).handle);
    await untilAsked(7);
    // That of the question under way.
    expect(getEventListeners(stopping.signal, 'abort')).toHaveLength(1);
  });
});
