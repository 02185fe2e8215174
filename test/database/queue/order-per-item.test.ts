import { beforeEach, describe, expect, it } from 'vitest';
import { completeEvent, failAttempt } from '../../../src/database/attempts/end-attempt.ts';
import { createTestDatabase } from '../../support/database.ts';
import {
  A,
  B,
  C,
  claim,
  copy,
  deindex,
  deletion,
  dueIds,
  emptyQueue,
  index,
  insertEvent,
  insertEvents,
  letPass,
  type NewEvent,
  openTransaction,
  refusal,
  settings,
  stoppedBefore,
  take,
  untilBlocked,
} from './queue.ts';

const test = await createTestDatabase();
beforeEach(() => emptyQueue(test.db));

/** For three hours in all, an hour for each attempt, of which two have not passed. */
const waitsForRetry = { attempts: 3, unchanged: 70 };
const complete = async (id: number): Promise<void> => {
  await completeEvent(test.db, await take(test.db, id), settings);
};

describe('events of one item', () => {
  it('start in the order of their creation, one at a time; other items continue beside them', async () => {
    const [first, second, elsewhere] = await insertEvents(test.db, [deletion(1, A), deletion(2, A), index(B)]);
    expect(await dueIds(test.db)).toEqual([first, elsewhere]);
    expect(await refusal(test.db, second!)).toBe(`event ${first} touches the same item, and goes first`);
    const holder = await take(test.db, first!);
    expect(await dueIds(test.db)).toEqual([elsewhere]);
    expect(await refusal(test.db, second!)).toMatch(new RegExp(`event ${first} touches the same item`));
    await completeEvent(test.db, holder, settings);
    expect(await dueIds(test.db)).toEqual([second, elsewhere]);
  });

  it('start by id where they were made at the same moment, as those of one transaction are', async () => {
    const ids = [await insertEvent(test.db, deletion(1, A)), await insertEvent(test.db, deletion(2, A))];
    await test.db.query(`update artwork_indexer.event_queue set created = now() - interval '1 minute'`);
    expect(await dueIds(test.db)).toEqual([ids[0]]);
  });

  it('are those of both items where one is a copy', async () => {
    const [toB, fromB, ofB, ofC] = await insertEvents(test.db, [copy(1, A, B), copy(2, B, C), index(B), index(C)]);
    expect(await dueIds(test.db)).toEqual([toB]);
    await complete(toB!);
    expect(await dueIds(test.db)).toEqual([fromB]);
    await complete(fromB!);
    expect(await dueIds(test.db)).toEqual([ofB, ofC]);
  });

  it('are those of the same gid however it is spelled', async () => {
    const [first, second] = await insertEvents(test.db, [deletion(1, A), index(A.toUpperCase())]);
    expect(await dueIds(test.db)).toEqual([first]);
    await take(test.db, first!);
    expect(await refusal(test.db, second!)).toMatch(/same item/);
  });

  it('wait for one that the other daemon runs', async () => {
    const running = await insertEvent(test.db, { ...index(A), state: 'running', attempts: 1, age: 1 });
    const earlier = await insertEvent(test.db, { ...deletion(1, A), age: 5 });
    expect(await refusal(test.db, earlier)).toBe(`event ${running} touches the same item, and goes first`);
  });

  it('wait for one in our hand that the other daemon’s housekeeping has set to failed', async () => {
    const [first, second] = await insertEvents(test.db, [deletion(1, A), index(A)]);
    const holder = await take(test.db, first!);
    await test.db.query(`update artwork_indexer.event_queue set state = 'failed' where id = $1`, [first]);
    expect(await dueIds(test.db)).toEqual([]);
    expect(await refusal(test.db, second!)).toMatch(/same item/);
    await completeEvent(test.db, holder, settings);
    expect(await dueIds(test.db)).toEqual([second]);
  });

  it('continue where the one before them has to wait for its other item, if it is about another file', async () => {
    const running = await insertEvent(test.db, { ...index(B), state: 'running', attempts: 1, age: 9 });
    const [moved, other, sameFile] = await insertEvents(test.db, [copy(1, A, B), deletion(2, A), deletion(1, A)]);
    expect(await refusal(test.db, moved!)).toMatch(new RegExp(`event ${running}`));
    expect(await refusal(test.db, sameFile!)).toMatch(new RegExp(`event ${moved}`));
    expect(await dueIds(test.db)).toEqual([other]);
  });
});

