import { beforeEach, describe, expect, test } from 'vitest';
import { coolDown, endCoolDown, readCoolDown, readCoolDowns, takeTurns } from '../../src/database/brakes/budget.ts';
import { openDatabase } from '../../src/database/connection.ts';
import { createTestDatabase } from '../support/database.ts';

const database = await createTestDatabase({ musicbrainz: false });
const { db } = database;
beforeEach(() => db.query('truncate artwork_reconciler.budget'));

/** Takes a turn, and returns the moment that follows it, in milliseconds: what the row says is exact, the answer is late. */
async function takeAndSeeNext(requestsPerSecond: number): Promise<number> {
  await takeTurns(db, 'archive', { requestsPerSecond });
  return nextFree();
}

async function nextFree(): Promise<number> {
  return moment(`(select next_free_at from artwork_reconciler.budget where service = 'archive')`);
}

/** By the database's clock. */
async function moment(sql: string): Promise<number> {
  const { rows } = await db.query<{ at: number }>(`select (extract(epoch from ${sql}) * 1000)::float8 as at`);
  return rows[0]!.at;
}

/** Lets the cool-down in force pass, without waiting for it. */
async function passCoolDown(): Promise<void> {
  await db.query(`update artwork_reconciler.budget set cool_down_until = clock_timestamp()`);
}

