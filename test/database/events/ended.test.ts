import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { completeEvent, failAttempt, failBlocked } from '../../../src/database/event-states/index.ts';
import { noticeEventsEndedElsewhere } from '../../../src/database/entity-states/notice-events-ended-elsewhere.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import {
  A,
  B,
  C,
  claim,
  copy,
  deletion,
  dueIds,
  emptyQueue,
  index,
  insertEvent,
  insertEvents,
  letPass,
  openTransaction,
  reasonsOf,
  rowOf,
  settings,
  statesOf,
  take,
  untilBlocked,
} from './queue.ts';

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
});
beforeEach(async () => {
  await emptyQueue(test.db);
  await test.db.query('truncate artwork_reconciler.audit_entity cascade');
});
afterAll(() => test.close());

const fail = (holder: { eventId: number; runId: string }, reason = 'HTTP 503', permanent = false) =>
  failAttempt(test.db, { ...holder, reason, permanent }, settings);
const complete = (holder: { eventId: number; runId: string }) => completeEvent(test.db, holder, settings);
/** As the Python daemon's housekeeping does it to any row that waited long before it was started. */
const housekeepingFails = (id: number) =>
  test.db.query(`update artwork_indexer.event_queue set state = 'failed' where id = $1 and state = 'running'`, [id]);

describe('a success', () => {
  it('completes the row, and the claim is over', async () => {
    const id = await insertEvent(test.db);
    const holder = await take(test.db, id);
    expect(await complete(holder)).toBe('completed');
    expect(await rowOf(test.db, id)).toMatchObject({ state: 'completed', attempts: 1 });
    expect((await test.db.query('select from artwork_reconciler.event_claim')).rowCount).toBe(0);
  });

  it('may be told twice', async () => {
    const holder = await take(test.db, await insertEvent(test.db));
    await complete(holder);
    expect(await complete(holder)).toBe('completed');
    expect(await fail(holder)).toBe('not_ours');
  });

  it('changes nothing where it comes from somebody who does not hold the claim', async () => {
    const id = await insertEvent(test.db);
    await take(test.db, id);
    expect(await complete({ eventId: id, runId: 'late' })).toBe('not_ours');
    expect(await fail({ eventId: id, runId: 'late' })).toBe('not_ours');
    expect((await rowOf(test.db, id)).state).toBe('running');
  });

  it('counts though the other daemon housekept the row to failed under our hands', async () => {
    const id = await insertEvent(test.db, { attempts: 1, age: 600 });
    const child = await insertEvent(test.db, { dependsOn: [id] });
    const holder = await take(test.db, id);
    await housekeepingFails(id);
    expect(await complete(holder)).toBe('completed');
    expect(await statesOf(test.db, [id, child])).toEqual(['completed', 'queued']);
    expect(await dueIds(test.db)).toEqual([child]);
  });

  it('does not count where somebody has queued the row again meanwhile, and the claim is over', async () => {
    const id = await insertEvent(test.db);
    const holder = await take(test.db, id);
    await test.db.query(`update artwork_indexer.event_queue set state = 'queued', attempts = 0 where id = $1`, [id]);
    expect(await dueIds(test.db)).toEqual([]);
    expect(await complete(holder)).toBe('not_ours');
    expect(await dueIds(test.db)).toEqual([id]);
  });

  it('lets the entity be looked at in the same transaction', async () => {
    const id = await insertEvent(test.db, copy(7, A, B));
    await complete(await take(test.db, id));
    const { rows } = await test.db.query('select gid from artwork_reconciler.audit_entity order by gid');
    expect(rows).toEqual([{ gid: A }, { gid: B }]);
  });
});