describe('an event that waits for its next attempt or its moment', () => {
  it('holds back what touches the same file, and nothing else of its item', async () => {
    const [, sameFile, otherFile] = await insertEvents(test.db, [
      { ...copy(1, A, B), ...waitsForRetry },
      copy(1, B, A),
      deletion(2, B),
    ]);
    expect(await dueIds(test.db)).toEqual([otherFile]);
    expect(await refusal(test.db, sameFile!)).toMatch(/goes first/);
  });

  it('does so too while it is snoozed', async () => {
    const [waits, other] = await insertEvents(test.db, [deindex(A), index(A)]);
    const elsewhere = await insertEvent(test.db, deletion(1, A));
    await test.db.query(
      `insert into artwork_reconciler.event_not_before (event, until, reason) values ($1, now() + interval '1 hour', 'x')`,
      [waits],
    );
    expect(await dueIds(test.db)).toEqual([elsewhere]);
    expect(await refusal(test.db, other!)).toMatch(/goes first/);
  });

  it('holds back what comes after all that it depends on, and not that itself', async () => {
    // A trigger appends parents to an `index` that is queued already: it comes after them, whatever its id says.
    const later = await insertEvent(test.db, { ...deletion(9, C), age: 3 });
    const blocked = await insertEvent(test.db, { ...deindex(A), age: 5, dependsOn: [later] });
    const ofSameFile = await insertEvent(test.db, { ...index(A), age: 4 });
    const afterAll = await insertEvent(test.db, { ...deindex(A), entityType: 'event', age: 1 });
    await test.db.query(`update artwork_indexer.event_queue set attempts = 1, last_updated = now() where id = $1`, [
      later,
    ]);
    expect(await dueIds(test.db)).toEqual([ofSameFile]);
    await complete(ofSameFile);
    expect(await refusal(test.db, afterAll)).toMatch(new RegExp(`event ${blocked}`));
  });

  it('holds back nothing once it has no attempt left', async () => {
    await insertEvent(test.db, { ...deindex(A), attempts: 5, age: 5 });
    const id = await insertEvent(test.db, index(A));
    expect(await dueIds(test.db)).toEqual([id]);
  });
});

describe('moving an image away and back before the queue is drained', () => {
  it('is carried out in the order in which it was moved, though only ids tie the halves together', async () => {
    const away = await insertEvent(test.db, { ...copy(1, A, B), age: 9 });
    const clean = await insertEvent(test.db, { ...deletion(1, A), age: 9, dependsOn: [away] });
    const back = await insertEvent(test.db, { ...copy(1, B, A), age: 5 });
    const cleanToo = await insertEvent(test.db, { ...deletion(1, B), age: 5, dependsOn: [back] });
    const order = [away, clean, back, cleanToo];
    for (const id of order) {
      expect(await dueIds(test.db)).toEqual([id]);
      // A failed attempt in between changes nothing: each touches the file of the next.
      await failAttempt(test.db, { ...(await take(test.db, id)), reason: 'HTTP 503', permanent: false }, settings);
      expect(await dueIds(test.db)).toEqual([]);
      await letPass(test.db, id, 61);
      await complete(id);
    }
  });
});

describe('a deletion', () => {
  it('waits while an earlier copy from the same file is queued, in whatever state of waiting', async () => {
    const [waiting] = await insertEvents(test.db, [{ ...copy(1, A, B), ...waitsForRetry }]);
    const id = await insertEvent(test.db, deletion(1, A));
    expect(await refusal(test.db, id)).toMatch(new RegExp(`event ${waiting}`));
    await test.db.query('update artwork_indexer.event_queue set attempts = 5 where id = $1', [waiting]);
    expect(await refusal(test.db, id)).toMatch(new RegExp(`event ${waiting}`));
  });

  it('waits also where that copy waits for something that comes later still', async () => {
    const id = await insertEvent(test.db, { ...deletion(1, A), age: 2 });
    const last = await insertEvent(test.db, { ...index(C), attempts: 1 });
    const copied = await insertEvent(test.db, { ...copy(1, A, B), age: 3, dependsOn: [last] });
    expect(await refusal(test.db, id)).toMatch(new RegExp(`event ${copied}`));
  });

  it('that was refused for a copy’s sake does not hold back that copy', async () => {
    const [refused, wanted] = await insertEvents(test.db, [deletion(1, A), copy(1, A, B)]);
    expect(await dueIds(test.db)).toEqual([refused]);
    await failAttempt(
      test.db,
      { ...(await take(test.db, refused!)), reason: `event ${wanted} is queued to copy this image`, permanent: false },
      settings,
    );
    expect(await dueIds(test.db)).toEqual([wanted]);
    await complete(wanted!);
    await letPass(test.db, refused!, 61);
    expect(await dueIds(test.db)).toEqual([refused]);
  });
});

