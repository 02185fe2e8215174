import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Account, afterStarting, reckon, startable } from '../../../src/database/pace/pace-tick.ts';

const begin = Date.UTC(2026, 0, 1);
const at = (seconds: number): Date => new Date(begin + seconds * 1000);

/** Starts everything that may be started at each of the given moments. Returns how many at each. */
function run(perHour: number, moments: readonly number[], tickSeconds = 60): number[] {
  let account: Account = { lastTickAt: null, owed: 0 };
  return moments.map((seconds) => {
    account = reckon(account, at(seconds), { perHour, tickSeconds });
    const started = startable(account.owed);
    account = { ...account, owed: afterStarting(account.owed, started) };
    return started;
  });
}

const everyMinute = (count: number, from = 0): number[] => Array.from({ length: count }, (_, n) => (from + n) * 60);
const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

describe('the pace', () => {
  test('of 600 an hour is ten a minute, each minute', () => {
    expect(new Set(run(600, everyMinute(1440)))).toEqual(new Set([10]));
  });

  test('of 10 an hour is one every six minutes', () => {
    const started = run(10, everyMinute(60));
    expect(started.flatMap((count, minute) => (count === 1 ? [minute] : []))).toEqual([
      5, 11, 17, 23, 29, 35, 41, 47, 53, 59,
    ]);
    expect(sum(started)).toBe(10);
  });

  test('of 10 a day is one in 144 minutes', () => {
    expect(sum(run(10 / 24, everyMinute(1440)))).toBe(10);
  });

  test('makes up for a run that came late or was lost', () => {
    expect(run(60, [0, 60, 180, 240])).toEqual([1, 1, 2, 1]);
    expect(sum(run(60, [0, 65, 120, 189, 240]))).toBe(5);
  });

  test('catches up nothing of a longer pause', () => {
    expect(run(600, [0, 60, 60 + 3600, 120 + 3600])).toEqual([10, 10, 10, 10]);
  });

  test('continues where the clock is set, whichever way', () => {
    expect(run(600, [0, 60, 60 - 3600, 120 - 3600, 180 - 3600])).toEqual([10, 10, 0, 10, 10]);
    expect(run(600, [0, 60, 60 + 86_400, 120 + 86_400])).toEqual([10, 10, 10, 10]);
  });

  test('counts a run that comes before the last one, or with it, for nothing', () => {
    expect(run(600, [0, 60, 30, 60, 120])).toEqual([10, 10, 0, 0, 10]);
  });

  test('whose audits could not be started owes less than one of them', () => {
    expect(startable(afterStarting(10, 0))).toBe(0);
    expect(afterStarting(0.4, 0)).toBeCloseTo(0.4);
    // One let through although less than one was owed (a probe) is not owed back.
    expect(afterStarting(0.4, 1)).toBe(0);
  });

  test('never starts more than two ticks’ worth at once, and over any time no more than that time is worth', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.1, max: 5000, noNaN: true }),
        fc.array(fc.double({ min: -200, max: 4000, noNaN: true }), { minLength: 1, maxLength: 200 }),
        (perHour, steps) => {
          let now = 0;
          const moments = [0, ...steps.map((step) => (now += step))];
          const started = run(perHour, moments);
          const tick = perHour / 60;
          for (const count of started) expect(count).toBeLessThanOrEqual(2.5 * tick + 1);
          const forward = sum(steps.map((step) => Math.max(step, 0)));
          expect(sum(started)).toBeLessThanOrEqual((perHour / 3600) * forward + tick + 1);
        },
      ),
    );
  });
});
