import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { completeEvent, failAttempt, noteTakenWrite } from '../../../src/database/attempts/end-attempt.ts';
import { takeBrakeOff } from '../../../src/database/attempts/probes.ts';
import { releaseLostClaim, snoozeEvent } from '../../../src/database/attempts/release-event.ts';
import { readStoredBrakes, setBrake } from '../../../src/database/brakes/stored-brakes.ts';
import type { Likeness } from '../../../src/temporal/failure-types.ts';
import { createTestDatabase } from '../../support/database.ts';
import { copy, dueIds, emptyQueue, index, insertEvent, minutesPass, refusal, rowOf, settings, take } from './queue.ts';

const test = await createTestDatabase();
beforeEach(() => emptyQueue(test.db));

type Holder = Awaited<ReturnType<typeof take>>;

const answer = { status: 503, bodyExcerpt: '<Code>ServiceUnavailable</Code>', requestId: 'r' };
const fail = (holder: Holder, alike: Likeness | undefined = 'server error') =>
  failAttempt(test.db, { ...holder, reason: 'HTTP 503', permanent: false, answer, ...(alike && { alike }) }, settings);
const complete = (holder: Holder) => completeEvent(test.db, { ...holder, sent: true }, settings);
/** Events of so many different items. */
const insert = async (count: number): Promise<number[]> => {
  const ids: number[] = [];
  for (let n = 0; n < count; n += 1) ids.push(await insertEvent(test.db));
  return ids;
};
const takeAll = async (ids: readonly number[]): Promise<Holder[]> => {
  const holders: Holder[] = [];
  for (const id of ids) holders.push(await take(test.db, id));
  return holders;
};
const failAll = async (holders: readonly Holder[]): Promise<void> => {
  for (const holder of holders) await fail(holder);
};
const brakes = async () => (await readStoredBrakes(test.db)).map(({ name }) => name);
const attemptsOf = async (ids: readonly number[]): Promise<number[]> =>
  Promise.all(ids.map(async (id) => (await rowOf(test.db, id)).attempts));

describe('when events of different items fail alike, one after the other', () => {
  it('the third stops its project’s writes, and from there on none loses an attempt', async () => {
    const ids = await insert(4);
    const [waits, other] = [await insertEvent(test.db), await insertEvent(test.db, { entityType: 'event' })];
    await failAll(await takeAll(ids));
    expect(await attemptsOf(ids)).toEqual([1, 1, 0, 0]);
    expect(await readStoredBrakes(test.db)).toMatchObject([
      {
        name: 'writes_fail_caa',
        stops: 'events',
        reason: expect.stringContaining('(server error): HTTP 503') as string,
      },
    ]);
    expect(await dueIds(test.db)).toEqual([other]);
    expect(await refusal(test.db, waits)).toMatch(/^the writes of caa are stopped: items fail alike/);
    const { rows } = await test.db.query(
      'select outcome, status, request_id from artwork_reconciler.event_attempt where event = $1',
      [ids[3]],
    );
    expect(rows).toEqual([{ outcome: 'given_back', status: 503, request_id: 'r' }]);
  });

  it('the same is answered where the step is repeated', async () => {
    const holders = await takeAll(await insert(3));
    await failAll(holders);
    expect(await fail(holders[0]!)).toBe('queued');
    expect(await fail(holders[2]!)).toBe('queued');
    expect(await attemptsOf([holders[2]!.eventId])).toEqual([0]);
  });

  it.each([
    ['one of them was carried out in between', async () => complete(await take(test.db, await insertEvent(test.db)))],
    ['another answer comes in between', async () => fail(await take(test.db, await insertEvent(test.db)), 'no answer')],
  ])('they continue where %s', async (_what, between) => {
    const holders = await takeAll(await insert(3));
    await failAll(holders.slice(0, 2));
    await between();
    await fail(holders[2]!);
    expect(await brakes()).toEqual([]);
    expect(await attemptsOf([holders[2]!.eventId])).toEqual([1]);
  });

  it('one item that fails again and again is one', async () => {
    const [from, into] = [randomUUID(), randomUUID()];
    // An item is what is written to.
    for (const event of [index(into), copy(7, from, into), index(into)]) {
      await fail(await take(test.db, await insertEvent(test.db, event)));
      await test.db.query(`update artwork_indexer.event_queue set state = 'failed'`);
    }
    expect(await brakes()).toEqual([]);
  });

  it('failures that tell nothing of others, and other projects’, don’t count', async () => {
    for (const holder of await takeAll(await insert(4))) {
      await failAttempt(test.db, { ...holder, reason: 'HTTP 400', permanent: false }, settings);
    }
    const event = await insertEvent(test.db, { entityType: 'event' });
    await failAll(await takeAll([...(await insert(2)), event]));
    expect(await brakes()).toEqual([]);
  });
});

it('what one project’s events were carried out says nothing of the other’s', async () => {
  const events = [
    await insertEvent(test.db, { entityType: 'event' }),
    await insertEvent(test.db, { entityType: 'event' }),
  ];
  const [failed, event] = await takeAll(events);
  const holders = await takeAll(await insert(3));
  await failAll([failed!, ...holders.slice(0, 2)]);
  await complete(event!);
  await fail(holders[2]!);
  expect(await brakes()).toEqual(['writes_fail_caa']);
});