describe('turns', () => {
  test('of several processes at once are each a moment of their own, a request’s share apart', async () => {
    const processes = Array.from({ length: 4 }, () => openDatabase({ connectionString: database.url, max: 4 }));
    const before = await moment('clock_timestamp()');
    const turns = await Promise.all(
      Array.from({ length: 120 }, (_, n) => takeTurns(processes[n % 4]!, 'archive', { requestsPerSecond: 1 })),
    );
    const after = await moment('clock_timestamp()');
    await Promise.all(processes.map((each) => each.close()));

    expect(turns.every(({ count }) => count === 1)).toBe(true);
    // 120 slots of 1,050 ms, the first somewhere between: none was given twice, none was left out.
    expect(await nextFree()).toBeGreaterThanOrEqual(before + 120 * 1050);
    expect(await nextFree()).toBeLessThanOrEqual(after + 120 * 1050);
  });

  test('one after the other are never closer than the share, and no second holds more than the rate', async () => {
    const slots: number[] = [];
    for (let n = 0; n < 20; n += 1) slots.push(await takeAndSeeNext(4));
    for (const [n, slot] of slots.slice(1).entries()) expect(slot - slots[n]!).toBeGreaterThan(250);
    for (const start of slots)
      expect(slots.filter((at) => at >= start && at < start + 1000).length).toBeLessThanOrEqual(4);
  });

  test('are not saved up while nobody asks', async () => {
    await takeTurns(db, 'archive', { requestsPerSecond: 1 });
    await db.query(`update artwork_reconciler.budget set next_free_at = clock_timestamp() - interval '1 hour'`);
    const before = await moment('clock_timestamp()');
    const first = await takeAndSeeNext(1);
    expect(first).toBeGreaterThanOrEqual(before + 1000);
    expect(await takeAndSeeNext(1)).toBeGreaterThanOrEqual(first + 1000);
  });

  test('that are further away than the caller would wait are not taken', async () => {
    await takeAndSeeNext(0.01);
    const next = await takeAndSeeNext(0.01);
    const turn = await takeTurns(db, 'archive', { requestsPerSecond: 0.01, maxWaitMs: 60_000 });
    expect(turn.count).toBe(0);
    expect(turn.waitMs).toBeGreaterThan(60_000);
    expect(await nextFree()).toBe(next);
    expect((await takeTurns(db, 'archive', { requestsPerSecond: 0.01, maxWaitMs: 600_000 })).count).toBe(1);
  });

  test('of several processes, several at once, are still each a moment of their own', async () => {
    const processes = Array.from({ length: 4 }, () => openDatabase({ connectionString: database.url, max: 4 }));
    const before = await moment('clock_timestamp()');
    const turns = await Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        takeTurns(processes[n % 4]!, 'archive', { requestsPerSecond: 1, count: 1 + (n % 5) }),
      ),
    );
    const after = await moment('clock_timestamp()');
    await Promise.all(processes.map((each) => each.close()));

    expect(turns.map(({ count }) => count)).toEqual(Array.from({ length: 40 }, (_, n) => 1 + (n % 5)));
    const moments = turns.flatMap(({ databaseNow, waitMs, gapMs, count }) =>
      Array.from({ length: count }, (_, n) => databaseNow + waitMs + n * gapMs),
    );
    moments.sort((one, other) => one - other);
    // Reading the clock of an answer rounds to microseconds.
    for (const [n, slot] of moments.slice(1).entries()) expect(slot - moments[n]!).toBeGreaterThan(1049);
    expect(await nextFree()).toBeGreaterThanOrEqual(before + 120 * 1050);
    expect(await nextFree()).toBeLessThanOrEqual(after + 120 * 1050);
  });

  test('of several that are asked for, those further away than the caller would wait are not taken', async () => {
    const turns = await takeTurns(db, 'archive', { requestsPerSecond: 0.1, count: 100, maxWaitMs: 60_000 });
    // The first now, then one each 10.5 s.
    expect(turns).toMatchObject({ count: 6, waitMs: 0, gapMs: 10_500 });
    expect(await nextFree()).toBeCloseTo(turns.databaseNow + 63_000, 0);
  });

  test('of one service don’t wait for the other’s', async () => {
    await takeTurns(db, 'archive', { requestsPerSecond: 0.01 });
    expect((await takeTurns(db, 'musicbrainz', { requestsPerSecond: 1 })).waitMs).toBe(0);
  });

  test('that were stored before the clock was set back are taken now', async () => {
    await takeTurns(db, 'archive', { requestsPerSecond: 1 });
    const setBack = async (columns: string): Promise<number> => {
      await db.query(`update artwork_reconciler.budget set ${columns}`);
      return (await takeTurns(db, 'archive', { requestsPerSecond: 1, maxWaitMs: 120_000 })).waitMs;
    };
    expect(await setBack(`next_free_at = clock_timestamp() + interval '1 hour'`)).toBe(0);
    const pause = `cool_down_streak = 1, cool_down_since = clock_timestamp() + interval '1 minute'`;
    const until = `cool_down_until = clock_timestamp() + interval '65 seconds', next_free_at = clock_timestamp()`;
    expect(await setBack(`${pause}, ${until}`)).toBe(0);
    // The next pause is one again.
    const { waitSeconds } = await coolDown(db, 'archive', { defaultSeconds: 9, reason: 'SlowDown' });
    expect(waitSeconds).toBeGreaterThan(5);
    expect(await readCoolDown(db, 'archive')).not.toBeNull();
    // What others wait for is not that.
    await db.query(`update artwork_reconciler.budget set cool_down_until = null`);
    expect(await setBack(`next_free_at = clock_timestamp() + interval '100 seconds'`)).toBeGreaterThan(90_000);
  });

  test('without a limit wait for nothing', async () => {
    for (let n = 0; n < 3; n += 1) {
      expect((await takeTurns(db, 'archive', { requestsPerSecond: Infinity })).waitMs).toBe(0);
    }
  });

  test.each([0, -1, NaN])('at %d a second are refused', async (requestsPerSecond) => {
    await expect(takeTurns(db, 'archive', { requestsPerSecond })).rejects.toThrow(/expected a number above 0/);
  });
});

