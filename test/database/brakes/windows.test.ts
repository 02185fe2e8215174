import { beforeEach, describe, expect, test } from 'vitest';
import { coolDown, readCoolDowns, releaseCoolDowns } from '../../../src/database/brakes/budget.ts';
import { auditsKeptFor, readWindows, type WindowKind } from '../../../src/database/brakes/windows.ts';
import {
  addWindow,
  endWindow,
  type WindowOrder,
  WindowRefusedError,
} from '../../../src/database/pace/change-windows.ts';
import { readBrakes } from '../../../src/database/pace/read-brakes.ts';
import { readOldestDueEvent } from '../../../src/database/queue/counts.ts';
import { type DueCause, makeUnchecked } from '../../../src/database/entities/make-due.ts';
import { createTestDatabase } from '../../support/database.ts';
import { addAuditEntity, entityNow } from '../entities/support.ts';
import { claim, dueIds, emptyQueue, insertEvent, openTransaction, settings, untilBlocked } from '../queue/queue.ts';
import { settingsWith } from './settings.ts';

const database = await createTestDatabase();
beforeEach(async () => {
  await emptyQueue(database.db);
  await database.db.query(
    'truncate artwork_reconciler.pause_window, artwork_reconciler.operator_action, artwork_reconciler.budget cascade',
  );
});

const by = { actor: 'ida', note: 'maintenance' };
const inHours = (hours: number): Date => new Date(Date.now() + hours * 3_600_000);
const fromTo = (from: number | null, to: number): WindowOrder => ({
  kind: 'moments',
  begins: from === null ? null : inHours(from),
  ends: inHours(to),
  daily: false,
});
const add = (order: WindowOrder, stops: WindowKind = 'all') =>
  addWindow(database.db, { order, stops, reason: 'maintenance', by });
const brakes = async () => {
  const on = await readBrakes(database.db, settingsWith());
  return on.filter(({ name }) => name.startsWith('window_')).map(({ name, stops, until }) => [name, stops, until]);
};
/** Moves all windows, as if so many hours had passed for them. */
const pass = (hours: number) =>
  database.db.query(
    `update artwork_reconciler.pause_window
     set begins = begins - make_interval(secs => $1), ends = ends - make_interval(secs => $1),
         ended_at = ended_at - make_interval(secs => $1)`,
    [hours * 3600],
  );