it.each([
  ['one that is carried out', async () => complete(await take(test.db, await insertEvent(test.db)))],
  [
    'a write that is accepted',
    async () => noteTakenWrite(test.db, { project: 'caa', sentAgo: 1000, runId: 'a run', requestId: null }),
  ],
])('a stop that was set before the clock was set back ends with %s', async (_what, isTaken) => {
  for (const name of ['writes_fail_caa', 'keys_refused_caa'] as const) await setBrake(test.db, { name, reason: 'x' });
  await test.db.query(`update artwork_reconciler.brake set since = clock_timestamp() + interval '1 hour'`);
  await isTaken();
  expect(await brakes()).toHaveLength(1);
});

describe('while a project’s writes are stopped', () => {
  /** Three that failed, and one that waits. */
  async function stopped(): Promise<{ failed: readonly number[]; waiting: number }> {
    const failed = await insert(3);
    await failAll(await takeAll(failed));
    return { failed, waiting: await insertEvent(test.db) };
  }

  it('another one is tried after ten minutes; it loses no attempt, and the next one is tried ten minutes later', async () => {
    const { failed, waiting } = await stopped();
    await minutesPass(test.db, 10.1);
    expect(await dueIds(test.db)).toEqual([waiting]);
    expect(await fail(await take(test.db, waiting))).toBe('queued');
    expect(await attemptsOf([waiting])).toEqual([0]);
    await minutesPass(test.db, 9.8);
    expect(await dueIds(test.db)).toEqual([]);
    await minutesPass(test.db, 0.3);
    // The one that was released first.
    expect(await dueIds(test.db)).toEqual([failed[2]]);
  });

  it('one that is carried out lets them continue, and wakes those that were released', async () => {
    const { failed, waiting } = await stopped();
    await minutesPass(test.db, 10.1);
    await complete(await take(test.db, waiting));
    expect(await brakes()).toEqual([]);
    expect(await dueIds(test.db)).toEqual([failed[2]]);
    // What failed before counts no more.
    await fail(await take(test.db, failed[2]!));
    expect(await attemptsOf([failed[2]!])).toEqual([1]);
  });

  it('one that was claimed before the stop says nothing of it', async () => {
    const [early, ...ids] = await takeAll(await insert(4));
    await failAll(ids);
    await complete(early!);
    expect(await brakes()).toEqual(['writes_fail_caa']);
  });

  it('an operator may take the brake off, and it takes as many again to set it', async () => {
    const { failed } = await stopped();
    await takeBrakeOff(test.db, { name: 'writes_fail_caa', by: { actor: 'rob' } });
    expect(await dueIds(test.db)).toContain(failed[2]);
    await fail(await take(test.db, failed[2]!));
    expect(await brakes()).toEqual([]);
  });

  it.each<[string, (holder: Holder) => Promise<unknown>]>([
    ['had nothing to send', (holder) => completeEvent(test.db, { ...holder, note: 'nothing' }, settings)],
    ['has to wait', (holder) => snoozeEvent(test.db, { ...holder, waitSeconds: 600, reason: 'x' }, settings)],
    [
      'fails on its own account',
      (holder) => failAttempt(test.db, { ...holder, reason: 'x', permanent: true }, settings),
    ],
    ['lost its worker', (holder) => releaseLostClaim(test.db, holder, settings)],
    [
      'was taken by somebody else',
      async (holder) => {
        await test.db.query(`update artwork_indexer.event_queue set state = 'queued' where id = $1`, [holder.eventId]);
        await completeEvent(test.db, holder, settings);
      },
    ],
  ])('another one is tried at once in the place of one that %s', async (_what, end) => {
    const { waiting } = await stopped();
    const next = await insertEvent(test.db);
    await minutesPass(test.db, 10.1);
    const holder = await take(test.db, waiting);
    expect(await dueIds(test.db)).toEqual([]);
    await end(holder);
    expect(await brakes()).toEqual(['writes_fail_caa']);
    expect(await dueIds(test.db)).toContain(next);
  });

  it('an event needs the leave of both brakes where the keys are refused as well, and takes none of one alone', async () => {
    const { waiting } = await stopped();
    await test.db.query(`insert into artwork_reconciler.brake (name, reason) values ('keys_refused_caa', '403')`);
    await minutesPass(test.db, 10.1);
    await test.db.query(
      `insert into artwork_reconciler.event_probe (brake, at) values ('keys_refused_caa', now() + interval '5 minutes')`,
    );
    expect(await refusal(test.db, waiting)).toMatch(/refuses the keys of caa/);
    await test.db.query(`update artwork_reconciler.event_probe set at = now() where brake = 'keys_refused_caa'`);
    const holder = await take(test.db, waiting);
    // It tells of one of the two: for the other, another one is tried at once.
    await fail(holder);
    const { rows } = await test.db.query(
      'select brake, at > clock_timestamp() as used from artwork_reconciler.event_probe order by brake',
    );
    expect(rows).toEqual([
      { brake: 'keys_refused_caa', used: false },
      { brake: 'writes_fail_caa', used: true },
    ]);
  });
});
