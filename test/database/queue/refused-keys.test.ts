import { beforeEach, describe, expect, it } from 'vitest';
import { completeEvent, failAttempt, noteTakenWrite, refuseKeys } from '../../../src/database/attempts/end-attempt.ts';
import { takeRow } from '../../../src/database/attempts/claim-event.ts';
import { takeBrakeOff, tryKeysNow } from '../../../src/database/attempts/probes.ts';
import { snoozeEvent } from '../../../src/database/attempts/release-event.ts';
import { pauseWork, readStoredBrakes, resumeWork, setBrake } from '../../../src/database/brakes/stored-brakes.ts';
import { createTestDatabase } from '../../support/database.ts';
import {
  claim,
  dueIds,
  emptyQueue,
  insertEvent,
  minutesPass,
  refusal,
  settings,
  statesOf,
  stoppedBefore,
  take,
  untilBlocked,
} from './queue.ts';

const test = await createTestDatabase();
/** A write of the project was taken that was sent so many milliseconds ago. */
const taken = (sentAgo: number): Promise<void> =>
  noteTakenWrite(test.db, { project: 'caa', sentAgo, runId: 'another run', requestId: null });
beforeEach(() => emptyQueue(test.db));

const stopCaa = () => setBrake(test.db, { name: 'keys_refused_caa', reason: 'InvalidAccessKeyId' });
type Holder = Awaited<ReturnType<typeof take>>;
/** As an event finds out that is in progress. */
const refuseKeysTo = async (id: number) => {
  const refusal = { ...(await take(test.db, id)), project: 'caa' as const, reason: 'InvalidAccessKeyId' };
  return refuseKeys(test.db, refusal, settings);
};

