import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import {
  answerClassOf,
  ClaimGoneError,
  CoolDownError,
  KeyRefusedError,
  RefusedError,
  serviceOf,
  UnreadableError,
  WindowError,
} from '../../src/clients/errors.ts';
import { retryAfterSeconds } from '../../src/clients/http.ts';
import { requestKinds } from '../../src/domain/queue/request-count.ts';

test.each([
  [200, '2xx'],
  [204, '2xx'],
  [307, '3xx'],
  [400, '4xx'],
  [404, '404'],
  [429, '429'],
  [500, '5xx'],
  [503, '503'],
  [599, '5xx'],
  [700, 'none'],
])('%i is counted as %s', (status, answer) => {
  expect(answerClassOf(status)).toBe(answer);
});

test('only the web service’s requests are taken from its budget, and all others from the archive’s', () => {
  expect(requestKinds.filter((kind) => serviceOf(kind) === 'musicbrainz')).toEqual(['ws']);
  expect(requestKinds.filter((kind) => serviceOf(kind) === 'archive')).toHaveLength(requestKinds.length - 1);
});

const noon = Date.parse('2026-01-31T12:00:00Z');

// A machine's own zone is no part of a date of HTTP's.
beforeAll(() => void vi.stubEnv('TZ', 'Asia/Tokyo'));
afterAll(() => void vi.unstubAllEnvs());

test.each([
  ['120', 120],
  [' 7 ', 7],
  ['0', 0],
  [['5', '9'], 5],
  ['Sat, 31 Jan 2026 12:02:00 GMT', 120],
  ['Saturday, 31-Jan-26 13:00:00 GMT', 3600],
  // The third form that HTTP has of a date says no zone, and means the same one.
  ['Sat Jan 31 12:02:00 2026', 120],
  // A date may end like a number of seconds.
  ['Sat, 31 Jan 2026 12:02:00 +0000', 120],
  ['1.5', 1.5],
  ['Sat, 31 Jan 2026 11:59:00 GMT', 0],
  ['soon', null],
  // A date of a form that HTTP does not have, and that begins like a number of seconds.
  ['31 Jan 2026 12:02:00 GMT', 120],
  ['', null],
  [undefined, null],
])('Retry-After: %j asks for a pause of %j seconds', (header, seconds) => {
  expect(retryAfterSeconds({ headers: { 'retry-after': header } }, noon)).toBe(seconds);
});

test('Retry-After as a date is compared with the clock of who said it', () => {
  const headers = { date: 'Sat, 31 Jan 2026 12:00:00 GMT', 'retry-after': 'Sat, 31 Jan 2026 12:02:00 GMT' };
  expect(retryAfterSeconds({ headers })).toBe(120);
});

test('Retry-After as a date is compared with the clock of now where nobody says another', () => {
  const inAnHour = new Date(Date.now() + 3_600_000).toUTCString();
  const seconds = retryAfterSeconds({ headers: { 'retry-after': inAnHour } });
  expect(seconds).toBeGreaterThan(3500);
  expect(seconds).toBeLessThanOrEqual(3600);
});

test('a wait is told in whole seconds, and never as shorter than it is', () => {
  const waits = [
    new CoolDownError('archive', 0.2),
    new CoolDownError('archive', 61.5, 'mbid-x'),
    new WindowError('maintenance', 9.1),
  ];
  expect(waits.map(({ message }) => message)).toEqual([
    'archive is cooling down for another 1 s',
    'mbid-x was slowed down: it alone waits another 62 s, while other items are asked first',
    'a window keeps the archive from being asked for another 10 s: maintenance',
  ]);
  expect(waits.map(({ waitSeconds }) => waitSeconds)).toEqual([0.2, 61.5, 9.1]);
});

test('a log names what became of a request by its kind', () => {
  const details = { status: 403, code: null, bodyExcerpt: '', requestId: null };
  const errors = [
    new UnreadableError('no whole answer'),
    new CoolDownError('archive', 1),
    new ClaimGoneError('mbid-x'),
    new WindowError('maintenance', 1),
    new KeyRefusedError('caa', 'HTTP 403', details),
    new RefusedError('HTTP 404'),
  ];
  expect(errors.map(String)).toEqual([
    'UnreadableError: no whole answer',
    'CoolDownError: archive is cooling down for another 1 s',
    "ClaimGoneError: the event's claim is gone, and the write was not sent: mbid-x",
    'WindowError: a window keeps the archive from being asked for another 1 s: maintenance',
    'KeyRefusedError: HTTP 403',
    'RefusedError: HTTP 404',
  ]);
});
