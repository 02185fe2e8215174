import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { untilPoll } from '../../src/activities/dispatch.ts';
import { openDatabase } from '../../src/database/connection.ts';
import { listenerName } from '../../src/database/servers.ts';
import { findFreePort } from '../../src/embedded/free-port.ts';
import { readIdentity } from '../../src/database/schema/deployment.ts';
import { emptyQueue, insertEvent, insertEvents, take } from '../database/queue/queue.ts';
import { createTestDatabase } from '../support/database.ts';
import { testsNeed } from '../support/needed-programs.ts';
import { patience } from '../support/patience.ts';
import { startPgbouncer } from '../support/pgbouncer.ts';
import { dispatchingAt, type DispatchingHow, namesOf, untilStarted } from './dispatching.ts';

const database = await createTestDatabase();
beforeEach(() => emptyQueue(database.db));
afterEach(() => vi.useRealTimers());

const dispatching = (how: DispatchingHow = {}) => dispatchingAt(database, how);

test.each(['stop', 'cancel'] as const)('gives its place up at once when its worker is told to %s', async (told) => {
  // Between two polls, which are further apart than any test lasts.
  const dispatch = dispatching({ settings: { EVENTS_POLL_SECONDS: '3600' } });
  await vi.waitFor(() => expect(dispatch.heartbeats.length).toBeGreaterThan(0), patience);
  void dispatch[told]();
  const error = await dispatch.outcome;
  // Temporal tries again, on another worker.
  expect(error).toBeInstanceOf(ApplicationFailure);
  expect(error).toMatchObject({ type: 'Stopping', nonRetryable: false });
});

test('starts as many at once as may be in progress, in their order, and the next when one has ended', async () => {
  const ids = await insertEvents(database.db, [{}, {}, {}, {}]);
  const dispatch = dispatching({ settings: { EVENTS_CONCURRENCY: '2' } });
  await untilStarted(dispatch, ids.slice(0, 2));
  expect(dispatch.started[0]).toMatchObject({
    taskQueue: 'artwork-reconciler',
    args: [ids[0], await readIdentity(database.db)],
  });
  await dispatch.polls(3);
  expect(dispatch.ids()).toEqual(namesOf(ids.slice(0, 2)));
  expect(dispatch.heartbeats.at(-1)).toEqual({ inProgress: 2 });
  await take(database.db, ids[1]!);
  dispatch.started[1]!.end();
  await untilStarted(dispatch, ids.slice(0, 3));
  await dispatch.polls(3);
  expect(dispatch.ids()).toEqual(namesOf(ids.slice(0, 3)));
  await dispatch.stop();
});

test('does not wait for the next poll where one ends, nor asks for what it has read', async () => {
  const ids = await insertEvents(database.db, [{}, {}]);
  const dispatch = dispatching({ settings: { EVENTS_CONCURRENCY: '1', EVENTS_POLL_SECONDS: '3600' } });
  await untilStarted(dispatch, ids.slice(0, 1));
  dispatch.started[0]!.end();
  await untilStarted(dispatch, ids);
  await dispatch.stop();
});

test('starts what is behind events whose claim was just refused', async () => {
  const ids = await insertEvents(database.db, [{}, {}, {}, {}, {}]);
  const { started, stop } = dispatching({ settings: { EVENTS_CONCURRENCY: '1', EVENTS_POLL_SECONDS: '3600' } });
  // As many as are read at once; the next read would give the same.
  for (const at of [0, 1, 2, 3]) {
    await vi.waitFor(() => expect(started).toHaveLength(at + 1), patience);
    started[at]!.end({ outcome: 'not_claimed', reason: 'its row is locked' });
  }
  await vi.waitFor(() => expect(started).toHaveLength(5), patience);
  expect(started[4]!.args[0]).toBe(ids[4]);
  await stop();
});

