import { beforeEach, describe, expect, it } from 'vitest';
import { completeEvent, failAttempt } from '../../../src/database/attempts/end-attempt.ts';
import { snoozeEvent } from '../../../src/database/attempts/release-event.ts';
import { readEventsNaming } from '../../../src/database/queue/events-naming.ts';
import { countList, readList } from '../../../src/database/lists/list.ts';
import type { EventFilter } from '../../../src/database/queue/event-fields.ts';
import { eventList } from '../../../src/database/queue/list-events.ts';
import { showEvent } from '../../../src/database/queue/show-event.ts';
import { createTestDatabase } from '../../support/database.ts';
import {
  A,
  B,
  C,
  copy,
  deindex,
  deletion,
  emptyQueue,
  index,
  insertEvent,
  insertEvents,
  openTransaction,
  settings,
  take,
} from './queue.ts';

const test = await createTestDatabase();
beforeEach(() => emptyQueue(test.db));

describe('the open events of an entity', () => {
  it('are those queued or running that name it, a copy’s both gids, and what is in progress but housekept to failed', async () => {
    const [ofA, toA, fromA] = await insertEvents(test.db, [index(A), copy(1, B, A), copy(2, A, C)]);
    await insertEvents(test.db, [
      { ...index(A), entityType: 'event', age: 0 },
      { ...deletion(1, A), state: 'failed' },
      { ...deletion(2, A), state: 'completed' },
      { action: 'noop', message: { gid: A } },
    ]);
    const holder = await take(test.db, ofA!);
    await test.db.query(`update artwork_indexer.event_queue set state = 'failed' where id = $1`, [ofA]);
    expect((await readEventsNaming(test.db, 'release', A)).open).toEqual([
      { id: ofA, state: 'running', action: 'index' },
      { id: toA, state: 'queued', action: 'copy_image' },
      { id: fromA, state: 'queued', action: 'copy_image' },
    ]);
    await completeEvent(test.db, holder, settings);
    expect((await readEventsNaming(test.db, 'release', A)).open).toHaveLength(2);
    expect((await readEventsNaming(test.db, 'release', B)).open).toEqual([
      { id: toA, state: 'queued', action: 'copy_image' },
    ]);
  });
});

describe('the newest event of an entity', () => {
  it('tells of one that is queued again by a transaction that began before a later event came', async () => {
    const failed = await insertEvent(test.db, { ...index(A), state: 'failed', age: 60 });
    const began = await openTransaction(test.db);
    await began.tx.query('select now()');
    await insertEvent(test.db, { ...deindex(A), state: 'completed' });
    const before = (await readEventsNaming(test.db, 'release', A)).newest;
    await began.tx.query(
      `update artwork_indexer.event_queue set state = 'queued', attempts = 0, last_updated = now() where id = $1`,
      [failed],
    );
    await began.commit();
    expect((await readEventsNaming(test.db, 'release', A)).newest).not.toBe(before);
  });

  const newest = async (gid: string): Promise<number> =>
    Number((await readEventsNaming(test.db, 'release', gid)).newest?.split(' ')[0]);

  it('is the one that changed last, ended ones too', async () => {
    expect((await readEventsNaming(test.db, 'release', A)).newest).toBeNull();
    const [old, copied] = await insertEvents(test.db, [index(A), { ...copy(1, B, A), state: 'failed' }]);
    expect(await newest(A)).toBe(copied);
    expect(await newest(B)).toBe(copied);
    expect((await readEventsNaming(test.db, 'event', A)).newest).toBeNull();
    await completeEvent(test.db, await take(test.db, old!), settings);
    expect(await newest(A)).toBe(old);
  });

  it('is another one where the same was queued again', async () => {
    const [id] = await insertEvents(test.db, [{ ...index(A), state: 'failed', unchanged: 1 }]);
    const before = (await readEventsNaming(test.db, 'release', A)).newest;
    expect((await readEventsNaming(test.db, 'release', A)).newest).toBe(before);
    await test.db.query(`update artwork_indexer.event_queue set state = 'queued', last_updated = now() where id = $1`, [
      id,
    ]);
    const queued = (await readEventsNaming(test.db, 'release', A)).newest;
    expect(queued).not.toBe(before);
    await test.db.query(`update artwork_indexer.event_queue set state = 'failed', last_updated = now() where id = $1`, [
      id,
    ]);
    expect([before, queued]).not.toContain((await readEventsNaming(test.db, 'release', A)).newest);
  });

  it('is another one also where an event with a smaller id is committed late', async () => {
    const trigger = await openTransaction(test.db);
    const late = await insertEvent(trigger.tx, { ...deindex(A), state: 'completed', unchanged: 1 });
    const early = await insertEvent(test.db, { ...index(A), state: 'completed', unchanged: 2 });
    expect(late).toBeLessThan(early);
    expect(await newest(A)).toBe(early);
    await trigger.commit();
    expect(await newest(A)).toBe(late);
  });
});

