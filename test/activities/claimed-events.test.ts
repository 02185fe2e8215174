import { ApplicationFailure } from '@temporalio/common';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { AuditSteps } from '../../src/activities/audit-steps.ts';
import { WorkInProgress } from '../../src/activities/claimed-events.ts';
import { openDependencies } from '../../src/activities/dependencies.ts';
import { createEventSteps, type EventSteps } from '../../src/activities/event-steps.ts';
import { readConfig } from '../../src/config/config.ts';
import type { Database } from '../../src/database/connection.ts';
import { emptyQueue, insertEvent, rowOf } from '../database/queue/queue.ts';
import { createTestDatabase } from '../support/database.ts';
import { patience } from '../support/patience.ts';

const database = await createTestDatabase();
const { db } = database;
beforeEach(() => emptyQueue(db));

/** A worker's events and audits, all steps being those of one run. */
function working() {
  const env = { DATABASE_URL: database.url, ARCHIVE_CONTACT: 'test@localhost' };
  const config = readConfig({ file: '/dev/null', env });
  const run = () => ({ workflowId: 'event', runId: 'run' });
  const stopping = new AbortController();
  let checks = 0;
  let isAway = false;
  const query: Database['query'] = async (sql, values) => {
    checks += 1;
    if (isAway) throw new Error('the database is away');
    return db.query(sql, values);
  };
  const work = new WorkInProgress({ db: { ...db, query }, run }, stopping.signal);
  const steps = createEventSteps(openDependencies({ db, config: () => config, run }));
  let hasEnded = false;
  return {
    work,
    steps,
    events: work.ofEvents(steps),
    stop: () => stopping.abort(),
    setAway: (away: boolean) => void (isAway = away),
    /** Waits until all has ended, for longer than any test lasts. */
    waitForEnd: () => void work.ended(3_600_000).then(() => (hasEnded = true)),
    /** Whether it has, once it was checked more often. */
    async stillWaits(): Promise<boolean> {
      const before = checks;
      await vi.waitFor(() => expect(hasEnded || checks >= before + 3).toBe(true), patience);
      return !hasEnded;
    },
    untilEnded: () => vi.waitFor(() => expect(hasEnded).toBe(true), patience),
    hasEnded: () => hasEnded,
  };
}

const addNoop = (): Promise<number> => insertEvent(db, { action: 'noop', message: {} });

/** A promise that a test keeps open. */
function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

describe('a worker that stops waits for an event that it has claimed', () => {
  test.each<[string, (steps: EventSteps, id: number) => Promise<unknown>]>([
    ['is completed', (steps, id) => steps.completeEvent(id, 'sent')],
    ['has failed', (steps, id) => steps.endAttempt(id, { kind: 'fail', reason: 'x', permanent: false })],
    ['is released', (steps, id) => steps.endAttempt(id, { kind: 'give_back', reason: 'x', waitSeconds: 9 })],
    ['is stopped by a key', (steps, id) => steps.stopForRefusedKey(id, 'caa', 'x')],
  ])('until it %s', async (_how, end) => {
    const worker = working();
    const id = await addNoop();
    expect(await worker.events.claimEvent(id)).toMatchObject({ kind: 'claimed' });
    worker.waitForEnd();
    expect(await worker.stillWaits()).toBe(true);
    await end(worker.events, id);
    await worker.untilEnded();
  });

  test('until another worker has ended it', async () => {
    const worker = working();
    const id = await addNoop();
    await worker.events.claimEvent(id);
    worker.waitForEnd();
    expect(await worker.stillWaits()).toBe(true);
    await worker.steps.completeEvent(id, 'sent');
    await worker.untilEnded();
  });

  test('also while the database doesn’t say who has it', async () => {
    const worker = working();
    await worker.events.claimEvent(await addNoop());
    worker.setAway(true);
    worker.waitForEnd();
    expect(await worker.stillWaits()).toBe(true);
    worker.setAway(false);
    expect(await worker.stillWaits()).toBe(true);
  });

  test('for no longer than it may', async () => {
    const worker = working();
    await worker.events.claimEvent(await addNoop());
    // It would never end.
    await worker.work.ended(150);
  });
});

test('a worker that stops does not wait for an event that it could not claim', async () => {
  const worker = working();
  const id = await insertEvent(db, { action: 'index', message: { gid: 17 } });
  expect(await worker.events.claimEvent(id)).toMatchObject({ kind: 'failed' });
  expect(await worker.events.claimEvent(id)).toMatchObject({ kind: 'not_claimed' });
  worker.waitForEnd();
  await worker.untilEnded();
});

test('a worker that stops claims nothing more; another one is to be tried', async () => {
  const { events, work, stop } = working();
  const id = await addNoop();
  stop();
  expect(await events.claimEvent(id)).toEqual({ kind: 'stopping' });
  const refused = work.claimsForOthers(events).claimEvent(id);
  await expect(refused).rejects.toBeInstanceOf(ApplicationFailure);
  await expect(refused).rejects.toMatchObject({ type: 'Stopping', nonRetryable: false });
  expect(await rowOf(db, id)).toMatchObject({ state: 'queued', attempts: 0 });
});

test('a worker that doesn’t stop claims for one that does, and for its own database only', async () => {
  const { events, work } = working();
  const id = await addNoop();
  const theirs = { id: '11111111-1111-4111-8111-111111111111', database: 'their_db' };
  const claimer = work.claimsForOthers(events);
  const reason = expect.stringContaining('their_db') as string;
  expect(await claimer.claimEvent(id, theirs)).toEqual({ kind: 'not_claimed', reason });
  expect(await claimer.claimEvent(id)).toMatchObject({ kind: 'claimed', attempt: 1 });
});

describe('what is being made as its worker begins to stop is waited for', () => {
  test('a claim, and then the event', async () => {
    const worker = working();
    const held = gate();
    const late: EventSteps['claimEvent'] = async (...args) => held.opened.then(() => worker.steps.claimEvent(...args));
    const events = worker.work.ofEvents({ ...worker.steps, claimEvent: late });
    const id = await addNoop();
    const claiming = events.claimEvent(id);
    worker.stop();
    worker.waitForEnd();
    await rowOf(db, id);
    expect(worker.hasEnded()).toBe(false);
    held.open();
    expect(await claiming).toMatchObject({ kind: 'claimed' });
    expect(await worker.stillWaits()).toBe(true);
    await events.completeEvent(id, 'sent');
    await worker.untilEnded();
  });

  test('a decision, also one that can’t be made', async () => {
    const worker = working();
    const held = gate();
    const decideAudit = async () => held.opened.then(() => Promise.reject(new Error('the database is away')));
    const audits = worker.work.ofAudits({ decideAudit } as unknown as AuditSteps);
    const deciding = audits.decideAudit(...([] as unknown as Parameters<AuditSteps['decideAudit']>));
    const failed = expect(deciding).rejects.toThrow('away');
    worker.stop();
    worker.waitForEnd();
    await db.query('select 1');
    expect(worker.hasEnded()).toBe(false);
    held.open();
    await failed;
    await worker.untilEnded();
  });
});