describe('a copy that waits for what comes later', () => {
  /** What is queued, with parents by position, is carried out one after the other. */
  async function orderOfAll(events: readonly NewEvent[], parents: Record<number, number>): Promise<number[]> {
    const ids = await insertEvents(test.db, events);
    for (const [child, parent] of Object.entries(parents)) {
      await test.db.query('update artwork_indexer.event_queue set depends_on = array[$2::bigint] where id = $1', [
        ids[Number(child)],
        ids[parent],
      ]);
    }
    const order: number[] = [];
    for (let due = await dueIds(test.db); due.length > 0; due = await dueIds(test.db)) {
      await complete(due[0]!);
      order.push(ids.indexOf(due[0]!));
    }
    return order;
  }

  it('goes before the deletion of its source, and so does the copy that it waits for', async () => {
    const events = [copy(2, A, B), deletion(2, A), copy(2, C, A)];
    expect(await orderOfAll(events, { 0: 2 })).toEqual([2, 0, 1]);
  });

  it('does not wait, by way of others, for the deletion that waits for it', async () => {
    const events = [index(C), copy(1, A, B), deletion(1, A), deindex(C)];
    expect(await orderOfAll(events, { 0: 2, 1: 3 })).toEqual([3, 1, 2, 0]);
  });

  it('does not hold back a deletion that it waits for, directly or not', async () => {
    const events = [copy(1, A, B), copy(1, B, A), deletion(1, A), deletion(1, B)];
    expect(await orderOfAll(events, { 0: 3, 1: 2 })).toHaveLength(events.length);
  });
});

describe('two workers at once', () => {
  it('never get two events of one item, however often they try', async () => {
    for (let round = 0; round < 10; round++) {
      await emptyQueue(test.db);
      const ids = await insertEvents(test.db, [
        copy(1, A, B),
        copy(2, B, A),
        deletion(3, A),
        deletion(4, B),
        index(A),
        index(B),
      ]);
      const claims = await Promise.all(ids.map((id) => claim(test.db, id)));
      expect(claims.filter(({ kind }) => kind === 'claimed')).toHaveLength(1);
      expect(claims[0]).toMatchObject({ kind: 'claimed' });
    }
  });

  it('don’t overlook a claim that is not committed yet', async () => {
    const [first, second] = await insertEvents(test.db, [copy(1, A, B), copy(2, B, C)]);
    // The first claim gets its items' locks and is then stopped at its last statement; the second must wait for it.
    const stopped = stoppedBefore(test.db, /insert into artwork_reconciler.event_claim/);
    const firstClaim = claim(stopped.db, first!);
    await stopped.reached;
    const secondClaim = claim(test.db, second!);
    await untilBlocked(test.db);
    stopped.goOn();
    expect(await firstClaim).toMatchObject({ kind: 'claimed' });
    expect(await secondClaim).toMatchObject({ kind: 'not_claimed' });
  });

  it('see an earlier event that was committed while they waited', async () => {
    const trigger = await openTransaction(test.db);
    const earlier = await insertEvent(trigger.tx, { ...deletion(1, A), age: 5 });
    const later = await insertEvent(test.db, { ...index(A), age: 1 });
    const lock = await openTransaction(test.db);
    await lock.tx.query(`select pg_advisory_xact_lock(hashtextextended('artwork_reconciler.item.' || $1, 0))`, [A]);
    const claiming = claim(test.db, later);
    await untilBlocked(test.db);
    await trigger.commit();
    await lock.commit();
    expect(await claiming).toMatchObject({ reason: `event ${earlier} touches the same item, and goes first` });
  });

  it('let an earlier event that is committed late wait for the later one that runs', async () => {
    const trigger = await openTransaction(test.db);
    const earlier = await insertEvent(trigger.tx, { ...deletion(1, A), age: 5 });
    const later = await insertEvent(test.db, { ...index(A), age: 1 });
    const holder = await take(test.db, later);
    await trigger.commit();
    expect(await refusal(test.db, earlier)).toBe(`event ${later} touches the same item, and goes first`);
    await completeEvent(test.db, holder, settings);
    expect(await dueIds(test.db)).toEqual([earlier]);
  });

  it('leave an event alone whose parents are just being changed', async () => {
    const [parent, child] = await insertEvents(test.db, [index(B), index(A)]);
    const trigger = await openTransaction(test.db);
    await trigger.tx.query('update artwork_indexer.event_queue set depends_on = array[$2::bigint] where id = $1', [
      child,
      parent,
    ]);
    expect(await refusal(test.db, child!)).toMatch(/locked/);
    await trigger.commit();
    expect(await refusal(test.db, child!)).toMatch(new RegExp(`depends on ${parent}`));
  });
});
