import { beforeEach, describe, expect, it } from 'vitest';
import {
  isItsOwnTrouble,
  releaseForeignRunning,
  releaseLostClaim,
} from '../../../src/database/attempts/release-event.ts';
import { deleteOldCompleted } from '../../../src/database/audits/trim-history.ts';
import { claimsInProgress } from '../../../src/database/queue/due-events.ts';
import { createTestDatabase } from '../../support/database.ts';
import {
  A,
  claim,
  dueIds,
  emptyQueue,
  endingsOn,
  type Holder,
  index,
  insertEvent,
  insertEvents,
  reasonsOf,
  refusal,
  rowOf,
  settings,
  statesOf,
  stoppedBefore,
  take,
} from './queue.ts';

const test = await createTestDatabase();
beforeEach(() => emptyQueue(test.db));

const { complete, fail, snooze } = endingsOn(test.db);

describe('an event that waits for no fault of its own', () => {
  it('goes back as it was before the claim, and not before the wait is over', async () => {
    const id = await insertEvent(test.db, { attempts: 2, age: 600, unchanged: 200 });
    const before = await rowOf(test.db, id);
    await take(test.db, await insertEvent(test.db, { attempts: 4, unchanged: 999 }));
    expect(await snooze(await take(test.db, id))).toBe('queued');
    expect(await rowOf(test.db, id)).toEqual(before);
    expect(await reasonsOf(test.db, id)).toEqual([]);
    expect(await refusal(test.db, id)).toMatch(/waits until .*: cool-down/);
    await test.db.query(`update artwork_reconciler.event_not_before set until = now() - interval '1 second'`);
    expect(await claim(test.db, id)).toMatchObject({ kind: 'claimed', attempt: 3 });
    expect((await test.db.query('select from artwork_reconciler.event_not_before')).rowCount).toBe(0);
  });

  it('may be claimed again at once where there is nothing to wait for', async () => {
    const id = await insertEvent(test.db);
    await snooze(await take(test.db, id), 0);
    expect(await dueIds(test.db)).toEqual([id]);
  });

  it('may be told twice, and only by who holds it', async () => {
    const id = await insertEvent(test.db);
    const holder = await take(test.db, id);
    expect(await snooze({ ...holder, runId: 'late' })).toBe('not_ours');
    expect(await snooze(holder)).toBe('queued');
    expect(await snooze(holder)).toBe('queued');
    expect(await complete(holder)).toBe('not_ours');
  });

  it('is superseded where an identical one was queued meanwhile, and so is what the other daemon failed', async () => {
    const id = await insertEvent(test.db, index(A));
    const child = await insertEvent(test.db, { dependsOn: [id] });
    const waiting = await insertEvent(test.db);
    await snooze(await take(test.db, waiting));
    const holder = await take(test.db, id);
    await test.db.query(`update artwork_indexer.event_queue set state = 'failed' where id = $1`, [id]);
    const twin = await insertEvent(test.db, index(A));
    expect(await snooze(holder)).toBe('superseded');
    expect(await snooze(holder)).toBe('superseded');
    expect(await reasonsOf(test.db, id)).toEqual([`superseded by event ${twin}`]);
    expect(await statesOf(test.db, [id, child, twin])).toEqual(['failed', 'failed', 'queued']);
    expect(await refusal(test.db, waiting)).toMatch(/waits until .*: cool-down/);
  });
});

describe('a statement that fails is the event’s own trouble', () => {
  const cancelled = { outcome: 'given_back', sqlState: '57014' };
  const waited = { outcome: 'given_back', sqlState: null };
  const failed = { outcome: 'queued', sqlState: null };
  const four = [cancelled, cancelled, cancelled, cancelled];

  /** The attempts that came before, an hour apart, the last one an hour ago; and an event that ended so many hours ago. */
  it.each<[string, boolean, (typeof waited | typeof cancelled)[], string, number]>([
    ['where it failed so four times, and another event was carried out meanwhile', true, four, 'completed', 2.5],
    ['whatever was before', true, [failed, ...four], 'completed', 2.5],
    ['not before', false, four.slice(1), 'completed', 2.5],
    ['not where an attempt of these went otherwise', false, [...four, failed], 'completed', 2.5],
    ['not where it had to wait for something else', false, [...four.slice(1), waited], 'completed', 2.5],
    ['not where nothing was carried out since the first', false, four, 'completed', 4.5],
    ['not where another failed, too', false, four, 'failed', 2.5],
  ])('%s', async (_what, own, attempts, state, hours) => {
    const id = await insertEvent(test.db);
    for (const [n, { outcome, sqlState }] of attempts.entries()) {
      await test.db.query(
        `insert into artwork_reconciler.event_attempt (event, run_id, attempt, started_at, ended_at, outcome, sql_state)
         values ($1, $2, 1, now(), now() - make_interval(hours => $3), $4, $5)`,
        [id, `run ${n}`, attempts.length - n, outcome, sqlState],
      );
    }
    await insertEvent(test.db, { state, attempts: 1, unchanged: hours * 60 });
    expect(await isItsOwnTrouble(test.db, id)).toBe(own);
  });
});

