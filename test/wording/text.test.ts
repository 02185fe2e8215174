import { expect, test } from 'vitest';
import {
  changesBetween,
  countInWords,
  nameInWords,
  numberOf,
  percent,
  quotedName,
  roundShare,
  shortened,
  ungrouped,
} from '../../src/wording/text.ts';

test.each([
  [0, '0 events'],
  [1, '1 event'],
  [1200, '1,200 events'],
])('%d is said with its name in singular or plural', (count, words) => {
  expect(numberOf(count, 'event', 'events')).toBe(words);
});

test('a count that ended early is said to be that many at least', () => {
  expect(countInWords({ count: 10_000, exact: false })).toBe('10,000+');
  expect(countInWords({ count: 10_000, exact: true })).toBe('10,000');
});

test.each([
  ['1,200', '1200'],
  [' 1 200 ', '1200'],
  ['1\u202f200\u202f300', '1200300'],
  ['1,200.5', '1200.5'],
  // A comma that groups no thousands may be meant as a decimal one.
  ['1,2', '1,2'],
  ['1,20,000', '1,20,000'],
  ['12 events', '12 events'],
])('%j is read as %j', (written, read) => {
  expect(ungrouped(written)).toBe(read);
});

test.each([
  [0, '0 %'],
  [0.004, '0.4 %'],
  [0.934, '93 %'],
  [0.9961, '99.6 %'],
  [1, '100 %'],
])('a share of %d is %s', (share, words) => {
  expect(percent(share)).toBe(words);
});

test.each([
  [0.000_123, '0.012 %'],
  [0.0123, '1.2 %'],
  [0.944, '94 %'],
])('a share of any size, %d, is %s', (share, words) => {
  expect(roundShare(share)).toBe(words);
});

test('what changed is named value by value, what is gone or new with nothing on the other side', () => {
  const before = { pace: { per_hour: 600, unit: 'hour' }, note: 'a', gone: true };
  const after = { pace: { per_hour: 60, unit: 'hour' }, note: 'a', ids: [] };
  expect(changesBetween(before, after)).toEqual([
    { name: 'pace.per_hour', before: '600', after: '60' },
    { name: 'gone', before: 'true', after: null },
    { name: 'ids', before: null, after: 'none' },
  ]);
  expect(changesBetween(null, { mode: 'repair' })).toEqual([{ name: 'mode', before: null, after: 'repair' }]);
});

test('a long list is told by its first members, and what is nested deeply as JSON', () => {
  const ids = Array.from({ length: 22 }, (_, n) => n);
  expect(changesBetween({}, { ids, a: { b: { c: { d: 1 } } } })).toEqual([
    { name: 'ids', before: null, after: `${ids.slice(0, 20).join(', ')} and 2 more` },
    { name: 'a.b.c', before: null, after: '{"d":1}' },
  ]);
  const most = ids.slice(0, 20);
  expect(changesBetween({}, { most })).toEqual([{ name: 'most', before: null, after: most.join(', ') }]);
});

test('a text is cut to as many characters as it may have, and none of them is cut in two', () => {
  expect(shortened('a\n  b', 3)).toBe('a b');
  expect(shortened('abcd', 4)).toBe('abcd');
  expect(shortened('abcde', 4)).toBe('abc…');
  expect(shortened('👩👩👩👩👩', 4)).toBe('👩👩👩…');
});

test.each([
  [{ name: 'Harbour Songs', artist: 'The Swells', mergedInto: null }, 'Harbour Songs, by The Swells'],
  [{ name: 'Harbour Songs', artist: null, mergedInto: null }, 'Harbour Songs'],
  [{ name: ' ', artist: 'The Swells', mergedInto: null }, '(no name), by The Swells'],
  [
    { name: 'Harbour Songs', artist: 'The Swells', mergedInto: '76df3287-6cda-33eb-8e9a-044b5e15ffdd' },
    'merged into Harbour Songs, by The Swells',
  ],
])('%j is called %j', (name, words) => {
  expect(nameInWords(name)).toBe(words);
  expect(quotedName(name)).toBe(` “${words}”`);
});

test('nothing is quoted where MusicBrainz has no name', () => {
  expect([quotedName(null), quotedName(undefined)]).toEqual(['', '']);
});
