import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { pauseBrake, pauseKinds } from '../../../src/domain/brake.ts';
import { pauseWork, resumeWork, setBrake } from '../../../src/database/brakes/stored-brakes.ts';
import { auditsKeptFor } from '../../../src/database/brakes/windows.ts';
import { addWindow, endWindow } from '../../../src/database/pace/change-windows.ts';
import { endWaits, makeUnchecked } from '../../../src/database/entities/make-due.ts';
import { paceTick } from '../../../src/database/pace/pace-tick.ts';
import {
  changePace,
  clearPace,
  readFullPass,
  readOwnPaces,
  readPace,
  setPace,
} from '../../../src/database/pace/rate.ts';
import { readOldestDueEvent } from '../../../src/database/queue/counts.ts';
import type { EntityType } from '../../../src/domain/entity.ts';
import { createTestDatabase } from '../../support/database.ts';
import { addAuditEntity, entityNow } from '../entities/support.ts';
import { claim, dueIds, emptyQueue, insertEvent, settings } from '../queue/queue.ts';
import { settingsWith } from './settings.ts';

const database = await createTestDatabase();
beforeEach(async () => {
  const { db } = database;
  await emptyQueue(db);
  await db.query(
    `truncate artwork_reconciler.pause_window, artwork_reconciler.operator_action, artwork_reconciler.brake,
       artwork_reconciler.own_pace, artwork_reconciler.audit_entity, artwork_reconciler.pace cascade`,
  );
  await db.query('insert into artwork_reconciler.pace default values');
});

const ida = { actor: 'ida', note: 'event art only' };
const begin = Date.UTC(2026, 2, 28);
/** The types of what a tick of the n-th minute starts, counted. */
async function started(n: number, audit = {}): Promise<Partial<Record<EntityType, number>>> {
  const tick = { now: new Date(begin + n * 60_000) };
  const { claimed } = await paceTick(database.db, tick, settingsWith({ perHour: 600, ...audit }));
  const counts: Partial<Record<EntityType, number>> = {};
  for (const { entityType } of claimed) counts[entityType] = (counts[entityType] ?? 0) + 1;
  return counts;
}
const addEntities = (releases: number, events: number) =>
  database.db.query(
    `insert into artwork_reconciler.audit_entity (entity_type, gid)
     select 'release'::artwork_indexer.indexable_entity_type, gen_random_uuid() from generate_series(1, $1::int)
     union all select 'event', gen_random_uuid() from generate_series(1, $2::int)`,
    [releases, events],
  );
/** An event of each kind, both due. */
async function queueBoth(): Promise<readonly [release: number, event: number]> {
  const release = await insertEvent(database.db, { age: 30 });
  return [release, await insertEvent(database.db, { age: 30, entityType: 'event' })];
}

describe('a pause of one archive', () => {
  test('of audits leaves the pace to the other', async () => {
    await addEntities(30, 30);
    await pauseWork(database.db, { what: 'audits', entityType: 'release' }, ida);
    expect(await started(0)).toEqual({ event: 10 });
    await pauseWork(database.db, { what: 'audits', entityType: 'event' }, ida);
    expect(await started(1)).toEqual({});
    await resumeWork(database.db, { what: 'audits', entityType: 'release' }, ida);
    expect(await started(2)).toEqual({ release: 10 });
  });

  test('of events starts none of it, says why, and starts the others', async () => {
    const { db } = database;
    const [release, event] = await queueBoth();
    await pauseWork(db, { what: 'events', entityType: 'event' }, ida);
    expect(await dueIds(db)).toEqual([release]);
    expect(await claim(db, event)).toMatchObject({
      kind: 'not_claimed',
      reason: expect.stringContaining('event art only') as string,
    });
    await resumeWork(db, { what: 'events', entityType: 'event' }, ida);
    expect(await dueIds(db)).toEqual([release, event]);
  });

  test('of repairs keeps what audits queued of it, and nothing else', async () => {
    const { db } = database;
    const [release, event] = await queueBoth();
    await db.query(`insert into artwork_reconciler.event_origin (event, origin) values ($1, 'audit'), ($2, 'audit')`, [
      release,
      event,
    ]);
    await pauseWork(db, { what: 'repairs', entityType: 'event' }, ida);
    expect(await dueIds(db)).toEqual([release]);
    expect(await claim(db, event)).toMatchObject({ reason: expect.stringContaining('repairs are paused') as string });
    expect(await claim(db, release)).toMatchObject({ kind: 'claimed' });
  });

  test.each(pauseKinds)('of %s is recorded, stays whose it is, and is beside the pause of all', async (what) => {
    const { db } = database;
    const mine = await pauseWork(db, { what, entityType: 'event' }, ida);
    expect(mine).toMatchObject({ isTheirs: true, reason: 'paused by ida: event art only', stops: what });
    expect(await pauseWork(db, { what, entityType: 'event' }, { actor: 'bob' })).toMatchObject({ isTheirs: false });
    expect(await pauseWork(db, { what }, { actor: 'bob' })).toMatchObject({ isTheirs: true });
    expect(await resumeWork(db, { what }, ida)).toMatchObject({ name: pauseBrake(what, null) });
    expect(await resumeWork(db, { what, entityType: 'event' }, ida)).toMatchObject({ since: mine.since });
    expect(await resumeWork(db, { what, entityType: 'event' }, ida)).toBeNull();
    const { rows } = await db.query('select actor, action, target from artwork_reconciler.operator_action order by id');
    expect(rows).toEqual([
      { actor: 'ida', action: 'set brake', target: `${what}_paused_eaa` },
      { actor: 'bob', action: 'set brake', target: `${what}_paused` },
      { actor: 'ida', action: 'release brake', target: `${what}_paused` },
      { actor: 'ida', action: 'release brake', target: `${what}_paused_eaa` },
    ]);
  });
});

