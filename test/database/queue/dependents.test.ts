import { beforeEach, describe, expect, it } from 'vitest';
import { dependentsReason, failBlocked } from '../../../src/database/attempts/fail-for-good.ts';
import { createTestDatabase } from '../../support/database.ts';
import {
  A,
  B,
  copy,
  deletion,
  dueIds,
  emptyQueue,
  endingsOn,
  index,
  insertEvent,
  insertEvents,
  letPass,
  reasonsOf,
  rowOf,
  settings,
  statesOf,
  take,
} from './queue.ts';

const test = await createTestDatabase();
beforeEach(() => emptyQueue(test.db));

const { fail, complete } = endingsOn(test.db);

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

  it('fails with all that depends on it and is not done, each told once, and nothing else is touched', async () => {
    const root = await insertEvent(test.db);
    const told = dependentsReason(root);
    const [done, running] = await insertEvents(test.db, [
      { state: 'completed', dependsOn: [root] },
      { state: 'running', dependsOn: [root] },
    ]);
    const [knows, failed, again] = await insertEvents(test.db, [
      { state: 'failed', dependsOn: [root] },
      { state: 'failed', dependsOn: [root] },
      { dependsOn: [root] },
    ]);
    const [behind, beside] = [await insertEvent(test.db, { dependsOn: [failed!] }), await insertEvent(test.db)];
    for (const id of [knows, again]) {
      await test.db.query('insert into artwork_indexer.event_failure_reason (event, failure_reason) values ($1, $2)', [
        id,
        told,
      ]);
    }
    for (const id of [again, beside]) {
      await test.db.query(
        `insert into artwork_reconciler.event_not_before (event, until, reason) values ($1, now() + interval '1 h', 'x')`,
        [id],
      );
    }
    await fail(await take(test.db, root), 'gone', true);
    expect(await statesOf(test.db, [done!, running!, knows!, failed!, again!, behind, beside])).toEqual([
      ...['completed', 'running', 'failed', 'failed', 'failed', 'failed', 'queued'],
    ]);
    expect(await reasonsOf(test.db, done!)).toEqual([]);
    expect(await reasonsOf(test.db, running!)).toEqual([]);
    for (const id of [knows!, failed!, behind]) expect(await reasonsOf(test.db, id)).toEqual([told]);
    // It was queued again since it was told.
    expect(await reasonsOf(test.db, again!)).toEqual([told, told]);
    const { rows } = await test.db.query('select event from artwork_reconciler.event_not_before');
    expect(rows).toEqual([{ event: beside }]);
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
    // What another event in progress, one that failed before, and one in a circle have to do with it: nothing.
    await take(test.db, await insertEvent(test.db));
    const before = await insertEvent(test.db, { state: 'failed', dependsOn: [failedJustNow!] });
    await test.db.query(`update artwork_indexer.event_queue set depends_on = array[$2::bigint] where id = $1`, [
      failedLongAgo,
      blocked,
    ]);
    await letPass(test.db, failedLongAgo!, 16);
    expect(await failBlocked(test.db, settings)).toEqual([blocked, grandchild]);
    expect(await statesOf(test.db, [blocked!, grandchild, mayBeFreed!])).toEqual(['failed', 'failed', 'queued']);
    expect(await reasonsOf(test.db, grandchild)).toEqual([`event ${failedLongAgo}, which this one depends on, failed`]);
    expect(await failBlocked(test.db, settings)).toEqual([]);
    expect(await reasonsOf(test.db, grandchild)).toHaveLength(1);
    expect([await reasonsOf(test.db, failedLongAgo!), await reasonsOf(test.db, before)]).toEqual([[], []]);
  });

  it('does not wait for a parent that we failed, by its own attempt or with its own parent', async () => {
    const root = await insertEvent(test.db);
    const between = await insertEvent(test.db, { dependsOn: [root] });
    await fail(await take(test.db, root), 'gone', true);
    // What a trigger ties to an event just when that fails is not seen by who fails it.
    const late = await insertEvents(test.db, [{ dependsOn: [root] }, { dependsOn: [between] }]);
    expect(await failBlocked(test.db, settings)).toEqual(late);
    expect(await reasonsOf(test.db, late[1]!)).toContain(dependentsReason(between));
  });

  it('does not wait for a parent that an identical event has superseded', async () => {
    const parent = await insertEvent(test.db, index(A));
    const holder = await take(test.db, parent);
    await insertEvent(test.db, index(A));
    await fail(holder);
    const late = await insertEvent(test.db, { dependsOn: [parent] });
    expect(await failBlocked(test.db, settings)).toEqual([late]);
  });

  it.each([
    ['by itself', false],
    ['with its own parent', true],
  ])('waits for one that the other daemon took and failed since we did: %s', async (_what, withParent) => {
    const root = await insertEvent(test.db);
    const parent = withParent ? await insertEvent(test.db, { dependsOn: [root] }) : root;
    await fail(await take(test.db, root), 'gone', true);
    await test.db.query(`update artwork_indexer.event_queue set state = 'queued', attempts = 0 where id = $1`, [
      parent,
    ]);
    await test.db.query(`update artwork_indexer.event_queue set state = 'failed', attempts = 1 where id = $1`, [
      parent,
    ]);
    await insertEvent(test.db, { dependsOn: [parent] });
    expect(await failBlocked(test.db, settings)).toEqual([]);
  });

  it('waits while its parent is in our hand, whatever the other daemon’s housekeeping says', async () => {
    const parent = await insertEvent(test.db, { attempts: 1, age: 600 });
    const child = await insertEvent(test.db, { dependsOn: [parent] });
    const holder = await take(test.db, parent);
    // As the Python daemon's housekeeping does it to any row that waited long before it was started.
    await test.db.query(`update artwork_indexer.event_queue set state = 'failed' where id = $1`, [parent]);
    await letPass(test.db, parent, 60);
    expect(await failBlocked(test.db, settings)).toEqual([]);
    await complete(holder);
    expect(await dueIds(test.db)).toEqual([child]);
  });
});