describe('a failed attempt', () => {
  it('puts the row back with its attempts, keeps the reason, and is tried again attempts × delay later', async () => {
    const id = await insertEvent(test.db, { age: 600 });
    for (const attempts of [1, 2, 3, 4]) {
      expect(await fail(await take(test.db, id), `failure ${attempts}`)).toBe('queued');
      expect(await rowOf(test.db, id)).toMatchObject({ state: 'queued', attempts });
      await letPass(test.db, id, attempts * 60 - 1);
      expect(await dueIds(test.db)).toEqual([]);
      await letPass(test.db, id, 2);
      expect(await dueIds(test.db)).toEqual([id]);
    }
    expect(await fail(await take(test.db, id), 'failure 5')).toBe('failed');
    expect(await rowOf(test.db, id)).toMatchObject({ state: 'failed', attempts: 5 });
    expect(await reasonsOf(test.db, id)).toEqual([1, 2, 3, 4, 5].map((attempt) => `failure ${attempt}`));
  });

  it('fails the event at once where no attempt can succeed', async () => {
    const id = await insertEvent(test.db);
    expect(await fail(await take(test.db, id), 'unknown action', true)).toBe('failed');
    expect(await rowOf(test.db, id)).toMatchObject({ state: 'failed', attempts: 1 });
  });

  it('may be told twice, and is written once', async () => {
    const id = await insertEvent(test.db);
    const holder = await take(test.db, id);
    await fail(holder);
    expect(await fail(holder)).toBe('queued');
    expect(await reasonsOf(test.db, id)).toEqual(['HTTP 503']);
    expect(await claim(test.db, id, holder.runId)).toMatchObject({ reason: 'this run has ended its attempt: queued' });
  });

  it('takes the place of the outcome that the other daemon’s housekeeping gave the row', async () => {
    const id = await insertEvent(test.db, { attempts: 1, age: 600 });
    const holder = await take(test.db, id);
    await housekeepingFails(id);
    expect(await fail(holder)).toBe('queued');
    expect(await rowOf(test.db, id)).toMatchObject({ state: 'queued', attempts: 2 });
  });

  it('keeps what the archive answered', async () => {
    const id = await insertEvent(test.db);
    const answer = { status: 503, bodyExcerpt: 'Slow\0Down', requestId: '4ae3' };
    await failAttempt(test.db, { ...(await take(test.db, id)), reason: 'nul: \0', permanent: false, answer }, settings);
    const { rows } = await test.db.query(
      'select outcome, reason, status, body_excerpt, request_id, attempt from artwork_reconciler.event_attempt',
    );
    expect(rows).toEqual([
      {
        outcome: 'queued',
        reason: 'nul: \uFFFD',
        status: 503,
        body_excerpt: 'Slow\uFFFDDown',
        request_id: '4ae3',
        attempt: 1,
      },
    ]);
  });

  it('ends the event where an identical one was queued meanwhile, which does its work', async () => {
    const id = await insertEvent(test.db, index(A));
    const child = await insertEvent(test.db, { ...index(B), dependsOn: [id] });
    const holder = await take(test.db, id);
    const twin = await insertEvent(test.db, index(A));
    // The same message about the other kind of entity is another event.
    await insertEvent(test.db, { ...index(A), entityType: 'event' });
    expect(await fail(holder, 'HTTP 500')).toBe('superseded');
    expect(await statesOf(test.db, [id, twin, child])).toEqual(['failed', 'queued', 'failed']);
    expect(await reasonsOf(test.db, id)).toEqual(['HTTP 500', `superseded by event ${twin}`]);
  });

  it('ends it, too, where the identical one was inserted first and committed last', async () => {
    const id = await insertEvent(test.db, index(A));
    const holder = await take(test.db, id);
    const trigger = await openTransaction(test.db);
    await insertEvent(trigger.tx, index(A));
    const failing = fail(holder);
    await untilBlocked(test.db);
    await trigger.commit();
    expect(await failing).toBe('superseded');
    expect((await rowOf(test.db, id)).state).toBe('failed');
  });
});

