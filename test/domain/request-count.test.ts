import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addCounts, type RequestCounts, requestKinds } from '../../src/domain/queue/request-count.ts';

test('every kind of request is counted apart', () => {
  const each = Object.fromEntries(requestKinds.map((kind, n) => [kind, n + 1])) as RequestCounts;
  expect(addCounts(each)).toEqual(each);
  expect(addCounts(each, each)).toEqual(Object.fromEntries(requestKinds.map((kind, n) => [kind, 2 * n + 2])));
  expect([...requestKinds].sort()).toEqual(
    'check_limit copy delete details download metadata node put scrape tasks ws'.split(' '),
  );
});

test('a kind that was not used is left out of the sum, one that was counted as none is not', () => {
  expect(addCounts()).toStrictEqual({});
  expect(addCounts({}, {})).toStrictEqual({});
  expect(addCounts({ put: 0 }, { copy: 2, ws: undefined }, { copy: 3 })).toStrictEqual({ put: 0, copy: 5 });
});

test('the sum is the same in any order, and leaves what it adds up alone', () => {
  const counts = fc.record(Object.fromEntries(requestKinds.map((kind) => [kind, fc.nat(1000)])), { requiredKeys: [] });
  fc.assert(
    fc.property(counts, counts, counts, (a: RequestCounts, b: RequestCounts, c: RequestCounts) => {
      const before = structuredClone([a, b, c]);
      const sum = addCounts(a, b, c);
      expect(sum).toEqual(addCounts(c, addCounts(b, a)));
      expect([a, b, c]).toEqual(before);
      expect(sum).not.toBe(a);
    }),
    { numRuns: 50 },
  );
});