describe('a cool-down', () => {
  const seconds = async (retryAfterSeconds: number | null): Promise<number> => {
    const order = { retryAfterSeconds, defaultSeconds: 60, reason: 'SlowDown' };
    return Math.round((await coolDown(db, 'archive', order)).waitSeconds);
  };

  test.each([
    [120, 120],
    [0, 5],
    [-3, 5],
    [86_400, 3600],
  ])('after Retry-After: %d lasts %d seconds', async (asked, lasts) => {
    expect(await seconds(asked)).toBe(lasts);
  });

  test.each([7 * 86_400, Infinity])('in force is lengthened to an hour at most by Retry-After: %d', async (asked) => {
    await seconds(null);
    expect(await seconds(asked)).toBe(3600);
  });

  test.each([1, NaN, null])('in force is left as it is by Retry-After: %d', async (asked) => {
    await seconds(null);
    const before = await readCoolDown(db, 'archive');
    await seconds(asked);
    expect((await readCoolDown(db, 'archive'))!.until).toEqual(before!.until);
  });

  test('without Retry-After doubles while it lasts, up to an hour, and starts again after a good answer', async () => {
    const lasted: number[] = [];
    for (let n = 0; n < 8; n += 1) {
      lasted.push(await seconds(null));
      await passCoolDown();
    }
    expect(lasted).toEqual([60, 120, 240, 480, 960, 1920, 3600, 3600]);
    expect(await endCoolDown(db, 'archive')).toBe(true);
    expect(await seconds(null)).toBe(60);
  });

  test('is not doubled by the answers to requests that were under way when it began', async () => {
    await Promise.all(Array.from({ length: 8 }, () => seconds(null)));
    expect(await readCoolDown(db, 'archive')).toMatchObject({ streak: 1 });
    expect(await seconds(900)).toBe(900);
    expect(await seconds(20)).toBeGreaterThan(100);
    expect(await readCoolDown(db, 'archive')).toMatchObject({ streak: 1, reason: 'SlowDown' });
  });

  test('is told with why it was ordered, and since when they continue without a good answer between', async () => {
    const order = async (reason: string) => {
      const { reason: told, since, streak } = await coolDown(db, 'archive', { defaultSeconds: 60, reason });
      return { told, since, streak };
    };
    await order('first');
    const since = new Date('2026-01-02T03:04:05Z');
    await db.query('update artwork_reconciler.budget set cool_down_since = $1', [since]);
    expect(await order('under way')).toEqual({ told: 'first', since, streak: 1 });
    await passCoolDown();
    expect(await order('second')).toEqual({ told: 'second', since, streak: 2 });
    expect(await order('under way')).toEqual({ told: 'second', since, streak: 2 });
    await passCoolDown();
    await endCoolDown(db, 'archive');
    const again = await order('third');
    expect(again).toMatchObject({ told: 'third', streak: 1 });
    expect(again.since.getTime()).toBeGreaterThan(since.getTime());
  });

  test('keeps everybody waiting: the next turns come after it, a share apart', async () => {
    await seconds(300);
    const end = await moment(`(select cool_down_until from artwork_reconciler.budget)`);
    const first = await takeAndSeeNext(2);
    expect(first).toBeGreaterThanOrEqual(end + 500);
    expect(await takeAndSeeNext(2)).toBeGreaterThanOrEqual(first + 500);
    expect((await takeTurns(db, 'archive', { requestsPerSecond: 2, maxWaitMs: 1000 })).count).toBe(0);
  });

  test('in force is not ended by a late good answer', async () => {
    await seconds(300);
    expect(await endCoolDown(db, 'archive')).toBe(false);
    expect(await readCoolDowns(db)).toHaveLength(1);
  });

  test('is told with every turn until an answer was good', async () => {
    expect((await takeTurns(db, 'archive', { requestsPerSecond: 100 })).coolDownStreak).toBe(0);
    await seconds(300);
    await passCoolDown();
    expect((await takeTurns(db, 'archive', { requestsPerSecond: 100 })).coolDownStreak).toBe(1);
    await endCoolDown(db, 'archive');
    expect((await takeTurns(db, 'archive', { requestsPerSecond: 100 })).coolDownStreak).toBe(0);
  });
});