describe('a window', () => {
  test.each([
    ['audits', ['window_audits']],
    ['events', ['window_events']],
    ['all', ['window_audits', 'window_events']],
  ] as const)('of %s stops just these, until it ends by itself', async (stops, names) => {
    const event = await insertEvent(database.db, { age: 30 });
    const window = await add(fromTo(null, 2), stops);
    expect(window).toMatchObject({ isOn: true, stops, daily: false });
    expect((await brakes()).map(([name]) => name)).toEqual(names);
    for (const [, , until] of await brakes()) expect(until).toEqual(window.until);
    const kept = await auditsKeptFor(database.db, 'release');
    expect(kept === null).toBe(stops === 'events');
    if (kept !== null) expect(Math.abs(kept.seconds - 7200)).toBeLessThan(60);
    const stopsEvents = stops !== 'audits';
    expect(await dueIds(database.db)).toEqual(stopsEvents ? [] : [event]);
    if (stopsEvents) {
      expect(await claim(database.db, event)).toMatchObject({
        kind: 'not_claimed',
        reason: expect.stringContaining('maintenance') as string,
      });
    }

    await pass(2.5);
    expect(await brakes()).toEqual([]);
    expect(await readWindows(database.db)).toEqual([]);
    expect(await auditsKeptFor(database.db, 'release')).toBeNull();
    expect(await dueIds(database.db)).toEqual([event]);
  });

  test('that is to come stops nothing before it begins', async () => {
    const window = await add(fromTo(1, 3));
    expect(window.isOn).toBe(false);
    expect(await brakes()).toEqual([]);
    expect(await auditsKeptFor(database.db, 'release')).toBeNull();
    await pass(1.5);
    expect(await brakes()).toHaveLength(2);
  });

  test('makes no event late that was kept for it', async () => {
    await insertEvent(database.db, { age: 5 * 60 });
    const late = async () => (await readOldestDueEvent(database.db, settings))?.dueForSeconds ?? null;
    expect(await late()).toBeGreaterThan(4 * 3600);
    await add(fromTo(null, 2), 'events');
    expect(await late()).toBeNull();
    await pass(2.25);
    const after = (await late())!;
    expect(after).toBeGreaterThan(14 * 60);
    expect(after).toBeLessThan(20 * 60);
    // One without audits only takes nothing from it.
    await database.db.query('truncate artwork_reconciler.pause_window');
    await add(fromTo(null, 2), 'audits');
    await pass(2.25);
    expect(await late()).toBeGreaterThan(4 * 3600);
  });

  test('of every day comes again after 24 hours, and is no two at once', async () => {
    // By the minute of the database's clock: from half an hour ago for an hour, whatever the time of day.
    const minute = Math.floor((Date.now() % 86_400_000) / 60_000);
    const [fromMinute, untilMinute] = [(minute + 1410) % 1440, (minute + 30) % 1440];
    const window = await add({ kind: 'times', fromMinute, untilMinute, daily: true });
    expect(window.isOn).toBe(true);
    expect(window.until.getTime() - window.since.getTime()).toBe(3_600_000);
    for (const [hours, isOn] of [
      [1, false],
      [22, false],
      [1, true],
      [24, true],
      [24 * 365, true],
      [2, false],
    ] as const) {
      await pass(hours);
      expect([hours, (await brakes()).length > 0]).toEqual([hours, isOn]);
      const [next] = await readWindows(database.db);
      expect(next!.isOn).toBe(isOn);
      expect(next!.until.getTime()).toBeGreaterThan(Date.now() - 1000);
      expect(next!.until.getTime() - Date.now()).toBeLessThan(24.6 * 3_600_000);
    }
  });

  test('of times of day is the one that is on, or else the next', async () => {
    const minute = Math.floor((Date.now() % 86_400_000) / 60_000);
    const at = (minutes: number) => (minute + minutes + 1440) % 1440;
    const order = (from: number | null, until: number): WindowOrder => ({
      kind: 'times',
      fromMinute: from === null ? null : at(from),
      untilMinute: at(until),
      daily: false,
    });
    const now = Date.now();
    const hours = (window: { since: Date; until: Date }) =>
      [window.since, window.until].map((moment) => Math.round((moment.getTime() - now) / 3_600_000));
    expect(hours(await add(order(-60, 60)))).toEqual([-1, 1]);
    expect(hours(await add(order(60, 180)))).toEqual([1, 3]);
    expect(hours(await add(order(-180, -60)))).toEqual([21, 23]);
    expect(hours(await add(order(null, 120)))).toEqual([0, 2]);
    expect(hours(await add(order(null, -60)))).toEqual([0, 23]);
  });

  test('that overlaps another keeps the brake on until the later end', async () => {
    await add(fromTo(null, 1));
    const { until } = await add(fromTo(null, 3), 'audits');
    expect((await brakes())[0]).toEqual(['window_audits', 'audits', until]);
    expect((await auditsKeptFor(database.db, null))!.seconds).toBeGreaterThan(2 * 3600);
  });

  test('ends when a person says so, is recorded before and after, and does not come again', async () => {
    const { db } = database;
    await insertEvent(db, { age: 5 * 60 });
    const { id } = await add(fromTo(null, 2), 'events');
    expect(await endWindow(db, { id, by: { actor: 'bob', note: 'done early' } })).toMatchObject({ id, isOn: true });
    expect(await brakes()).toEqual([]);
    expect(await endWindow(db, { id, by })).toBeNull();
    expect((await readOldestDueEvent(db, settings))!.dueForSeconds).toBeLessThan(60);
    const { rows } = await db.query(
      `select actor, action, target, note, before->>'ended_at' as before, after->>'ended_at' is not null as ended
       from artwork_reconciler.operator_action order by id`,
    );
    expect(rows).toEqual([
      { actor: 'ida', action: 'add window', target: 'window', note: 'maintenance', before: null, ended: false },
      { actor: 'bob', action: 'end window', target: 'window', note: 'done early', before: null, ended: true },
    ]);
    await pass(48);
    expect(await brakes()).toEqual([]);
  });
});

test('the same window once more is that one, unless it was ended meanwhile; one an hour later is another', async () => {
  const [first, again] = [await add(fromTo(null, 2)), await add(fromTo(null, 2))];
  expect(again.id).toBe(first.id);
  const later = await add(fromTo(1, 3));
  await endWindow(database.db, { id: first.id, by });
  const anew = await add(fromTo(null, 2));
  expect((await readWindows(database.db)).map(({ id }) => id)).toEqual([anew.id, later.id]);
});

test('a window that is on is there once the claims that are being made are over', async () => {
  const { db } = database;
  const event = await insertEvent(db, { age: 30 });
  const claiming = await openTransaction(db);
  await claiming.tx.query(`select pg_advisory_xact_lock_shared(hashtextextended('artwork_reconciler.pause', 0))`);
  const adding = add(fromTo(null, 1), 'events');
  await untilBlocked(db);
  expect(await readWindows(db)).toEqual([]);
  await claiming.commit();
  expect(await adding).toMatchObject({ isOn: true });
  expect(await claim(db, event)).toMatchObject({ kind: 'not_claimed' });
});

