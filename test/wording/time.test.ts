import { expect, test } from 'vitest';
import { parseSince, wholeDuration, withZone } from '../../src/wording/time.ts';

test.each([
  [-1, '0 s'],
  [0.4, '0 s'],
  [59.9, '59 s'],
  [60, '1 min'],
  [238.2, '3 min'],
  [3599, '59 min'],
  [3600, '1 h'],
  [47 * 3600, '47 h'],
  [48 * 3600, '2 days'],
  [400 * 86_400, '400 days'],
  [3 * 365 * 86_400, '3 years'],
])('%d seconds are, in whole units, %s', (seconds, words) => {
  expect(wholeDuration(seconds)).toBe(words);
});

test('a moment is told with its zone', () => {
  expect(withZone(new Date('2026-01-31T12:00:00.750Z'))).toBe('2026-01-31 12:00:00 UTC');
});

const now = new Date('2026-03-01T10:30:00Z');

test.each([
  ['today', '2026-03-01T00:00:00.000Z'],
  [' Yesterday ', '2026-02-28T00:00:00.000Z'],
  ['24h', '2026-02-28T10:30:00.000Z'],
  ['1.5h', '2026-03-01T09:00:00.000Z'],
  ['7d', '2026-02-22T10:30:00.000Z'],
  ['2026-02-28', '2026-02-28T00:00:00.000Z'],
  ['2026-02-28T12:00Z', '2026-02-28T12:00:00.000Z'],
  ['2026-02-28t12:00:30+02:00', '2026-02-28T10:00:30.000Z'],
])('since %j, is since %s', (written, moment) => {
  expect(parseSince(written, now)?.toISOString()).toBe(moment);
});

test.each([
  '',
  'tomorrow',
  '2026-03-02',
  '2026-02-30',
  '2026-13-01',
  '12:00',
  '2026-02-28T12:00',
  '24',
  '-24h',
  'last week',
])('since %j is none', (written) => {
  expect(parseSince(written, now)).toBeNull();
});
