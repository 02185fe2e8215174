import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  completeEvent,
  giveBackUnspent,
  pauseEvents,
  resumeEvents,
  tryKeysNow,
} from '../../../src/database/event-states/index.ts';
import { releaseBrake, setBrake } from '../../../src/database/brakes/stored-brakes.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import {
  claim,
  dueIds,
  emptyQueue,
  insertEvent,
  openTransaction,
  refusal,
  settings,
  take,
  untilBlocked,
} from './queue.ts';

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
});
beforeEach(() => emptyQueue(test.db));
afterAll(() => test.close());

/** As if so many minutes had passed since the keys were refused, and since an event was tried with them. */
const minutesPass = async (minutes: number): Promise<void> => {
  const values = [minutes];
  await test.db.query(`update artwork_reconciler.brake set since = since - $1::float8 * interval '1 minute'`, values);
  await test.db.query(
    `update artwork_reconciler.event_key_probe set at = at - $1::float8 * interval '1 minute'`,
    values,
  );
};
const refuseKeys = () => setBrake(test.db, { name: 'keys_refused_caa', reason: 'InvalidAccessKeyId' });

describe('while archive.org refuses the keys of a project', () => {
  it('nothing of that project is due, and the other goes on', async () => {
    const release = await insertEvent(test.db);
    const event = await insertEvent(test.db, { entityType: 'event' });
    await refuseKeys();
    expect(await dueIds(test.db)).toEqual([event]);
    expect(await refusal(test.db, release)).toMatch(/refuses the keys of caa: InvalidAccessKeyId/);
  });

  it('one event is tried after ten minutes, and then none for ten more, also when the brake is set again', async () => {
    const ids = [await insertEvent(test.db), await insertEvent(test.db)];
    await refuseKeys();
    await minutesPass(9.9);
    expect(await dueIds(test.db)).toEqual([]);
    await minutesPass(0.2);
    expect(await dueIds(test.db)).toEqual(ids);
    const claims = await Promise.all(ids.map((id) => claim(test.db, id)));
    expect(claims.filter(({ kind }) => kind === 'claimed')).toHaveLength(1);
    await refuseKeys();
    expect(await dueIds(test.db)).toEqual([]);
    await minutesPass(10.1);
    expect(await dueIds(test.db)).toHaveLength(1);
  });

  it('one is tried at once when an operator has given new keys', async () => {
    const id = await insertEvent(test.db);
    await giveBackUnspent(
      test.db,
      { ...(await take(test.db, id)), waitSeconds: 600, reason: 'keys refused' },
      settings,
    );
    await refuseKeys();
    expect(await tryKeysNow(test.db)).toEqual(['caa']);
    expect(await dueIds(test.db)).toEqual([id]);
    await take(test.db, id);
  });

  it('what was known of an earlier stop says nothing about a new one', async () => {
    const [first, second] = [await insertEvent(test.db), await insertEvent(test.db)];
    await refuseKeys();
    await minutesPass(11);
    await completeEvent(test.db, await take(test.db, first), settings);
    await releaseBrake(test.db, { name: 'keys_refused_caa' });
    expect(await dueIds(test.db)).toEqual([second]);
    await minutesPass(60);
    await refuseKeys();
    expect(await dueIds(test.db)).toEqual([]);
  });

  it('nothing is asked of keys that are good', async () => {
    await insertEvent(test.db);
    expect(await tryKeysNow(test.db)).toEqual([]);
  });
});

describe('a pause', () => {
  it('starts nothing until it ends, and is recorded with who and why', async () => {
    const id = await insertEvent(test.db);
    await pauseEvents(test.db, { actor: 'rob', note: 'switch back' });
    expect(await dueIds(test.db)).toEqual([]);
    expect(await refusal(test.db, id)).toBe('events are paused: paused by rob: switch back');
    expect(await resumeEvents(test.db, { actor: 'rob' })).toMatchObject({ name: 'events_paused' });
    expect(await resumeEvents(test.db, { actor: 'rob' })).toBeNull();
    expect(await dueIds(test.db)).toEqual([id]);
    const { rows } = await test.db.query(
      'select actor, action, note from artwork_reconciler.operator_action order by id',
    );
    expect(rows).toEqual([
      { actor: 'rob', action: 'set brake', note: 'switch back' },
      { actor: 'rob', action: 'release brake', note: null },
    ]);
  });

  it('lets what is in hand end', async () => {
    const holder = await take(test.db, await insertEvent(test.db));
    await pauseEvents(test.db, { actor: 'rob' });
    expect(await completeEvent(test.db, holder, settings)).toBe('completed');
  });

  it('waits for claims that are being made, so that none is running that was not when it returned', async () => {
    const id = await insertEvent(test.db);
    const blocker = await openTransaction(test.db);
    await blocker.tx.query('lock table artwork_reconciler.event_claim in exclusive mode');
    const claiming = claim(test.db, id);
    await untilBlocked(test.db, 1);
    const pausing = pauseEvents(test.db, { actor: 'rob' });
    await untilBlocked(test.db, 2);
    await blocker.commit();
    await pausing;
    expect(await claiming).toMatchObject({ kind: 'claimed' });
    const { rowCount } = await test.db.query(`select from artwork_indexer.event_queue where state = 'running'`);
    expect(rowCount).toBe(1);
  });
});