describe('a window of one archive', () => {
  const set = (entityType: EntityType) =>
    addWindow(database.db, {
      order: { kind: 'moments', begins: null, ends: new Date(Date.now() + 7_200_000), daily: false },
      stops: 'all',
      entityType,
      reason: 'maintenance',
      by: ida,
    });

  test('keeps its audits and events, and none of the other', async () => {
    const { db } = database;
    const [release, event] = await queueBoth();
    const window = await set('event');
    expect(window).toMatchObject({ entityType: 'event', isOn: true });
    expect(await dueIds(db)).toEqual([release]);
    expect(await claim(db, event)).toMatchObject({ reason: expect.stringContaining('maintenance') as string });
    expect(await auditsKeptFor(db, 'event')).not.toBeNull();
    expect(await auditsKeptFor(db, 'release')).toBeNull();
    expect(await auditsKeptFor(db, null)).toBeNull();
    await db.query(`update artwork_indexer.event_queue set state = 'completed' where id = $1`, [release]);
    await addEntities(30, 30);
    expect(await started(0)).toEqual({ release: 10 });
  });

  test('is another one than that of the other archive at the same time', async () => {
    const [one, other] = [await set('release'), await set('event')];
    expect(other).toMatchObject({ entityType: 'event' });
    expect(other.id).not.toBe(one.id);
  });

  test('that is over makes its events late from then on only; one of the other changes nothing', async () => {
    const { db } = database;
    await insertEvent(db, { age: 5 * 60 });
    const late = async () => (await readOldestDueEvent(db, settings))?.dueForSeconds ?? null;
    await endWindow(db, { id: (await set('event')).id, by: ida });
    expect(await late()).toBeGreaterThan(4 * 3600);
    await endWindow(db, { id: (await set('release')).id, by: ida });
    expect(await late()).toBeLessThan(60);
  });

  test('that a person ends makes due what waited for it, and not what waits for another', async () => {
    const { db } = database;
    const [release, event] = [
      await addAuditEntity(db),
      await addAuditEntity(db, { key: { entityType: 'event', gid: randomUUID() } }),
    ];
    const [one, other] = [await set('release'), await set('event')];
    for (const { id } of [release, event]) await makeUnchecked(db, id, { waitSeconds: 7200, cause: 'window' });
    await endWindow(db, { id: one.id, by: ida });
    expect(await entityNow(db, release)).toMatchObject({ dueCause: null, dueAt: null });
    expect(await entityNow(db, event)).toMatchObject({ dueCause: 'window' });
    await endWindow(db, { id: other.id, by: ida });
    expect(await entityNow(db, event)).toMatchObject({ dueCause: null });
    expect(await endWaits(db, { cause: 'window' })).toBe(0);
  });
});

