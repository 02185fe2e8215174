import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { alive, aliveDatabase, asActivities } from '../../src/activities/run.ts';
import { openHttp } from '../../src/clients/http-client.ts';
import type { Budget } from '../../src/clients/budget.ts';
import type { Database } from '../../src/database/connection.ts';

/** The shortest time-out of heartbeats, of steps that do more than start workflows. Milliseconds. */
const heartbeatTimeout = 20_000;
const minute = 60_000;

let environment: MockActivityEnvironment;
let beats = 0;
beforeEach(() => {
  vi.useFakeTimers();
  beats = 0;
  environment = new MockActivityEnvironment(undefined, { logger: new DefaultLogger('ERROR') });
  environment.on('heartbeat', () => (beats += 1));
});
afterEach(() => vi.useRealTimers());

/** An answer that never comes. */
const never = new Promise<never>(() => undefined);

/** How many heartbeat consecutive time-outs of the next minutes had a heartbeat, and how many after those had none. */
async function watch(minutes: number): Promise<readonly [alive: number, silent: number]> {
  let [heard, silent] = [0, 0];
  for (let passed = 0; passed < minutes * minute; passed += heartbeatTimeout) {
    const before = beats;
    await vi.advanceTimersByTimeAsync(heartbeatTimeout);
    if (beats > before) heard += 1;
    else silent += 1;
    if (beats > before && silent > 0) throw new Error('it was silent in between');
  }
  return [heard, silent];
}

test('a step that waits is alive for as long as that may take, and loses its place where it takes longer', async () => {
  void environment.run(() => alive(2 * minute, never));
  expect(await watch(4)).toEqual([6, 6]);
});

test('a step that has what it waited for does not beat any more, unless it does something', async () => {
  const steps = asActivities({
    async hangs() {
      await alive(2 * minute, Promise.resolve());
      await never;
    },
  });
  void environment.run(() => steps.hangs());
  expect(await watch(4)).toEqual([0, 12]);
});

test('each statement of a step keeps it alive for as long as statements may take, in transactions too', async () => {
  const tx = { transaction: true as const, query: vi.fn(async () => ({ rows: [], rowCount: 0 }) as never) };
  const db = {
    query: async () => never,
    transaction: async (work: (given: typeof tx) => Promise<unknown>) => work(tx),
    close: async () => undefined,
  } as unknown as Database;
  const given = aliveDatabase(db);
  await environment.run(() => given.transaction((inside) => inside.query('select 1')));
  expect(beats).toBe(1);
  void environment.run(() => given.query('select pg_sleep(1000)'));
  const [heard, silent] = await watch(4);
  expect(heard).toBeGreaterThanOrEqual(6);
  expect(silent).toBeGreaterThanOrEqual(5);
});

test('requests wait along: for their turn, and for their answer', async () => {
  const limits: number[] = [];
  const http = openHttp({ longestWaitSeconds: 120, takeTurn: async () => undefined } as unknown as Budget, {
    userAgent: 'test',
    timeouts: { read: 1, whole: 7000 },
    keepAlive: (longest, asked) => {
      limits.push(longest);
      return asked;
    },
  });
  await expect(http.send({ method: 'GET', url: 'http://127.0.0.1:1/', kind: 'metadata' })).rejects.toThrow(
    '127.0.0.1:1',
  );
  expect(limits).toEqual([360_000, 7000]);
});

test('outside an activity nobody is told', async () => {
  expect(await alive(minute, Promise.resolve('an answer'))).toBe('an answer');
});
