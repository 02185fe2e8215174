import { beforeEach, describe, expect, it } from 'vitest';
import { completeEvent, failAttempt, noteTakenWrite } from '../../../src/database/attempts/end-attempt.ts';
import { noticeEventsEndedElsewhere } from '../../../src/database/entities/notice-ended-events.ts';
import { transactionWithRetry } from '../../../src/database/locks.ts';
import { createTestDatabase } from '../../support/database.ts';
import {
  A,
  B,
  C,
  claim,
  copy,
  deindex,
  dueIds,
  emptyQueue,
  endingsOn,
  index,
  insertEvent,
  insertEvents,
  letPass,
  openTransaction,
  reasonsOf,
  refusal,
  rowOf,
  settings,
  statesOf,
  take,
  untilBlocked,
} from './queue.ts';

const test = await createTestDatabase();
beforeEach(async () => {
  await emptyQueue(test.db);
  await test.db.query('truncate artwork_reconciler.audit_entity cascade');
});

const { fail, complete } = endingsOn(test.db);
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
      expect(await refusal(test.db, id)).toMatch(/^its next attempt is not due until /);
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
    const answer = { status: 503, bodyExcerpt: `Slow\0Down${' '.repeat(3000)}`, requestId: '4ae3' };
    await failAttempt(test.db, { ...(await take(test.db, id)), reason: 'nul: \0', permanent: false, answer }, settings);
    const { rows } = await test.db.query(
      'select outcome, reason, status, body_excerpt, request_id, attempt from artwork_reconciler.event_attempt',
    );
    expect(rows).toEqual([
      {
        outcome: 'queued',
        reason: 'nul: \uFFFD',
        status: 503,
        body_excerpt: `Slow\uFFFDDown`.padEnd(2000),
        request_id: '4ae3',
        attempt: 1,
      },
    ]);
  });

  it('names the writes that the archive took, where its answer names none', async () => {
    const [sent, refused] = await insertEvents(test.db, [index(A), index(B)]);
    for (const id of [sent!, refused!]) {
      const holder = await take(test.db, id);
      const write = { project: 'caa', sentAgo: 0, runId: holder.runId } as const;
      await noteTakenWrite(test.db, { ...write, requestId: 'first' });
      await noteTakenWrite(test.db, { ...write, requestId: 'second' });
      const answer = { status: 403, requestId: 'third' };
      if (id === sent) await completeEvent(test.db, holder, settings);
      else await failAttempt(test.db, { ...holder, reason: 'HTTP 403', permanent: false, answer }, settings);
    }
    const { rows } = await test.db.query(
      'select outcome, request_id from artwork_reconciler.event_attempt where event = any ($1) order by event',
      [[sent, refused]],
    );
    expect(rows).toEqual([
      { outcome: 'completed', request_id: 'first, second' },
      { outcome: 'queued', request_id: 'third' },
    ]);
  });

  it('ends the event where an identical one was queued meanwhile, which does its work', async () => {
    const id = await insertEvent(test.db, index(A));
    const child = await insertEvent(test.db, { ...index(B), dependsOn: [id] });
    const holder = await take(test.db, id);
    const twin = await insertEvent(test.db, index(A));
    expect(await fail(holder, 'HTTP 500')).toBe('superseded');
    expect(await statesOf(test.db, [id, twin, child])).toEqual(['failed', 'queued', 'failed']);
    expect(await reasonsOf(test.db, id)).toEqual(['HTTP 500', `superseded by event ${twin}`]);
  });

  it('goes back where what was queued meanwhile is not identical, or not queued any more', async () => {
    const id = await insertEvent(test.db, index(A));
    const holder = await take(test.db, id);
    await insertEvent(test.db, { ...index(A), entityType: 'event' });
    await insertEvent(test.db, deindex(A));
    await insertEvent(test.db, index(B));
    await insertEvent(test.db, { ...index(A), state: 'completed' });
    expect(await fail(holder)).toBe('queued');
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

describe('the end of an attempt that another transaction was in the way of', () => {
  /** How often a transaction is run that the server ends with this error, as often as it is run. */
  const runs = async (code: string, patience?: number): Promise<number> => {
    let count = 0;
    const work = transactionWithRetry(
      test.db,
      async (tx) => {
        count += 1;
        await tx.query(`do $$ begin raise exception 'in the way' using errcode = '${code}'; end $$`);
      },
      patience,
    );
    await expect(work).rejects.toMatchObject({ code });
    return count;
  };

  it.each([
    ['another was queued meanwhile that is identical', 'unique_violation', '23505'],
    ['two that end their events side by side wait for each other', 'deadlock_detected', '40P01'],
    ['an editor has a row that is needed', 'lock_not_available', '55P03'],
  ])('is made again where %s (%s), until its patience is over', async (_what, _name, code) => {
    expect(await runs(code, 200)).toBeGreaterThan(1);
    expect(await runs(code, 0)).toBe(1);
  });

  it('is told of whatever else is wrong at once', async () => {
    // not_null_violation
    expect(await runs('23502')).toBe(1);
  });

  it('is made once where nothing is in the way any more', async () => {
    let count = 0;
    const done = await transactionWithRetry(test.db, async (tx) => {
      count += 1;
      if (count === 1) await tx.query(`do $$ begin raise exception 'x' using errcode = 'deadlock_detected'; end $$`);
      return 'done';
    });
    expect([done, count]).toEqual(['done', 2]);
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
