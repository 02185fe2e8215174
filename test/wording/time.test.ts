import { expect, test } from 'vitest';
import { inUtc } from '../../src/domain/brake.ts';
import { fullPassInWords, paceAndSourceInWords } from '../../src/wording/schedule.ts';
import {
  aboutDuration,
  agoInWords,
  exactDuration,
  momentInWords,
  parseAge,
  parseSince,
  rounded,
  wholeDuration,
} from '../../src/wording/time.ts';

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

test.each([
  [0.4, '0 s'],
  [59.7, '1 min'],
  [238.2, '4 min'],
  [3599, '1 h'],
  [47.6 * 3600, '2 days'],
  [12.4 * 86_400, '12 days'],
])('about %d seconds are %s', (seconds, words) => {
  expect(aboutDuration(seconds)).toBe(words);
});

test.each([
  [0, '0 s'],
  [90, '90 s'],
  [5400, '90 min'],
  [36 * 3600, '36 h'],
  [86_400, '1 day'],
  [1.5 * 7 * 86_400, '252 h'],
  [1200 * 86_400, '1,200 days'],
])('a limit of %d seconds is said as %s', (seconds, words) => {
  expect(exactDuration(seconds)).toBe(words);
});

test.each([
  [15.1, '15.1 audits an hour (362 a day, one in 4 min), set by ida'],
  [600, '600 audits an hour (14,400 a day, one in 6 s), set by ida'],
  [7200, '7,200 audits an hour (172,800 a day, 2 a second), set by ida'],
])('a pace of %d audits an hour is said in whole units', (perHour, words) => {
  const pace = { perHour, source: 'operator', setBy: 'ida', setAt: new Date() } as const;
  expect(paceAndSourceInWords(pace as unknown as Parameters<typeof paceAndSourceInWords>[0])).toBe(words);
});

test('a full pass is said in whole units', () => {
  expect(fullPassInWords({ entities: 5000, isEstimate: true, auditsEach: 1, hours: 8.33 })).toBe(
    '8 h for about 5,000 entities',
  );
  expect(fullPassInWords({ entities: 500, isEstimate: false, auditsEach: 1.625, hours: 50 })).toBe(
    '2 days for 500 entities, 1.63 audits each',
  );
});

test('a moment is told with its zone', () => {
  const moment = new Date('2026-01-31T12:00:00.750Z');
  expect(inUtc(moment)).toBe('2026-01-31 12:00:00 UTC');
  expect(momentInWords(moment, new Date('2026-01-31T15:30:00Z'))).toBe('2026-01-31 12:00:00 UTC (3 h ago)');
  expect(agoInWords(moment, new Date('2026-01-31T11:59:50Z'))).toBe('in 10 s');
});

test.each([
  [0.01234, '0.0123'],
  [99.94, '99.9'],
  [100.4, '100'],
  [1234.5, '1,235'],
])('%d has as many digits as one reads: %s', (number, words) => {
  expect(rounded(number)).toBe(words);
});

test.each([
  ['90s', 90],
  ['1.5m', 90],
  ['2h', 7200],
  [' 3d ', 259_200],
  ['2w', 1_209_600],
  ['36500d', 3_153_600_000],
  // Beyond what PostgreSQL's clock can go back.
  ['36501d', null],
  ['5300w', null],
  ['3', null],
  ['3y', null],
  ['-3d', null],
  ['1e3d', null],
])('an age of %j is, in seconds, %j', (written, seconds) => {
  expect(parseAge(written)).toBe(seconds);
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