describe('lists of events', () => {
  it('can be filtered by everything an operator knows', async () => {
    const ids = await insertEvents(test.db, [
      { ...index(A), age: 50 },
      { ...copy(1, A, B), state: 'failed', age: 40 },
      { ...deletion(1, A), entityType: 'event', state: 'completed', age: 30 },
      { ...deindex(C), state: 'failed', age: 20 },
      { action: 'noop', message: {}, age: 10 },
    ]);
    await test.db.query(
      `insert into artwork_indexer.event_failure_reason (event, failure_reason) values ($1, 'HTTP 503: <Code>SlowDown</Code>')`,
      [ids[1]],
    );
    const cases: [EventFilter, number[]][] = [
      [{}, [4, 3, 2, 1, 0]],
      [{ states: ['failed'] }, [3, 1]],
      [{ states: ['failed', 'completed'] }, [3, 2, 1]],
      [{ states: [] }, []],
      [{ entityType: 'event' }, [2]],
      [{ action: 'copy_image' }, [1]],
      [{ gid: A.toUpperCase() }, [2, 1, 0]],
      [{ gid: B }, [1]],
      [{ reason: 'slowdown' }, [1]],
      [{ reason: '%' }, []],
      [{ olderThan: 25 * 60 }, [2, 1, 0]],
      [{ newerThan: 25 * 60, states: ['queued'] }, [4]],
      [{ ids: [ids[0]!, ids[3]!], action: 'index' }, [0]],
    ];
    for (const [filter, expected] of cases) {
      const { rows: events, next } = await readList(test.db, eventList, filter, { limit: 10, look: 100 });
      expect({ filter, ids: events.map(({ id }) => ids.indexOf(id)) }).toEqual({ filter, ids: expected });
      expect(next).toBeNull();
      expect(await countList(test.db, eventList, filter, 100)).toEqual({ count: expected.length, exact: true });
    }
    expect(await countList(test.db, eventList, {}, 3)).toEqual({ count: 3, exact: false });
  });

  it('come page by page without a gap, also while new ones come in', async () => {
    const ids = await insertEvents(test.db, [{}, {}, {}, {}, {}]);
    const page = { limit: 2, look: 100 };
    const first = await readList(test.db, eventList, {}, page);
    await insertEvent(test.db);
    const second = await readList(test.db, eventList, {}, { ...page, after: first.next });
    const third = await readList(test.db, eventList, {}, { ...page, after: second.next });
    const listed = [...first.rows, ...second.rows, ...third.rows].map(({ id }) => id);
    expect(listed).toEqual([...ids].reverse());
    expect(third.next).toBeNull();
  });
});

describe('one event', () => {
  it('is shown with all that is known of it', async () => {
    const [parent, id] = await insertEvents(test.db, [{ ...copy(1, A, B), state: 'completed' }, deletion(1, A)]);
    const child = await insertEvent(test.db, { ...index(A), dependsOn: [id!] });
    await test.db.query('update artwork_indexer.event_queue set depends_on = array[$1::bigint] where id = $2', [
      parent,
      id,
    ]);
    const holder = await take(test.db, id!);
    expect(await showEvent(test.db, id!, settings)).toMatchObject({ state: 'running', claim: { runId: holder.runId } });
    await failAttempt(
      test.db,
      { ...holder, reason: 'HTTP 500', permanent: false, answer: { status: 500, requestId: 'r1' } },
      settings,
    );
    expect(await showEvent(test.db, id!, settings)).toMatchObject({
      state: 'queued',
      attempts: 1,
      dependsOn: [parent],
      origin: 'trigger',
      lastReason: 'HTTP 500',
      dismissed: false,
      claim: null,
      notBefore: null,
      waitsBecause: expect.stringMatching(/^its next attempt is not due until /) as string,
      reasons: [{ reason: 'HTTP 500' }],
      attemptsMade: [{ attempt: 1, outcome: 'queued', status: 500, requestId: 'r1', bodyExcerpt: null }],
      parents: [{ id: parent, state: 'completed', action: 'copy_image' }],
      dependents: [{ id: child, state: 'queued', action: 'index' }],
    });
    expect(await showEvent(test.db, 999_999_999, settings)).toBeNull();
  });

  it('says until when it waits, and for what', async () => {
    const id = await insertEvent(test.db);
    await snoozeEvent(test.db, { ...(await take(test.db, id)), waitSeconds: 60, reason: 'cool-down' }, settings);
    expect(await showEvent(test.db, id, settings)).toMatchObject({ notBefore: { reason: 'cool-down' } });
  });
});