describe('what depends on an event that fails', () => {
  it('fails too, directly or not, with a reason that names the event that failed first', async () => {
    const [root, other] = await insertEvents(test.db, [copy(1, A, B), {}]);
    const child = await insertEvent(test.db, { ...deletion(1, A), dependsOn: [root!] });
    const grandchild = await insertEvent(test.db, { ...index(A), dependsOn: [child, root!] });
    const unrelated = await insertEvent(test.db, { dependsOn: [other!] });
    await fail(await take(test.db, root!), 'gone', true);
    expect(await statesOf(test.db, [root!, child, grandchild, other!, unrelated])).toEqual([
      'failed',
      'failed',
      'failed',
      'queued',
      'queued',
    ]);
    for (const id of [child, grandchild]) {
      expect(await reasonsOf(test.db, id)).toEqual([`event ${root}, which this one depends on, failed`]);
      expect((await rowOf(test.db, id)).attempts).toBe(0);
    }
  });

  it('has two reasons where two parents failed', async () => {
    const [one, two] = await insertEvents(test.db, [{}, {}]);
    const child = await insertEvent(test.db, { dependsOn: [one!, two!] });
    await fail(await take(test.db, one!), 'x', true);
    await fail(await take(test.db, two!), 'y', true);
    expect(await reasonsOf(test.db, child)).toEqual([
      `event ${one}, which this one depends on, failed`,
      `event ${two}, which this one depends on, failed`,
    ]);
  });

  it('is left alone by an attempt that will be tried again', async () => {
    const parent = await insertEvent(test.db);
    const child = await insertEvent(test.db, { dependsOn: [parent] });
    await fail(await take(test.db, parent));
    expect(await statesOf(test.db, [parent, child])).toEqual(['queued', 'queued']);
  });

  it('does not stay blocked for ever by a row that the other daemon’s housekeeping failed', async () => {
    const [failedLongAgo, failedJustNow] = await insertEvents(test.db, [
      { state: 'failed', unchanged: 16 },
      { state: 'failed', unchanged: 14 },
    ]);
    const [blocked, mayBeFreed] = await insertEvents(test.db, [
      { dependsOn: [failedLongAgo!] },
      { dependsOn: [failedJustNow!] },
    ]);
    const grandchild = await insertEvent(test.db, { dependsOn: [blocked!] });
    expect(await failBlocked(test.db, settings)).toEqual([blocked, grandchild]);
    expect(await statesOf(test.db, [blocked!, grandchild, mayBeFreed!])).toEqual(['failed', 'failed', 'queued']);
    expect(await reasonsOf(test.db, grandchild)).toEqual([`event ${failedLongAgo}, which this one depends on, failed`]);
    expect(await failBlocked(test.db, settings)).toEqual([]);
    expect(await reasonsOf(test.db, grandchild)).toHaveLength(1);
  });

  it('waits while its parent is in our hand, whatever the other daemon’s housekeeping says', async () => {
    const parent = await insertEvent(test.db, { attempts: 1, age: 600 });
    const child = await insertEvent(test.db, { dependsOn: [parent] });
    const holder = await take(test.db, parent);
    await housekeepingFails(parent);
    await letPass(test.db, parent, 60);
    expect(await failBlocked(test.db, settings)).toEqual([]);
    await complete(holder);
    expect(await dueIds(test.db)).toEqual([child]);
  });
});

describe('housekeeping', () => {
  it('takes none of our ends for one of the other daemon’s', async () => {
    const [completed, failed, superseded] = await insertEvents(test.db, [index(A), index(B), index(C)]);
    await insertEvent(test.db, { dependsOn: [failed!] });
    await complete(await take(test.db, completed!));
    await fail(await take(test.db, failed!), 'gone', true);
    const holder = await take(test.db, superseded!);
    await insertEvent(test.db, index(C));
    await fail(holder);
    expect(await noticeEventsEndedElsewhere(test.db, settings.audit)).toBe(0);
    await insertEvent(test.db, { state: 'completed' });
    expect(await noticeEventsEndedElsewhere(test.db, settings.audit)).toBe(1);
  });
});
