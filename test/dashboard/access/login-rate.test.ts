import { expect, test } from 'vitest';
import { limitLogins } from '../../../src/dashboard/access/login-rate.ts';

const limits = { perAddress: 2, overall: 3 };

test('the next minute begins anew, and until then the wait is what is left of this one', () => {
  const limit = limitLogins();
  expect([0, 10_000, 20_000].map((now) => limit('a', limits, now))).toEqual([null, null, 40]);
  expect(limit('a', limits, 59_999)).toBe(1);
  expect(limit('a', limits, 60_000)).toBe(null);
});

test('what was refused does not count', () => {
  const limit = limitLogins();
  for (let i = 0; i < 10; i++) limit('a', limits, 0);
  expect(limit('b', limits, 0)).toBe(null);
  expect(limit('c', limits, 0)).toBe(60);
});

test('a clock that is set back locks nobody out', () => {
  const limit = limitLogins();
  for (let i = 0; i < 3; i++) limit('a', limits, 1_000_000);
  expect(limit('a', limits, 0)).toBe(null);
});
