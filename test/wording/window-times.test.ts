import { describe, expect, test } from 'vitest';
import { readWindowOrder, windowInWords } from '../../src/wording/window-times.ts';

const moments = (begins: string | null, ends: string) => ({
  kind: 'moments',
  begins: begins === null ? null : new Date(begins),
  ends: new Date(ends),
  daily: false,
});
const times = (fromMinute: number | null, untilMinute: number, daily: boolean) => ({
  kind: 'times',
  fromMinute,
  untilMinute,
  daily,
});

test.each([
  ['22:00', '02:00', true, times(1320, 120, true)],
  ['22:00', '2:00 UTC', false, times(1320, 120, false)],
  ['00:30+01:00', '22:00-05:30', true, times(1410, 210, true)],
  [undefined, '02:00', false, times(null, 120, false)],
  ['2026-11-01T22:00', '2026-11-02 02:00', false, moments('2026-11-01T22:00Z', '2026-11-02T02:00Z')],
  ['2026-11-01T22:00+01:00', '2026-11-01T22:00:30Z', false, moments('2026-11-01T21:00Z', '2026-11-01T22:00:30Z')],
  [undefined, '2026-11-01T22:00', false, moments(null, '2026-11-01T22:00Z')],
])('from %s until %s, daily %s', (from, until, daily, order) => {
  expect(readWindowOrder({ from, until, daily })).toEqual(order);
});

describe('is no window, and says where and why', () => {
  test.each([
    ['22:00', undefined, false, 'until', 'takes a time of day like 22:00 or a moment'],
    ['22:00', 'later', false, 'until', 'it got "later"'],
    ['24:00', '02:00', false, 'from', 'it got "24:00"'],
    ['2026-02-30T10:00', '2026-03-01T10:00', false, 'from', 'it got "2026-02-30T10:00"'],
    ['22:00', '22:00', false, 'until', 'begin and end at the same time'],
    ['22:00', '23:00+01:00', true, 'until', 'begin and end at the same time'],
    [undefined, '02:00', true, 'daily', 'takes times of day for from and until'],
    ['2026-11-01T22:00', '2026-11-02T02:00', true, 'daily', 'takes times of day'],
    ['22:00', '2026-11-02T02:00', false, 'until', 'takes a time of day where from is one'],
  ])('from %s until %s, daily %s', (from, until, daily, field, message) => {
    expect(readWindowOrder({ from, until, daily })).toEqual({
      kind: 'wrong',
      field,
      message: expect.stringContaining(message) as string,
    });
  });
});

test('is told in one line, with how long it lasts or when it begins', () => {
  const window = {
    id: 3,
    stops: 'events',
    entityType: null,
    daily: true,
    reason: 'the archive\nrests',
    actor: 'ida',
    since: new Date('2026-11-01T22:00:00Z'),
    until: new Date('2026-11-02T02:00:00Z'),
    isOn: true,
  } as const;
  const words = 'no events, daily, from 2026-11-01 22:00:00 UTC until 2026-11-02 02:00:00 UTC';
  expect(windowInWords(window, new Date('2026-11-01T23:00:00Z'))).toBe(
    `${words}, on, ends in 3 h: the archive rests, by ida`,
  );
  expect(windowInWords({ ...window, isOn: false }, new Date('2026-11-01T21:50:00Z'))).toBe(
    `${words}, begins in 10 min: the archive rests, by ida`,
  );
});
