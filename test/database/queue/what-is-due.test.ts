import { beforeEach, describe, expect, it } from 'vitest';
import { pauseWork } from '../../../src/database/brakes/stored-brakes.ts';
import { completeEvent } from '../../../src/database/attempts/end-attempt.ts';
import { findDueEvents, isEventDue } from '../../../src/database/queue/due-events.ts';
import { createTestDatabase } from '../../support/database.ts';
import {
  A,
  B,
  claim,
  deindex,
  deletion,
  dueIds,
  emptyQueue,
  index,
  insertEvent,
  insertEventAs,
  insertEvents,
  openTransaction,
  refusal,
  settings,
  take,
} from './queue.ts';

const test = await createTestDatabase();
beforeEach(() => emptyQueue(test.db));

describe('an event is due', () => {
  it('when it is queued, the oldest first, and by id where the time is the same', async () => {
    const young = await insertEvent(test.db, { age: 1 });
    const [old, alsoOld] = [await insertEvent(test.db, { age: 5 }), await insertEvent(test.db, { age: 5 })];
    await test.db.query(
      'update artwork_indexer.event_queue set created = (select created from artwork_indexer.event_queue where id = $1) where id = $2',
      [old, alsoOld],
    );
    expect(await dueIds(test.db)).toEqual([old, alsoOld, young]);
    expect(await dueIds(test.db, 2)).toEqual([old, alsoOld]);
  });

  it('before another one of its item that was created a microsecond later, whatever their ids', async () => {
    const [later, earlier] = await insertEvents(test.db, [index(A), deindex(A)]);
    await test.db.query(
      `update artwork_indexer.event_queue set created = date_trunc('minute', now()) + (id = $1)::int * interval '1 microsecond'`,
      [later],
    );
    expect(await dueIds(test.db)).toEqual([earlier]);
  });

  it('not while an editor’s transaction has it locked, however many come before others', async () => {
    const locked = await insertEvents(
      test.db,
      Array.from({ length: 16 }, (_, at) => ({ age: 60 - at })),
    );
    const editor = await openTransaction(test.db);
    await editor.tx.query('select from artwork_indexer.event_queue for key share');
    expect(await isEventDue(test.db, settings)).toBe(false);
    const others = await insertEvents(
      test.db,
      Array.from({ length: 5 }, () => ({})),
    );
    expect(await dueIds(test.db, 5)).toEqual(others);
    expect(await isEventDue(test.db, settings)).toBe(true);
    // Those are not written by who asks: it is a claim's first word that they have it.
    expect(await refusal(test.db, others[0]!)).toBe('');
    await editor.commit();
    expect(await dueIds(test.db, 16)).toEqual(locked);
  });

  it('not while editors’ transactions share its lock, until the last of them is over', async () => {
    const shared = await insertEvent(test.db, { ...index(A), age: 5 });
    const lock = 'select from artwork_indexer.event_queue where id = $1 for key share';
    const editors = [await openTransaction(test.db), await openTransaction(test.db)] as const;
    for (const { tx } of editors) await tx.query(lock, [shared]);
    expect(await isEventDue(test.db, settings)).toBe(false);
    const free = await insertEvent(test.db, index(B));
    expect(await dueIds(test.db)).toEqual([free]);
    await editors[0].commit();
    expect(await dueIds(test.db)).toEqual([free]);
    await editors[1].commit();
    expect(await dueIds(test.db)).toEqual([shared, free]);
    expect(await claim(test.db, shared)).toMatchObject({ kind: 'claimed' });
  });

  it('not while an editor’s transaction holds its lock that took it under a savepoint, released since', async () => {
    const held = await insertEvent(test.db, { ...index(A), age: 5 });
    const editor = await openTransaction(test.db);
    await editor.tx.query('savepoint edit');
    await editor.tx.query('select from artwork_indexer.event_queue where id = $1 for key share', [held]);
    await editor.tx.query('release savepoint edit');
    expect(await dueIds(test.db)).toEqual([]);
    await editor.commit();
    expect(await dueIds(test.db)).toEqual([held]);
  });

  it('not while an earlier one of its item is locked: that one goes first', async () => {
    const [locked] = await insertEvents(test.db, [index(A), deletion(1, A)]);
    const editor = await openTransaction(test.db);
    await editor.tx.query('select from artwork_indexer.event_queue where id = $1 for key share', [locked]);
    expect(await dueIds(test.db)).toEqual([]);
    await editor.commit();
    expect(await dueIds(test.db)).toEqual([locked]);
  });

  it('not where its claim was just refused, and then those behind it are', async () => {
    const ids = await insertEvents(test.db, [{}, {}, {}]);
    const due = await findDueEvents(test.db, 1, settings, new Set(ids.slice(0, 2)));
    expect(due.map(({ id }) => id)).toEqual(ids.slice(2));
  });

  it.each(['running', 'completed', 'failed'])('not when it is %s', async (state) => {
    const id = await insertEvent(test.db, { state });
    expect(await dueIds(test.db)).toEqual([]);
    expect(await isEventDue(test.db, settings)).toBe(false);
    expect(await claim(test.db, id)).toMatchObject({ kind: 'not_claimed', reason: `it is ${state}` });
  });

  it.each([1, 2, 3, 4])('%d hours after its failed attempt of that number, not before', async (attempts) => {
    const waits = await insertEvent(test.db, { attempts, age: 1000, unchanged: attempts * 60 - 1 });
    const waited = await insertEvent(test.db, { attempts, age: 1000, unchanged: attempts * 60 + 1 });
    expect(await dueIds(test.db)).toEqual([waited]);
    expect(await refusal(test.db, waits)).toMatch(/next attempt/);
    expect(await claim(test.db, waited)).toMatchObject({ kind: 'claimed', attempt: attempts + 1 });
  });

  it.each([0, 1, 4])(
    'not before its last change, by which operators postpone it, after %d attempts',
    async (attempts) => {
      const postponed = await insertEvent(test.db, { attempts, age: 1000, unchanged: -30 });
      expect(await dueIds(test.db)).toEqual([]);
      expect(await isEventDue(test.db, settings)).toBe(false);
      expect(await refusal(test.db, postponed)).toMatch(/attempt is not due until/);
      // What it would hold back may go: it waits as any event between two attempts.
      await test.db.query(
        `update artwork_indexer.event_queue set last_updated = now() - interval '1 day' where id = $1`,
        [postponed],
      );
      expect(await dueIds(test.db)).toEqual([postponed]);
    },
  );

  it('never again after five attempts, whatever its state says', async () => {
    const id = await insertEvent(test.db, { attempts: 5, age: 100_000 });
    expect(await dueIds(test.db)).toEqual([]);
    expect(await refusal(test.db, id)).toMatch(/requeue/);
  });

  it('when all its parents are completed; one that was cleaned up was completed once', async () => {
    const [done, open] = await insertEvents(test.db, [{ state: 'completed' }, {}]);
    const waits = await insertEvent(test.db, { dependsOn: [done!, open!] });
    const free = await insertEvent(test.db, { dependsOn: [done!, 999_999_999] });
    expect(await dueIds(test.db)).toEqual([open, free]);
    expect(await claim(test.db, waits)).toMatchObject({ reason: `it depends on ${open}, not completed yet` });
    await test.db.query(`update artwork_indexer.event_queue set state = 'completed' where id = $1`, [open]);
    expect(await dueIds(test.db)).toEqual([waits, free]);
  });

  it('also where its own id or a parent is beyond 2^53, told apart exactly, and keeps no other from being due', async () => {
    // Each is a neighbour of what JavaScript's numbers would make of it.
    const parent = await insertEventAs(test.db, '9007199254740993', { age: 9 });
    const waits = await insertEventAs(test.db, '9007199254740995', { age: 8, dependsOn: [parent] });
    const orphan = await insertEventAs(test.db, '9223372036854775807', { age: 7, dependsOn: [waits - 1] });
    const young = await insertEvent(test.db);
    expect(await dueIds(test.db)).toEqual([parent, orphan, young]);
    expect(await refusal(test.db, waits)).toBe(`it depends on ${parent}, not completed yet`);
    const holder = await take(test.db, parent);
    expect(await completeEvent(test.db, holder, settings)).toBe('completed');
    expect(await dueIds(test.db)).toEqual([waits, orphan, young]);
  });

  it('also where a parent is null, and keeps no other from being due', async () => {
    const open = await insertEvent(test.db, { age: 9 });
    const orphan = await insertEvent(test.db, { age: 8, dependsOn: [null] });
    const waits = await insertEvent(test.db, { age: 7, dependsOn: [null, open] });
    const young = await insertEvent(test.db);
    expect(await dueIds(test.db)).toEqual([open, orphan, young]);
    expect(await refusal(test.db, waits)).toBe(`it depends on ${open}, not completed yet`);
    expect(await claim(test.db, orphan)).toMatchObject({ kind: 'claimed', dependsOn: [] });
  });

  it.each(['queued', 'running', 'failed'])('not while a parent is %s', async (state) => {
    const parent = await insertEvent(test.db, { state, attempts: 4 });
    const waits = await insertEvent(test.db, { dependsOn: [parent] });
    expect(await dueIds(test.db)).toEqual([]);
    expect(await refusal(test.db, waits)).toBe(`it depends on ${parent}, not completed yet`);
  });

  it('once its not-before has passed', async () => {
    const [waits, waited] = await insertEvents(test.db, [{}, {}]);
    await test.db.query(
      `insert into artwork_reconciler.event_not_before (event, until, reason)
       values ($1, now() + interval '1 hour', 'cool-down'), ($2, now() - interval '1 second', 'cool-down')`,
      [waits, waited],
    );
    expect(await dueIds(test.db)).toEqual([waited]);
    expect(await refusal(test.db, waits!)).toMatch(/waits until .*: cool-down/);
  });

  it('where its not-before was stored before the clock was set back, and so were cool-down and stop', async () => {
    const ids = await insertEvents(test.db, [{}, { entityType: 'event' }]);
    await test.db.query(
      `insert into artwork_reconciler.event_not_before (event, until, reason, since)
       values ($1, now() + interval '3 hours', 'cool-down', now() + interval '2 hours')`,
      [ids[0]],
    );
    await test.db.query(
      `insert into artwork_reconciler.budget (service, cool_down_until, cool_down_since, cool_down_streak)
       values ('archive', now() + interval '125 minutes', now() + interval '2 hours', 1),
         ('musicbrainz', now() + interval '125 minutes', null, 1)`,
    );
    await test.db.query(
      `insert into artwork_reconciler.brake (name, reason, since)
       values ('keys_refused_caa', 'x', now() + interval '2 hours'), ('writes_fail_eaa', 'x', now() - interval '1 hour')`,
    );
    await test.db.query(
      `insert into artwork_reconciler.event_probe (brake, at) values ('writes_fail_eaa', now() + interval '2 hours')`,
    );
    expect(await dueIds(test.db)).toEqual(ids);
    for (const id of ids) expect(await refusal(test.db, id)).toBe('');
  });

  it('in the order of creation, whether it is new or tried again', async () => {
    const ids = await insertEvents(test.db, [{}, { attempts: 2, unchanged: 200 }, {}, { attempts: 1, unchanged: 100 }]);
    expect(await dueIds(test.db)).toEqual(ids);
    expect(await dueIds(test.db, 2)).toEqual(ids.slice(0, 2));
  });

  it('in that order too where more are queued than are read at once, and the oldest have the highest ids', async () => {
    const ids = await insertEvents(
      test.db,
      Array.from({ length: 150 }, (_, at) => ({ age: at + 1 })),
    );
    expect(await dueIds(test.db, 5)).toEqual(ids.slice(-5).reverse());
  });

  it('also where more retries than are read at once failed at the same moment, and none of those can be claimed', async () => {
    const ids = await insertEvents(
      test.db,
      Array.from({ length: 120 }, () => ({ attempts: 1 })),
    );
    await test.db.query(`update artwork_indexer.event_queue set last_updated = now() - interval '1 day'`);
    const due = await findDueEvents(test.db, 1, settings, new Set(ids.slice(0, 110)));
    expect(due.map(({ id }) => id)).toEqual([ids[110]]);
  });
});

