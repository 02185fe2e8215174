import { beforeEach, describe, expect, test } from 'vitest';
import { type Dependencies, openDependencies } from '../../src/activities/dependencies.ts';
import { createEventSteps } from '../../src/activities/event-steps.ts';
import { readConfig } from '../../src/config/config.ts';
import { A, deletion, emptyQueue, index, insertEvent, reasonsOf, rowOf } from '../database/queue/queue.ts';
import { createTestDatabase } from '../support/database.ts';

const database = await createTestDatabase();
beforeEach(() => emptyQueue(database.db));

function stepsOf(runId = 'run', more: Partial<Dependencies> = {}) {
  const { db, url } = database;
  const env = {
    DATABASE_URL: url,
    ARCHIVE_CONTACT: 'test@localhost',
    EVENTS_QUICK_RETRIES: '4',
    EVENTS_QUICK_RETRY_SECONDS: '7',
  };
  const config = readConfig({ file: '/dev/null', env });
  const given = openDependencies({ db, config: () => config, run: () => ({ workflowId: 'event', runId }) });
  return createEventSteps({ ...given, ...more });
}

test.each(['trigger', 'audit', 'requeued'])(
  'a claim says what is to be done, and on whose word: %s',
  async (origin) => {
    const { db } = database;
    const id = await insertEvent(db, { ...deletion(7, A), entityType: 'event', attempts: 2, age: 999 });
    if (origin !== 'trigger') {
      await db.query('insert into artwork_reconciler.event_origin (event, origin) values ($1, $2)', [id, origin]);
    }
    const claim = {
      kind: 'claimed',
      attempt: 3,
      entityType: 'event',
      order: { action: 'delete_image', message: { artwork_id: 7, gid: A, suffix: 'jpg' } },
      origin,
      quickRetries: { retries: 4, firstSeconds: 7 },
    };
    expect(await stepsOf().claimEvent(id)).toEqual(claim);
    // The step is repeated where its worker died.
    expect(await stepsOf().claimEvent(id)).toEqual(claim);
  },
);

test('a claim names the search attributes of the namespace that its end sets, and no other', async () => {
  const { db } = database;
  const steps = stepsOf('run', { searchAttributes: ['ArtworkMbid', 'ArtworkOutcome'] });
  const searchAttributes = ['ArtworkOutcome'];
  expect(await steps.claimEvent(await insertEvent(db, index(A)))).toMatchObject({ kind: 'claimed', searchAttributes });
  const broken = await insertEvent(db, { action: 'index', message: {} });
  expect(await steps.claimEvent(broken)).toMatchObject({ kind: 'failed', searchAttributes });
});

test('an event that is another database’s is not claimed', async () => {
  const id = await insertEvent(database.db, index(A));
  const served = { id: '11111111-1111-4111-8111-111111111111', database: 'their_db' };
  expect(await stepsOf().claimEvent(id, served)).toMatchObject({ kind: 'not_claimed' });
  expect(await rowOf(database.db, id)).toMatchObject({ state: 'queued' });
});

test('a message that can’t be understood fails for good when it is claimed', async () => {
  const { db } = database;
  const id = await insertEvent(db, { action: 'index', message: { gid: 17 } });
  const reason = 'message field gid is 17: expected an MBID';
  expect(await stepsOf().claimEvent(id)).toEqual({ kind: 'failed', reason });
  expect(await rowOf(db, id)).toMatchObject({ state: 'failed', attempts: 1 });
  expect(await reasonsOf(db, id)).toEqual([reason]);
});

test('an event that had nothing to do is completed, and its attempt says why', async () => {
  const { db } = database;
  const id = await insertEvent(db, index(A));
  await stepsOf().claimEvent(id);
  expect(await stepsOf().completeEvent(id, { nothingToDo: 'its item is dark' })).toBe('completed');
  const { rows } = await db.query('select outcome, reason from artwork_reconciler.event_attempt where event = $1', [
    id,
  ]);
  expect(rows).toEqual([{ outcome: 'completed', reason: 'its item is dark' }]);
  // That is no failure.
  expect(await reasonsOf(db, id)).toEqual([]);
});