describe('a claim whose workflow is gone', () => {
  it('is not looked at while it is young', async () => {
    const holder = await take(test.db, await insertEvent(test.db));
    expect(await claimsInProgress(test.db, { youngClaimSeconds: 120 })).toEqual([]);
    await test.db.query(`update artwork_reconciler.event_claim set claimed_at = claimed_at - interval '121 seconds'`);
    const found = [{ ...holder, workflowId: `event-${holder.eventId}` }];
    expect(await claimsInProgress(test.db, { youngClaimSeconds: 120 })).toMatchObject(found);
    expect(await claimsInProgress(test.db, { youngClaimSeconds: 180 })).toEqual([]);
  });

  it('is undone, and the row is as before it', async () => {
    const id = await insertEvent(test.db, { attempts: 1, age: 600, unchanged: 100 });
    const before = await rowOf(test.db, id);
    const holder = await take(test.db, id);
    expect(await releaseLostClaim(test.db, holder, settings)).toBe('queued');
    expect(await rowOf(test.db, id)).toEqual(before);
    expect(await dueIds(test.db)).toEqual([id]);
    expect(await complete(holder)).toBe('not_ours');
  });

  it('is undone also where the other daemon’s housekeeping has failed the row', async () => {
    const id = await insertEvent(test.db);
    const holder = await take(test.db, id);
    await test.db.query(`update artwork_indexer.event_queue set state = 'failed' where id = $1`, [id]);
    expect(await releaseLostClaim(test.db, holder, settings)).toBe('queued');
    expect(await rowOf(test.db, id)).toMatchObject({ state: 'queued', attempts: 0 });
  });

  it('ends as superseded where an identical event was queued meanwhile, as a wait does', async () => {
    for (const end of [(holder: Holder) => releaseLostClaim(test.db, holder, settings), snooze]) {
      await emptyQueue(test.db);
      const holder = await take(test.db, await insertEvent(test.db, index(A)));
      await insertEvent(test.db, index(A));
      expect(await end(holder)).toBe('superseded');
      const { rows } = await test.db.query('select outcome from artwork_reconciler.event_attempt');
      expect(rows).toEqual([{ outcome: 'superseded' }]);
    }
  });

  it('is none of a newer claim', async () => {
    const id = await insertEvent(test.db);
    const lost = await take(test.db, id);
    await releaseLostClaim(test.db, lost, settings);
    await take(test.db, id);
    expect(await releaseLostClaim(test.db, lost, settings)).toBe('not_ours');
    expect((await rowOf(test.db, id)).state).toBe('running');
  });

  it('goes where the row has gone on without it, so that it does not block the row', async () => {
    const id = await insertEvent(test.db);
    const lost = await take(test.db, id);
    await test.db.query(`update artwork_indexer.event_queue set state = 'queued', attempts = 0 where id = $1`, [id]);
    expect(await releaseLostClaim(test.db, lost, settings)).toBe('not_ours');
    expect(await dueIds(test.db)).toEqual([id]);
  });
});

describe('a worker that comes late', () => {
  describe.each<[string, (holder: Holder) => Promise<unknown>]>([
    ['complete the event', complete],
    ['fail its attempt', (holder) => fail(holder)],
    ['fail it for good', (holder) => fail(holder, 'HTTP 503', true)],
    ['release it', (holder) => snooze(holder)],
    ['release a lost claim', (holder) => releaseLostClaim(test.db, holder, settings)],
  ])('to %s', (_what, end) => {
    it('changes nothing where the other daemon has taken the event since', async () => {
      const id = await insertEvent(test.db);
      const holder = await take(test.db, id);
      await test.db.query('update artwork_indexer.event_queue set attempts = 2 where id = $1', [id]);
      const before = await rowOf(test.db, id);
      expect(await end(holder)).toBe('not_ours');
      expect(await rowOf(test.db, id)).toEqual(before);
      expect(await reasonsOf(test.db, id)).toEqual([]);
      expect((await test.db.query('select from artwork_reconciler.event_claim')).rowCount).toBe(0);
    });

    it('changes nothing where it holds no claim of the event, whatever it did with others', async () => {
      const [id, other, another] = await insertEvents(test.db, [{}, {}, {}]);
      const holders = [await take(test.db, id!), await take(test.db, other!)];
      await claim(test.db, another!, 'late');
      await complete({ eventId: another!, runId: 'late' });
      expect(await end({ eventId: id!, runId: 'late' })).toBe('not_ours');
      expect(await statesOf(test.db, [id!, other!])).toEqual(['running', 'running']);
      for (const holder of holders) expect(await complete(holder)).toBe('completed');
    });

    it('is not told the outcome of another run that has ended the event', async () => {
      const id = await insertEvent(test.db);
      await complete(await take(test.db, id));
      expect(await end({ eventId: id, runId: 'late' })).toBe('not_ours');
    });
  });
});

