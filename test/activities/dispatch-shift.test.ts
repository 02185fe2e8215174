import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { noteStuckEvents } from '../../src/database/brakes/stored-brakes.ts';
import { readBrakes } from '../../src/database/pace/read-brakes.ts';
import { readIdentity } from '../../src/database/schema/deployment.ts';
import type { Build } from '../../src/temporal/worker-builds.ts';
import { settingsWith } from '../database/brakes/settings.ts';
import { emptyQueue, insertEvents } from '../database/queue/queue.ts';
import { createTestDatabase } from '../support/database.ts';
import { patience } from '../support/patience.ts';
import { dispatchingAt, untilStarted } from './dispatching.ts';

const database = await createTestDatabase();
const { db } = database;
beforeEach(() => emptyQueue(db));
afterEach(() => vi.useRealTimers());

describe('a dispatcher whose worker is of a build', () => {
  const [own, other] = ['own', 'other'].map((buildId) => ({ deploymentName: 'reconciler', buildId })) as [Build, Build];

  /** Dispatches, with clocks of its own; `asked` counts how many times Temporal was asked for the build that is current. */
  function ofBuild(current: () => Promise<Build>) {
    vi.useFakeTimers({ toFake: ['Date'] });
    let asked = 0;
    const dispatch = dispatchingAt(database, {
      build: own,
      current: async () => {
        asked += 1;
        return current();
      },
    });
    const pass = async (seconds: number): Promise<void> => {
      vi.setSystemTime(Date.now() + seconds * 1000);
      // Two polls at least.
      await dispatch.polls(8);
    };
    // Its first heartbeats come before its shift begins.
    const begun = () => dispatch.polls(4);
    return { ...dispatch, begun, pass, asked: () => asked };
  }

  test('gives its place up to the build that is current, but not in its first ten seconds', async () => {
    const dispatch = ofBuild(async () => other);
    await dispatch.begun();
    await dispatch.pass(9);
    expect(dispatch.asked()).toBe(0);
    vi.setSystemTime(Date.now() + 1_000);
    expect(await dispatch.outcome).toEqual(await readIdentity(db));
    expect(dispatch.asked()).toBe(1);
    // Temporal has as long to say it as for any answer that it gives at once.
    expect(dispatch.deadlines).toEqual([5_000]);
  });

  test.each([
    ['its own is current', async () => own],
    [
      'Temporal does not say which is',
      async () => {
        throw new Error('unavailable');
      },
    ],
  ])('keeps its place where %s, and asks every ten seconds', async (_when, current) => {
    const dispatch = ofBuild(current);
    await dispatch.begun();
    await dispatch.pass(10);
    expect(dispatch.asked()).toBe(1);
    await dispatch.pass(9);
    expect(dispatch.asked()).toBe(1);
    await dispatch.pass(1);
    expect(dispatch.asked()).toBe(2);
    expect(await dispatch.stop()).toMatchObject({ type: 'Stopping' });
  });
});

describe('events whose workflow can’t continue', () => {
  const stuckNow = async (): Promise<unknown[]> =>
    (await readBrakes(db, settingsWith())).filter(({ name }) => name === 'events_stuck');

  test('keep nothing from being found behind them, however many they are', async () => {
    const ids = await insertEvents(db, [{}, {}, {}, {}, {}, {}]);
    await noteStuckEvents(db, ids.slice(0, 5));
    const dispatch = dispatchingAt(database, { settings: { EVENTS_CONCURRENCY: '1' } });
    await untilStarted(dispatch, ids.slice(5));
    expect(dispatch.followed.map(([workflowId]) => workflowId)).toEqual(ids.slice(0, 5).map((id) => `event-${id}`));
    expect(dispatch.heartbeats.at(-1)).toEqual({ inProgress: 1 });
    await dispatch.stop();
  });

  test('are named until each has ended', async () => {
    const ids = await insertEvents(db, [{}, {}]);
    await noteStuckEvents(db, ids);
    const dispatch = dispatchingAt(database, { settings: { EVENTS_ENABLED: 'false' } });
    await dispatch.polls(2);
    expect(await stuckNow()).toMatchObject([{ reason: expect.stringContaining(ids.join(', ')) as string }]);
    dispatch.endOther(ids[0]!);
    const left = { reason: expect.stringContaining(`the workflow of event ${ids[1]} can't`) as string };
    await vi.waitFor(async () => expect(await stuckNow()).toMatchObject([left]), patience);
    dispatch.endOther(ids[1]!);
    await vi.waitFor(async () => expect(await stuckNow()).toEqual([]), patience);
    await dispatch.stop();
  });
});

test('however many events are announced one by one, the queue is read no more often than while events come', async () => {
  let reads = 0;
  const query: typeof db.query = async (statement, values) => {
    if ((typeof statement === 'string' ? statement : statement.text).includes('stream.position')) reads += 1;
    return db.query(statement, values);
  };
  const settings = { EVENTS_POLL_SECONDS: '3600', DATABASE_LISTEN_URL: 'same' };
  const dispatch = dispatchingAt({ ...database, db: { ...db, query } }, { settings });
  await vi.waitFor(() => expect(dispatch.logged).toEqual(['listening for new events']), patience);
  await vi.waitFor(() => expect(reads).toBeGreaterThan(0), patience);
  const [before, began] = [reads, performance.now()];
  for (let n = 0; n < 300; n += 1) await db.query(`notify artwork_reconciler_events`);
  await vi.waitFor(() => expect(reads).toBeGreaterThan(before), patience);
  expect(reads - before).toBeLessThanOrEqual((performance.now() - began) / 50 + 3);
  await dispatch.stop();
});
