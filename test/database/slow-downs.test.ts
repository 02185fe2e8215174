import { beforeEach, describe, expect, test } from 'vitest';
import { takeTurns } from '../../src/database/brakes/budget.ts';
import {
  blameOthers,
  forgetSlowDowns,
  isToBlame,
  noteSlowDown,
  type Pause,
  type SlowedItem,
} from '../../src/database/brakes/slow-downs.ts';
import { createTestDatabase } from '../support/database.ts';

const { db } = await createTestDatabase({ musicbrainz: false });
beforeEach(() => db.query('truncate artwork_reconciler.slow_down, artwork_reconciler.budget'));

const until = new Date('2026-01-02T03:04:05Z');

/** Everybody pauses for an item; others were answered meanwhile unless told. */
const slowed = (item: string, given: Partial<Pause> = {}): Promise<boolean> =>
  noteSlowDown(db, { item, kind: 'put', until, othersFirstSeconds: 60, othersWereAnswered: true, ...given });

/** As every turn tells of them. */
async function known(): Promise<Readonly<Record<string, SlowedItem>>> {
  return (await takeTurns(db, 'archive', { requestsPerSecond: Infinity })).slowed;
}

async function pass(hours: number): Promise<void> {
  await db.query('update artwork_reconciler.slow_down set at = at - make_interval(hours => $1)', [hours]);
}

describe('an item for which everybody pauses', () => {
  test('is told of with every turn: others are asked first for a while after the pause', async () => {
    expect(await slowed('a')).toBe(false);
    expect(await known()).toEqual({ a: { isToBlame: false, othersFirstUntil: until.getTime() + 60_000 } });
  });

  test('is to blame for its third pause, where others were answered in between', async () => {
    expect([await slowed('a'), await slowed('a'), await slowed('a')]).toEqual([false, false, true]);
    expect(await known()).toMatchObject({ a: { isToBlame: true } });
  });

  test('is to blame for its fifth, where nothing else was asked: it must not stop everybody for ever', async () => {
    const alone = { othersWereAnswered: false };
    const pauses = [await slowed('a')];
    for (let n = 0; n < 4; n += 1) pauses.push(await slowed('a', alone));
    expect(pauses).toEqual([false, false, false, false, true]);
  });

  test('is not, where others are slowed down as well and nobody is answered', async () => {
    for (let n = 0; n < 10; n += 1) {
      expect(await slowed('a', { othersWereAnswered: false })).toBe(false);
      expect(await slowed('b', { othersWereAnswered: false })).toBe(false);
    }
  });

  test('is counted once for all that was sent before the pause', async () => {
    const inForce = { until: new Date(Date.now() + 3_600_000) };
    for (let n = 0; n < 6; n += 1) expect(await slowed('a', inForce)).toBe(false);
  });

  test('is counted afresh once another one is paused for, for the same kind of request', async () => {
    await slowed('a');
    await slowed('a');
    await slowed('b', { until: new Date(until.getTime() + 5000) });
    expect(await known()).toMatchObject({ a: { othersFirstUntil: until.getTime() + 65_000 } });
    expect([await slowed('a'), await slowed('a')]).toEqual([false, true]);
  });

  test('continues being counted where another one is paused for another kind of request', async () => {
    await slowed('a');
    await slowed('a');
    await slowed('b', { kind: 'metadata' });
    expect(await slowed('a')).toBe(true);
  });

  test('stays to blame whoever else is paused for', async () => {
    for (let n = 0; n < 3; n += 1) await slowed('a');
    await slowed('b', { until: new Date(until.getTime() + 5000) });
    expect(await known()).toMatchObject({ a: { isToBlame: true, othersFirstUntil: until.getTime() + 60_000 } });
    expect(await isToBlame(db, 'a')).toBe(true);
    expect(await isToBlame(db, 'b')).toBe(false);
  });

  test('was noted in a time to come where the clock was set back since: then nobody waits for it', async () => {
    await slowed('a');
    await pass(-1);
    expect(await known()).toMatchObject({ a: { othersFirstUntil: 0 } });
  });

  test('is forgotten after a day', async () => {
    for (let n = 0; n < 3; n += 1) await slowed('a');
    await pass(23);
    expect(await known()).toHaveProperty('a');
    // Asking whether it is remembers it for another day.
    expect(await isToBlame(db, 'a')).toBe(true);
    await pass(23);
    expect(await isToBlame(db, 'a')).toBe(true);
    await pass(24);
    expect(await known()).toEqual({});
    expect(await isToBlame(db, 'a')).toBe(false);
    // Nor does what was before count.
    expect([await slowed('a'), await slowed('a'), await slowed('a')]).toEqual([false, false, true]);
  });
});

describe('an answer', () => {
  test('to the item itself, for the same kind of request, ends it; to another kind tells nothing', async () => {
    await slowed('a');
    await slowed('b');
    await forgetSlowDowns(db, 'a', 'metadata');
    expect(Object.keys(await known()).sort()).toEqual(['a', 'b']);
    await forgetSlowDowns(db, 'a', 'put');
    expect(Object.keys(await known())).toEqual(['b']);
  });

  test.each([
    ['to the same kind, asked after it', { item: 'b', kind: 'put', sentAgo: 0 }, true],
    ['to the same kind, asked before it', { item: 'b', kind: 'put', sentAgo: 3_600_000 }, false],
    ['to another kind', { item: 'b', kind: 'metadata', sentAgo: 0 }, false],
    ['of the item itself', { item: 'a', kind: 'put', sentAgo: 0 }, false],
  ])('%s: the item is to blame or not', async (_what, answer, blamed) => {
    await slowed('a');
    await blameOthers(db, answer);
    expect(await isToBlame(db, 'a')).toBe(blamed);
  });
});