test('passes over what another dispatcher has started, and counts it until it has ended', async () => {
  const ids = await insertEvents(database.db, [{}, {}, {}]);
  const name = `event-${ids[0]}`;
  const dispatch = dispatching({
    settings: { EVENTS_CONCURRENCY: '2' },
    refuse: (id) =>
      id === name ? new WorkflowExecutionAlreadyStartedError('started', name, 'processEvent') : undefined,
  });
  await untilStarted(dispatch, [ids[1]!]);
  await dispatch.polls(3);
  expect(dispatch.ids()).toEqual(namesOf([ids[1]!]));
  await take(database.db, ids[0]!);
  dispatch.endOther(ids[0]!);
  await untilStarted(dispatch, ids.slice(1));
  await dispatch.stop();
});

test('counts what an earlier shift started, claimed or not, until it has ended', async () => {
  const [claimed, next] = await insertEvents(database.db, [{}, {}]);
  const { runId } = await take(database.db, claimed!);
  const dispatch = dispatching({ settings: { EVENTS_CONCURRENCY: '1' } });
  await dispatch.polls(3);
  expect(dispatch.ids()).toEqual([]);
  expect(dispatch.heartbeats.at(-1)).toEqual({ inProgress: 1 });
  expect(dispatch.followed).toEqual([[`event-${claimed}`, runId]]);
  dispatch.endOther(claimed!);
  await untilStarted(dispatch, [next!]);
  await dispatch.stop();
});

test('reports to Temporal that it is alive while it waits for a poll that is far away', async () => {
  const dispatch = dispatching({ settings: { EVENTS_POLL_SECONDS: '3600' } });
  await dispatch.polls(6);
  await dispatch.stop();
});

test('is tried again where Temporal can’t start what is due', async () => {
  await insertEvent(database.db);
  const dispatch = dispatching({ refuse: () => new Error('unavailable') });
  expect(await dispatch.outcome).toMatchObject({ message: 'unavailable' });
});

test('starts nothing while events are disabled', async () => {
  await insertEvent(database.db);
  const dispatch = dispatching({ settings: { EVENTS_ENABLED: 'false' } });
  await dispatch.polls(3);
  expect(dispatch.ids()).toEqual([]);
  await dispatch.stop();
});

test('takes what is queued meanwhile at the next poll', async () => {
  const dispatch = dispatching();
  await dispatch.polls(2);
  const id = await insertEvent(database.db);
  await untilStarted(dispatch, [id]);
  await dispatch.stop();
});

test('ends its shift after an hour, so that a worker with new code takes over', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const dispatch = dispatching();
  await dispatch.polls(2);
  vi.setSystemTime(Date.now() + 59 * 60_000);
  await dispatch.polls(2);
  vi.setSystemTime(Date.now() + 2 * 60_000);
  // Whose events they are is handed on.
  expect(await dispatch.outcome).toEqual(await readIdentity(database.db));
});

test('starts nothing of another database’s: its worker is told whose they are', async () => {
  const served = { id: '11111111-1111-4111-8111-111111111111', database: 'their_db' };
  const { outcome, started } = dispatching({ served });
  expect(await outcome).toMatchObject({
    name: 'OtherDatabaseError',
    message: expect.stringContaining('their_db') as string,
  });
  expect(started).toEqual([]);
});

test.each([
  ['an event came or ended just now', 0, 50],
  ['nothing happened for a second', 1_000, 50],
  ['nothing happened for ten seconds', 10_000, 500],
  ['nothing happened for twenty seconds', 20_000, 1_000],
  ['nothing has happened yet', Infinity, 1_000],
])('where %s, the next poll comes after the share of the silence', (_, silence, milliseconds) => {
  expect(untilPoll(silence, { pollSeconds: 1 })).toBe(milliseconds);
});

test('no poll comes later than the setting says, however short that is', () => {
  expect(untilPoll(0, { pollSeconds: 0.01 })).toBe(10);
});

test('polls follow an event fast, and the queue is asked as rarely as before in a long silence', async () => {
  const { db } = database;
  vi.useFakeTimers({ toFake: ['performance'] });
  const dispatcher = dispatching({ settings: { EVENTS_POLL_SECONDS: '30' } });
  // The first poll finds nothing, and the next one would come after half a minute.
  await dispatcher.polls(2);
  expect(dispatcher.ids()).toEqual([]);
  await insertEvent(db, { action: 'noop', message: {} });
  await dispatcher.stop();
  // Another one, which finds the event at once, and so the next that comes.
  const next = dispatching({ settings: { EVENTS_POLL_SECONDS: '30' } });
  await vi.waitFor(() => expect(next.ids()).toHaveLength(1), patience);
  await insertEvent(db, { action: 'noop', message: { sleep: 1 } });
  await vi.waitFor(() => expect(next.ids()).toHaveLength(2), patience);
  await next.stop();
});