describe('nothing is due', () => {
  it('during a pause or a cool-down', async () => {
    const id = await insertEvent(test.db);
    await test.db.query(
      `insert into artwork_reconciler.brake (name, reason) values ('events_paused', 'to switch back')`,
    );
    expect(await isEventDue(test.db, settings)).toBe(false);
    expect(await refusal(test.db, id)).toMatch(/paused: to switch back/);
    await test.db.query('delete from artwork_reconciler.brake');
    await test.db.query(
      `insert into artwork_reconciler.budget (service, cool_down_until, cool_down_reason)
       values ('archive', now() + interval '1 minute', 'SlowDown')`,
    );
    expect(await isEventDue(test.db, settings)).toBe(false);
    expect(await refusal(test.db, id)).toMatch(/SlowDown/);
    await test.db.query(`update artwork_reconciler.budget set cool_down_until = now() - interval '1 second'`);
    expect(await isEventDue(test.db, settings)).toBe(true);
  });

  it('that an audit ordered, while repairs of its entity type are paused; the reason is that of its own pause', async () => {
    const [ordered, again] = await insertEvents(test.db, [{}, {}]);
    await test.db.query(
      `insert into artwork_reconciler.event_origin (event, origin) values ($1, 'audit'), ($2, 'requeued')`,
      [ordered, again],
    );
    await pauseWork(test.db, { what: 'repairs', entityType: 'event' }, { actor: 'ada', note: 'of events' });
    expect(await dueIds(test.db)).toEqual([ordered, again]);
    await pauseWork(test.db, { what: 'repairs', entityType: 'release' }, { actor: 'eve', note: 'of releases' });
    expect(await dueIds(test.db)).toEqual([again]);
    expect(await refusal(test.db, ordered!)).toBe('repairs are paused: paused by eve: of releases');
    expect(await refusal(test.db, again!)).toBe('');
  });
});