describe('a pace of one archive', () => {
  test('is its own: the pace of all is for the others, and neither catches up', async () => {
    await addEntities(100, 100);
    await setPace(database.db, { perHour: 120 }, ida, 'event');
    expect(await started(0)).toEqual({ event: 2, release: 10 });
    expect(await started(1)).toEqual({ event: 2, release: 10 });
    await setPace(database.db, { perHour: 30 }, ida, 'event');
    expect(await started(2)).toEqual({ release: 10 });
    expect(await started(3)).toEqual({ event: 1, release: 10 });
    await clearPace(database.db, ida, 'event');
    expect(Object.values(await started(4)).reduce((sum, count) => sum + count, 0)).toBe(10);
  });

  test('is kept with its archive by a pause, and by the limit of audits in progress', async () => {
    await addEntities(100, 100);
    await setPace(database.db, { perHour: 120 }, ida, 'event');
    await pauseWork(database.db, { what: 'audits', entityType: 'release' }, ida);
    expect(await started(0)).toEqual({ event: 2 });
    await resumeWork(database.db, { what: 'audits', entityType: 'release' }, ida);
    expect(await started(1, { maxInProgress: 5 })).toEqual({ event: 2, release: 1 });
  });

  test('and a pause leave the breaker its probe, of what is not paused', async () => {
    const { db } = database;
    await addEntities(10, 10);
    await setPace(db, { perHour: 120 }, ida, 'event');
    await pauseWork(db, { what: 'audits', entityType: 'release' }, ida);
    await setBrake(db, { name: 'breaker', reason: 'all alike', detail: { kind: 'not_judged' } });
    expect(await started(0, { mode: 'repair', probeMinutes: 5 })).toEqual({});
    expect(await started(6, { mode: 'repair', probeMinutes: 5 })).toEqual({ event: 1 });
  });

  test('is set once, recorded before and after, and not over what somebody set meanwhile', async () => {
    const { db } = database;
    const config = settingsWith({ perHour: 600 });
    const change = { entityType: 'event', order: { perDay: 240 }, seenSetAt: null, by: ida } as const;
    expect(await changePace(db, config, change)).toMatchObject({ done: true, pace: { perHour: 10, setBy: 'ida' } });
    expect(await changePace(db, config, change)).toMatchObject({ done: true });
    const bobs = { ...change, order: { perHour: 1 }, by: { actor: 'bob' } };
    expect(await changePace(db, config, bobs)).toMatchObject({ done: false, pace: { setBy: 'ida' } });
    const [own] = await readOwnPaces(db);
    expect(await changePace(db, config, { ...bobs, order: null, seenSetAt: own!.setAt })).toMatchObject({
      done: true,
      pace: { perHour: 600, source: 'configuration' },
    });
    expect(await readOwnPaces(db)).toEqual([]);
    const { rows } = await db.query(
      'select actor, action, before, after from artwork_reconciler.operator_action order by id',
    );
    const set = { entity_type: 'event', set_per_hour: null, set_per_day: 240 };
    expect(rows).toEqual([
      { actor: 'ida', action: 'set pace', before: null, after: set },
      { actor: 'bob', action: 'clear pace', before: set, after: null },
    ]);
    await expect(setPace(db, { perHour: 0 }, ida, 'event')).rejects.toThrow(RangeError);
  });

  test('is cleared alone, and set to what it is already it changes and records nothing', async () => {
    const { db } = database;
    for (const entityType of ['release', 'event'] as const) await setPace(db, { perHour: 60 }, ida, entityType);
    await db.query(`update artwork_reconciler.own_pace set set_at = set_at - interval '1 hour'`);
    const before = await readOwnPaces(db);
    await setPace(db, { perHour: 60 }, { actor: 'bob' }, 'event');
    expect(await readOwnPaces(db)).toEqual(before);
    await clearPace(db, ida, 'event');
    expect(await readOwnPaces(db)).toEqual(before.filter(({ entityType }) => entityType === 'release'));
    const { rows } = await db.query('select actor, action from artwork_reconciler.operator_action order by id');
    expect(rows).toEqual(['set pace', 'set pace', 'clear pace'].map((action) => ({ actor: 'ida', action })));
  });

  test.each(['event', null] as const)(
    'is not set over another by who saw the one before it (%s)',
    async (entityType) => {
      const { db } = database;
      const config = settingsWith({ perHour: 600 });
      const seenSetAt = async () =>
        (entityType === null ? await readPace(db, config) : (await readOwnPaces(db))[0]!).setAt;
      await changePace(db, config, { entityType, order: { perDay: 240 }, by: ida });
      await db.query(
        `update artwork_reconciler.${entityType === null ? 'pace' : 'own_pace'} set set_at = set_at - interval '1 hour'`,
      );
      const seen = await seenSetAt();
      // From so many a day to so many an hour.
      await changePace(db, config, { entityType, order: { perHour: 7 }, by: { actor: 'bob' } });
      const late = await changePace(db, config, { entityType, order: { perHour: 9 }, seenSetAt: seen, by: ida });
      expect(late).toMatchObject({ done: false, pace: { perHour: 7, setBy: 'bob' } });
    },
  );

  test('counts in how long a full pass takes: as long as the slowest', async () => {
    await addEntities(60, 20);
    expect(await readFullPass(database.db, 10)).toMatchObject({ entities: 80, hours: 8 });
    expect(await readFullPass(database.db, 10, [{ entityType: 'event', perHour: 1 }])).toMatchObject({ hours: 20 });
    expect(await readFullPass(database.db, 10, [{ entityType: 'event', perHour: 100 }])).toMatchObject({ hours: 6 });
  });
});