describe('while archive.org refuses the keys of a project', () => {
  it('nothing of that project is due, and the other continues', async () => {
    const release = await insertEvent(test.db);
    const event = await insertEvent(test.db, { entityType: 'event' });
    await stopCaa();
    const another = await insertEvent(test.db, { entityType: 'event' });
    expect(await dueIds(test.db)).toEqual([event, another]);
    // One after the other: it is not that one of them is tried.
    for (const id of [event, another]) await take(test.db, id);
    expect(await refusal(test.db, release)).toMatch(/refuses the keys of caa: InvalidAccessKeyId/);
  });

  it('what may not be tried for another brake does not use up the try of this one', async () => {
    const id = await insertEvent(test.db);
    await stopCaa();
    await setBrake(test.db, { name: 'writes_fail_caa', reason: 'HTTP 503' });
    await minutesPass(test.db, 11);
    // Another event is being tried for the writes.
    await test.db.query(
      `insert into artwork_reconciler.event_probe (brake, at) values ('writes_fail_caa', clock_timestamp() + interval '5 minutes')
       on conflict (brake) do update set at = excluded.at`,
    );
    // As where it is taken between the look at the brakes and this.
    const row = { eventId: id, entityType: 'release', workflowId: 'w', runId: 'r' } as const;
    expect(await test.db.transaction((tx) => takeRow(tx, row))).toBe(false);
    const { rows } = await test.db.query(
      `select at <= clock_timestamp() as "isFree", probe.event, claim.run_id as claim, e.state, e.attempts
       from artwork_reconciler.event_probe probe cross join artwork_indexer.event_queue e
       left join artwork_reconciler.event_claim claim on claim.event = e.id
       where brake = 'keys_refused_caa' and e.id = $1`,
      [id],
    );
    expect(rows).toEqual([{ isFree: true, event: null, claim: null, state: 'queued', attempts: 0 }]);
  });

  it('one event is tried after ten minutes, and then none for ten more, also when the brake is set again', async () => {
    const ids = [await insertEvent(test.db), await insertEvent(test.db)];
    await stopCaa();
    await minutesPass(test.db, 9.9);
    expect(await dueIds(test.db)).toEqual([]);
    await minutesPass(test.db, 0.2);
    expect(await dueIds(test.db)).toEqual(ids);
    const claims = await Promise.all(ids.map((id) => claim(test.db, id)));
    expect(claims.filter(({ kind }) => kind === 'claimed')).toHaveLength(1);
    await stopCaa();
    expect(await dueIds(test.db)).toEqual([]);
    await minutesPass(test.db, 10.1);
    expect(await dueIds(test.db)).toHaveLength(1);
  });

  it('one alone is tried, also where two are about to be claimed at once', async () => {
    const ids = [await insertEvent(test.db), await insertEvent(test.db)];
    await stopCaa();
    await minutesPass(test.db, 11);
    const row = { eventId: ids[0]!, entityType: 'release', workflowId: 'w', runId: 'r' } as const;
    const second = await test.db.transaction(async (tx) => {
      expect(await takeRow(tx, row)).toBe(true);
      const waiting = claim(test.db, ids[1]!);
      await untilBlocked(test.db);
      return { waiting };
    });
    expect(await second.waiting).toMatchObject({
      kind: 'not_claimed',
      // The second where it had to wait for longer than for a lock, and began again: it sees by itself that one is tried.
      reason: expect.stringMatching(/another event is being tried|refuses the keys of caa/) as string,
    });
    expect(await statesOf(test.db, ids)).toEqual(['running', 'queued']);
  });

  it('one is tried at once when an operator has given new keys', async () => {
    const id = await insertEvent(test.db);
    expect(await refuseKeysTo(id)).toBe('queued');
    expect(await tryKeysNow(test.db)).toEqual(['caa']);
    expect(await dueIds(test.db)).toEqual([id]);
    await take(test.db, id);
  });

  it('another one is tried than the one that was refused', async () => {
    const [refused, other] = [await insertEvent(test.db), await insertEvent(test.db)];
    await refuseKeysTo(refused);
    await minutesPass(test.db, 10.1);
    expect(await dueIds(test.db)).toEqual([other]);
    await minutesPass(test.db, 1);
    expect(await dueIds(test.db)).toEqual([refused, other]);
  });

  it.each([
    ['a write is accepted', () => taken(0)],
    [
      'an operator takes the brake off',
      () => takeBrakeOff(test.db, { name: 'keys_refused_caa', by: { actor: 'rob' } }),
    ],
  ])('those that were refused are due as soon as %s, and nothing else that waits is', async (_what, release) => {
    const [refused, cooling] = [await insertEvent(test.db), await insertEvent(test.db)];
    const event = await insertEvent(test.db, { entityType: 'event' });
    for (const [id, reason] of [
      [cooling, 'cool-down'],
      [event, 'cool-down'],
    ] as const) {
      await snoozeEvent(test.db, { ...(await take(test.db, id)), waitSeconds: 600, reason }, settings);
    }
    await refuseKeysTo(refused);
    expect(await dueIds(test.db)).toEqual([]);
    await release();
    expect(await dueIds(test.db)).toEqual([refused]);
  });

  it.each([
    ['was refused keys, and now waits for something else', true, false],
    ['waited for something else, and now was refused keys', false, true],
  ])('one that %s waits for what it was released for last', async (_what, before, after) => {
    const id = await insertEvent(test.db);
    await stopCaa();
    await tryKeysNow(test.db);
    const holder = await take(test.db, id);
    // A wait that somebody wrote while it was carried out.
    await test.db.query(
      `insert into artwork_reconciler.event_not_before (event, until, reason, brake)
       values ($1, now() + interval '1 year', 'before', $2)`,
      [id, before ? 'keys_refused_caa' : null],
    );
    if (after) await refuseKeys(test.db, { ...holder, project: 'caa', reason: 'after' }, settings);
    else await snoozeEvent(test.db, { ...holder, waitSeconds: 600, reason: 'after' }, settings);
    const { rows } = await test.db.query(
      `select reason, brake, until < now() + interval '1 hour' as soon from artwork_reconciler.event_not_before`,
    );
    expect(rows).toEqual([{ reason: 'after', brake: after ? 'keys_refused_caa' : null, soon: true }]);
    await takeBrakeOff(test.db, { name: 'keys_refused_caa' });
    expect(await dueIds(test.db)).toEqual(after ? [id] : []);
  });

  it('nothing is due where it is another stop that was to be ended', async () => {
    await refuseKeysTo(await insertEvent(test.db));
    const since = new Date(Date.now() - 3_600_000);
    expect(await takeBrakeOff(test.db, { name: 'keys_refused_caa', since })).toBeNull();
    await test.db.query('delete from artwork_reconciler.brake');
    expect(await dueIds(test.db)).toEqual([]);
  });

  it('the next one is tried ten minutes after one was refused again, or at once with new keys', async () => {
    const [tried, next] = [await insertEvent(test.db), await insertEvent(test.db)];
    await stopCaa();
    await minutesPass(test.db, 10.1);
    expect(await refuseKeysTo(tried)).toBe('queued');
    expect(await dueIds(test.db)).toEqual([]);
    await minutesPass(test.db, 9.8);
    expect(await dueIds(test.db)).toEqual([]);
    await tryKeysNow(test.db);
    expect(await dueIds(test.db)).toEqual([tried, next]);
  });

  it('those of the other project continue waiting for theirs', async () => {
    const [release, event] = [await insertEvent(test.db), await insertEvent(test.db, { entityType: 'event' })];
    await refuseKeysTo(release);
    const refusalOfEaa = { ...(await take(test.db, event)), project: 'eaa' as const, reason: 'SignatureDoesNotMatch' };
    await refuseKeys(test.db, refusalOfEaa, settings);
    await takeBrakeOff(test.db, { name: 'keys_refused_caa' });
    const { rows } = await test.db.query('select event from artwork_reconciler.event_not_before');
    expect(rows).toEqual([{ event }]);
  });

  it('one that is just being released is not forgotten by the write that is accepted', async () => {
    const [refused, other] = [await insertEvent(test.db), await insertEvent(test.db)];
    await stopCaa();
    await tryKeysNow(test.db);
    const holder = await take(test.db, refused);
    const stopped = stoppedBefore(test.db, /insert into artwork_reconciler.event_not_before/);
    const giving = refuseKeys(stopped.db, { ...holder, project: 'caa', reason: 'InvalidAccessKeyId' }, settings);
    await stopped.reached;
    const accepting = taken(0);
    await untilBlocked(test.db);
    stopped.goOn();
    await Promise.all([giving, accepting]);
    expect(await dueIds(test.db)).toEqual([refused, other]);
  });

  it('a write that was sent before they were refused says nothing of them', async () => {
    await refuseKeysTo(await insertEvent(test.db));
    await minutesPass(test.db, 1);
    await taken(61_000);
    expect(await readStoredBrakes(test.db)).toHaveLength(1);
    await taken(59_000);
    expect(await readStoredBrakes(test.db)).toEqual([]);
  });

  it.each([
    ['had nothing to ask', (holder: Holder) => completeEvent(test.db, holder, settings)],
    [
      'fails without an answer',
      (holder: Holder) => failAttempt(test.db, { ...holder, reason: 'x', permanent: false }, settings),
    ],
    [
      'has to wait for something else',
      (holder: Holder) => snoozeEvent(test.db, { ...holder, waitSeconds: 60, reason: 'x' }, settings),
    ],
  ])('another one is tried at once in the place of one that %s', async (_what, end) => {
    const [tried, next] = [await insertEvent(test.db), await insertEvent(test.db)];
    await stopCaa();
    await minutesPass(test.db, 10.1);
    const holder = await take(test.db, tried);
    expect(await dueIds(test.db)).toEqual([]);
    await end(holder);
    expect(await dueIds(test.db)).toEqual([next]);
  });

  it('what was known of an earlier stop says nothing about a new one', async () => {
    const [first, second] = [await insertEvent(test.db), await insertEvent(test.db)];
    await stopCaa();
    await minutesPass(test.db, 11);
    await completeEvent(test.db, await take(test.db, first), settings);
    await taken(0);
    expect(await dueIds(test.db)).toEqual([second]);
    await minutesPass(test.db, 60);
    await stopCaa();
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
    await pauseWork(test.db, { what: 'events' }, { actor: 'rob', note: 'switch back' });
    expect(await dueIds(test.db)).toEqual([]);
    expect(await refusal(test.db, id)).toBe('events are paused: paused by rob: switch back');
    expect(await resumeWork(test.db, { what: 'events' }, { actor: 'rob' })).toMatchObject({ name: 'events_paused' });
    expect(await resumeWork(test.db, { what: 'events' }, { actor: 'rob' })).toBeNull();
    expect(await dueIds(test.db)).toEqual([id]);
    const { rows } = await test.db.query(
      'select actor, action, note from artwork_reconciler.operator_action where target = $1 order by id',
      ['events_paused'],
    );
    expect(rows).toEqual([
      { actor: 'rob', action: 'set brake', note: 'switch back' },
      { actor: 'rob', action: 'release brake', note: null },
    ]);
  });

  it('lets what is in progress end', async () => {
    const holder = await take(test.db, await insertEvent(test.db));
    await pauseWork(test.db, { what: 'events' }, { actor: 'rob' });
    expect(await completeEvent(test.db, holder, settings)).toBe('completed');
  });

  it('waits for claims that are being made, so that none is running that was not when it returned', async () => {
    const id = await insertEvent(test.db);
    const stopped = stoppedBefore(test.db, /insert into artwork_reconciler.event_claim/);
    const claiming = claim(stopped.db, id);
    await stopped.reached;
    const pausing = pauseWork(test.db, { what: 'events' }, { actor: 'rob' });
    await untilBlocked(test.db);
    stopped.goOn();
    await pausing;
    expect(await claiming).toMatchObject({ kind: 'claimed' });
    const { rowCount } = await test.db.query(`select from artwork_indexer.event_queue where state = 'running'`);
    expect(rowCount).toBe(1);
  });
});