test('audits that waited for a window are due when a person ends it, unless another window keeps them', async () => {
  const { db } = database;
  const key = await addAuditEntity(db);
  const settled = await addAuditEntity(db);
  const waits = (id: number, cause: DueCause) => makeUnchecked(db, id, { waitSeconds: 7200, cause });
  await waits(key.id, 'window');
  await waits(settled.id, 'settling');
  const [one, other] = [await add(fromTo(null, 2)), await add(fromTo(null, 2), 'audits')];
  await endWindow(db, { id: one.id, by });
  expect(await entityNow(db, key)).toMatchObject({ dueCause: 'window' });
  await endWindow(db, { id: other.id, by });
  expect(await entityNow(db, key)).toMatchObject({ dueCause: null, dueAt: null });
  expect(await entityNow(db, settled)).toMatchObject({ dueCause: 'settling' });
});

test('windows that were over a month ago are forgotten with the next one, and none that comes again', async () => {
  const daily: WindowOrder = { kind: 'times', fromMinute: 0, untilMinute: 60, daily: true };
  const endedEarly = await add(daily);
  await endWindow(database.db, { id: endedEarly.id, by });
  await add(fromTo(null, 1));
  await pass(24 * 25);
  const comesAgain = await add(daily);
  const lately = await add(fromTo(null, 1));
  const idsAfter = async (days: number): Promise<readonly number[]> => {
    await pass(24 * days);
    await add(fromTo(null, 0.1), 'audits');
    const { rows } = await database.db.query<{ id: number }>(
      `select id from artwork_reconciler.pause_window where stops = 'all' order by id`,
    );
    return rows.map(({ id }) => id);
  };
  expect(await idsAfter(6)).toEqual([comesAgain.id, lately.id]);
  expect(await idsAfter(30)).toEqual([comesAgain.id]);
});

test.each([
  ['begins and ends at the same time', 1, 1, 'at the same time'],
  ['ends before it begins', 2, 1, 'before it begins'],
  ['is over', -2, -1, 'over already'],
  ['lasts longer than a week', 0, 7 * 24 + 1, 'a window 7 at most'],
])('a window that %s is refused with the reason, and nothing is written', async (_, from, to, reason) => {
  const begins = inHours(from);
  const ends = new Date(begins.getTime() + (to - from) * 3_600_000);
  const asked = add({ kind: 'moments', begins, ends, daily: false });
  await expect(asked).rejects.toThrow(WindowRefusedError);
  await expect(asked).rejects.toThrow(reason);
  const { rows } = await database.db.query('select from artwork_reconciler.operator_action');
  expect([rows, await readWindows(database.db)]).toEqual([[], []]);
});

test('a window of exactly a week is one', async () => {
  const begins = inHours(1);
  const ends = new Date(begins.getTime() + 7 * 86_400_000);
  expect(await add({ kind: 'moments', begins, ends, daily: false })).toMatchObject({ isOn: false });
});

test('a cool-down is released by a person: recorded, only where it was seen, and the next begins small', async () => {
  const { db } = database;
  await coolDown(db, 'archive', { defaultSeconds: 600, reason: 'HTTP 429' });
  await coolDown(db, 'musicbrainz', { defaultSeconds: 600, reason: 'HTTP 503' });
  const seen = (await readCoolDowns(db, 'archive'))[0]!.since;
  const other = new Date(seen.getTime() - 60_000);
  expect(await releaseCoolDowns(db, { services: ['archive'], since: other, by })).toEqual([]);
  expect(await releaseCoolDowns(db, { services: ['archive'], since: seen, by })).toMatchObject([
    { service: 'archive', reason: 'HTTP 429' },
  ]);
  expect((await readCoolDowns(db)).map(({ service }) => service)).toEqual(['musicbrainz']);
  expect(await releaseCoolDowns(db, { services: ['archive', 'musicbrainz'], by })).toHaveLength(1);
  const { rows } = await db.query(
    `select actor, action, target, before->>'reason' as reason, note from artwork_reconciler.operator_action order by id`,
  );
  expect(rows).toEqual([
    { actor: 'ida', action: 'release brake', target: 'cool_down_archive', reason: 'HTTP 429', note: 'maintenance' },
    { actor: 'ida', action: 'release brake', target: 'cool_down_musicbrainz', reason: 'HTTP 503', note: 'maintenance' },
  ]);
  expect((await coolDown(db, 'archive', { defaultSeconds: 600, reason: 'again' })).streak).toBe(1);
});