describe('a dispatcher that listens', () => {
  // The next poll is further away than any test lasts.
  const listening = (settings: Readonly<Record<string, string>> = {}) =>
    dispatching({ settings: { EVENTS_POLL_SECONDS: '3600', DATABASE_LISTEN_URL: 'same', ...settings } });
  const listeners = async (): Promise<number[]> => {
    const { rows } = await database.db.query<{ pid: number }>(
      `select pid from pg_stat_activity where datname = current_database() and application_name = $1`,
      [listenerName],
    );
    return rows.map(({ pid }) => pid);
  };
  const untilListening = ({ logged }: ReturnType<typeof dispatching>) =>
    vi.waitFor(() => expect(logged).toEqual(['listening for new events']), patience);

  test('does not wait for the next poll, whoever queued an event', async () => {
    const dispatch = listening();
    await untilListening(dispatch);
    const first = await insertEvent(database.db);
    await untilStarted(dispatch, [first]);
    const others = await database.db.transaction((tx) => insertEvents(tx, [{}, {}]));
    await untilStarted(dispatch, [first, ...others]);
    await dispatch.stop();
  });

  test('stops at once, and its connection goes with it', async () => {
    const dispatch = listening();
    await untilListening(dispatch);
    expect(await listeners()).toHaveLength(1);
    expect(await dispatch.stop()).toMatchObject({ type: 'Stopping' });
    await vi.waitFor(async () => expect(await listeners()).toEqual([]), patience);
    expect(dispatch.logged).toEqual(['listening for new events']);
  });

  test('connects again where its connection is lost, and looks for what came meanwhile', async () => {
    const dispatch = listening();
    await untilListening(dispatch);
    const [pid] = await listeners();
    // In one transaction with the cut: nobody is there to whom it could be announced.
    const id = await database.db.transaction(async (tx) => {
      await tx.query('select pg_terminate_backend($1, 10000)', [pid]);
      return insertEvent(tx);
    });
    await untilStarted(dispatch, [id]);
    // Where connecting takes longer, a poll has found it before.
    const listens = 'listening for new events';
    await vi.waitFor(() => expect(dispatch.logged).toEqual([listens, expect.any(String) as string, listens]), patience);
    await dispatch.stop();
  });

  test('polls where nobody can listen, and says so once', async () => {
    const url = new URL(database.url);
    url.port = String(await findFreePort());
    const dispatch = listening({ EVENTS_POLL_SECONDS: '0.01', DATABASE_LISTEN_URL: url.href });
    await vi.waitFor(() => expect(dispatch.logged).toEqual([expect.stringContaining('ECONNREFUSED')]), patience);
    const id = await insertEvent(database.db);
    await untilStarted(dispatch, [id]);
    expect(await dispatch.stop()).toMatchObject({ type: 'Stopping' });
  });

  test.runIf(testsNeed('pgbouncer'))('leaves no `listen` in a pgbouncer, and polls', async () => {
    const pgbouncer = await startPgbouncer(database.url);
    onTestFinished(() => pgbouncer.stop());
    const dispatch = listening({ EVENTS_POLL_SECONDS: '0.01', DATABASE_LISTEN_URL: pgbouncer.url });
    await vi.waitFor(() => expect(dispatch.logged).toEqual([expect.stringContaining('pgbouncer')]), patience);
    const id = await insertEvent(database.db);
    await untilStarted(dispatch, [id]);
    const through = openDatabase({ connectionString: pgbouncer.url, max: 1 });
    onTestFinished(() => through.close());
    const { rows } = await through.query('select pg_listening_channels() as channel');
    expect(rows).toEqual([]);
    await dispatch.stop();
  });
});