describe('the end of an attempt', () => {
  const answer = { status: 403, bodyExcerpt: 'it says so', requestId: 'r-1' };
  const attemptOf = async (id: number): Promise<unknown> =>
    (
      await database.db.query(
        'select outcome, reason, status, body_excerpt, request_id from artwork_reconciler.event_attempt where event = $1',
        [id],
      )
    ).rows[0];
  test.each([
    [false, 'queued'],
    [true, 'failed'],
  ])('that failed records the answer, and is final: %s', async (permanent, state) => {
    const id = await insertEvent(database.db, index(A));
    await stepsOf().claimEvent(id);
    expect(await stepsOf().endAttempt(id, { kind: 'fail', reason: 'refused', permanent, answer })).toBe(state);
    expect(await rowOf(database.db, id)).toMatchObject({ state, attempts: 1 });
    const recorded = { outcome: state, reason: 'refused', status: 403, body_excerpt: 'it says so', request_id: 'r-1' };
    expect(await attemptOf(id)).toMatchObject(recorded);
  });

  test('that was no fault of the event’s has it wait for as long as was said, at no cost', async () => {
    const id = await insertEvent(database.db, index(A));
    await stepsOf().claimEvent(id);
    await stepsOf().endAttempt(id, { kind: 'give_back', reason: 'cooling down', waitSeconds: 600 });
    expect(await rowOf(database.db, id)).toMatchObject({ state: 'queued', attempts: 0 });
    expect(await attemptOf(id)).toMatchObject({ outcome: 'given_back', reason: 'cooling down', status: null });
    const { rows } = await database.db.query<{ seconds: number }>(
      `select extract(epoch from until - clock_timestamp())::float8 as seconds
       from artwork_reconciler.event_not_before where event = $1`,
      [id],
    );
    expect(rows[0]!.seconds).toBeGreaterThan(500);
    expect(rows[0]!.seconds).toBeLessThanOrEqual(600);
  });
});

describe('an event whose statements are cancelled', () => {
  const cancelled = { kind: 'give_back', reason: 'canceling statement', waitSeconds: 0, sqlState: '57014' } as const;
  /** Its attempts one after the other, each by a run of its own. */
  async function outcomes(id: number, times: number): Promise<string[]> {
    const ended: string[] = [];
    for (let n = 0; n < times; n += 1) {
      const steps = stepsOf(`run ${n}`);
      expect(await steps.claimEvent(id)).toMatchObject({ kind: 'claimed', attempt: 1 });
      await steps.endAttempt(id, cancelled);
      const { rows } = await database.db.query<{ outcome: string }>(
        'select outcome from artwork_reconciler.event_attempt where event = $1 and run_id = $2',
        [id, `run ${n}`],
      );
      ended.push(rows[0]!.outcome);
    }
    return ended;
  }

  test('loses no attempt while no other is carried out', async () => {
    const id = await insertEvent(database.db, index(A));
    expect(new Set(await outcomes(id, 6))).toEqual(new Set(['given_back']));
  });

  test('loses one at the fifth time running, where others are', async () => {
    const { db } = database;
    const id = await insertEvent(db, index(A));
    expect(new Set(await outcomes(id, 4))).toEqual(new Set(['given_back']));
    await insertEvent(db, { state: 'completed' });
    const steps = stepsOf('the fifth');
    await steps.claimEvent(id);
    expect(await steps.endAttempt(id, cancelled)).toBe('queued');
    expect(await rowOf(db, id)).toMatchObject({ state: 'queued', attempts: 1 });
    expect(await reasonsOf(db, id)).toEqual([expect.stringContaining('while other events are carried out')]);
  });

  test('loses none for what is not the database’s', async () => {
    const { db } = database;
    const id = await insertEvent(db, index(A));
    await outcomes(id, 5);
    await insertEvent(db, { state: 'completed' });
    const steps = stepsOf('the sixth');
    await steps.claimEvent(id);
    await steps.endAttempt(id, { kind: 'give_back', reason: 'cooling down', waitSeconds: 0 });
    expect(await rowOf(db, id)).toMatchObject({ state: 'queued', attempts: 0 });
  });
});