describe('a row that the other daemon left running', () => {
  it('is released a quarter of an hour after its last change, as it was before it was taken', async () => {
    const [abandoned, retried, alive] = await insertEvents(test.db, [
      { state: 'running', attempts: 1, unchanged: 16 },
      { state: 'running', attempts: 3, unchanged: 16 },
      { state: 'running', attempts: 1, unchanged: 14 },
    ]);
    const ours = await insertEvent(test.db, { age: 100 });
    await take(test.db, ours);
    await test.db.query(
      `update artwork_indexer.event_queue set last_updated = now() - interval '1 hour' where id = $1`,
      [ours],
    );
    expect(await releaseForeignRunning(test.db, settings)).toEqual([abandoned, retried]);
    expect(await statesOf(test.db, [abandoned!, retried!, alive!, ours])).toEqual([
      'queued',
      'queued',
      'running',
      'running',
    ]);
    expect((await rowOf(test.db, abandoned!)).attempts).toBe(0);
    expect((await rowOf(test.db, retried!)).attempts).toBe(2);
    expect(await dueIds(test.db)).toEqual([abandoned, retried]);
  });

  it('is superseded where an identical one was queued meanwhile', async () => {
    const id = await insertEvent(test.db, { ...index(A), state: 'running', attempts: 1, age: 100 });
    const twin = await insertEvent(test.db, index(A));
    expect(await releaseForeignRunning(test.db, settings)).toEqual([id]);
    expect(await statesOf(test.db, [id, twin])).toEqual(['failed', 'queued']);
    expect(await reasonsOf(test.db, id)).toEqual([`superseded by event ${twin}`]);
  });

  it('is left as it is where the daemon has ended it since it was looked for', async () => {
    const id = await insertEvent(test.db, { state: 'running', attempts: 1, age: 100 });
    const stopped = stoppedBefore(test.db, /skip locked/);
    const releasing = releaseForeignRunning(stopped.db, settings);
    await stopped.reached;
    await test.db.query(`update artwork_indexer.event_queue set state = 'completed' where id = $1`, [id]);
    stopped.goOn();
    expect(await releasing).toEqual([]);
    expect((await rowOf(test.db, id)).state).toBe('completed');
  });

  it('is left to the daemon that is just ending it', async () => {
    const id = await insertEvent(test.db, { state: 'running', attempts: 1, age: 100 });
    await test.db.transaction(async (tx) => {
      await tx.query(`update artwork_indexer.event_queue set state = 'completed' where id = $1`, [id]);
      expect(await releaseForeignRunning(test.db, settings)).toEqual([]);
    });
    expect((await rowOf(test.db, id)).state).toBe('completed');
  });
});

describe('old events', () => {
  it('are deleted ninety days after they were made if they are completed; failed ones are kept for ever', async () => {
    const day = 24 * 60;
    const [old, failed, queued] = await insertEvents(test.db, [
      { state: 'completed', age: 91 * day },
      { state: 'failed', age: 1000 * day },
      { age: 1000 * day },
    ]);
    const young = await insertEvent(test.db, { state: 'completed', age: 89 * day });
    await test.db.query('insert into artwork_indexer.event_failure_reason (event, failure_reason) values ($1, $2)', [
      old,
      'x',
    ]);
    // By when they were made, however late they ended.
    await test.db.query('update artwork_indexer.event_queue set last_updated = now() where id = $1', [old]);
    expect(await deleteOldCompleted(test.db, settings)).toBe(1);
    const { rows } = await test.db.query('select id from artwork_indexer.event_queue order by id');
    expect(rows).toEqual([{ id: failed }, { id: queued }, { id: young }]);
  });
});
