import { describe, expect, test } from 'vitest';
import { lastWritten } from '../../src/domain/imports/line-reading.ts';
import {
  coverageOf,
  fruitlessLimit,
  giveUpScan,
  newScan,
  restartScan,
  resumeScan,
  type ScanState,
  takePage,
} from '../../src/domain/imports/scan-state.ts';
import { after, foreignPage, itemOf, page } from './scan-pages.ts';

describe('a scan that is resumed', () => {
  const begun = { ...after(newScan, page(5, 'a', 10)), fruitless: 2, pending: 3 };
  const stopped = giveUpScan(begun, 'x');

  test.each<readonly [string, ScanState | null, boolean]>([
    ['there was none', null, false],
    ['that is asked for', begun, true],
    ['it was complete', after(begun, page(5, null, 10)), false],
    ['it came to the end of what is shown', takePage(newScan, page(1, null, 1), 100).state, false],
  ])('starts again where %s', (_, state, fromStart) => {
    expect(resumeScan(state, fromStart, null)).toEqual(newScan);
  });

  test.each<readonly [string, ScanState]>([
    ['it was cut off', begun],
    ['it was given up', stopped],
    // Without a cursor: the first page, asked for in vain, and the last one, which was no end.
    ['its first answers led nowhere', giveUpScan({ ...newScan, added: 1 }, 'x')],
    ['its first page was restarted in vain', giveUpScan({ ...newScan, pages: 1, fruitless: 5 }, 'x')],
    ['its key was refused behind a page', giveUpScan(after(newScan, page(5, 'a', 10)), 'x')],
    ['it is going on', { ...newScan, pages: 1, added: 1 }],
  ])('keeps its place where %s', (_, state) => {
    expect(resumeScan(state, false, null)).toEqual({ ...state, ended: null, fruitless: 0, pending: 0 });
  });
});

describe('what was written since a restored database’s dump', () => {
  const since = '2026-01-31T12:00:00.000Z';
  const looking = resumeScan(null, false, since);
  const dated = { ...page(3, 'a', 4), writtenAt: new Map([[itemOf(1), new Date(since)]]) };

  test('is told with the items that the archive doesn’t date, others’ items aside', () => {
    const others = { ...foreignPage(1, null, 4), writtenAt: new Map<string, Date>() };
    expect(coverageOf({ ...after(looking, dated, others), madeDue: 1 }).changes).toEqual({
      since,
      madeDue: 1,
      undated: 2,
    });
  });

  test('is not told where it isn’t looked for', () => {
    const state = after(newScan, dated);
    expect([state.undated, coverageOf(state).changes]).toEqual([0, null]);
  });

  test('counts a page that will be asked for again once', () => {
    const stuck = after(looking, ...Array.from({ length: fruitlessLimit }, () => page(3, null, 4)));
    expect(stuck).toMatchObject({ pending: 3, undated: 0 });
  });

  test.each([
    ['continues where it was begun with the same moment', since, { cursor: 'a', undated: 2, madeDue: 0 }],
    ['starts again with another', '2026-02-01T00:00:00.000Z', { cursor: null, undated: 0 }],
    ['starts again where there is none to go by', null, { cursor: null, undated: 0 }],
  ])('%s', (_, changedSince, place) => {
    expect(resumeScan(after(looking, dated), false, changedSince)).toMatchObject({ ...place, changedSince });
  });

  test('is looked for from the beginning where the cursor is refused', () => {
    const state = restartScan({ ...after(looking, dated), madeDue: 1 }, 'refused');
    expect(state).toMatchObject({ cursor: null, changedSince: since, madeDue: 1, undated: 0 });
  });

  test.each<readonly [unknown, string | null]>([
    [['2018-06-05T16:18:12Z', '2018-06-05T16:18:12Z', '2020-07-07T15:02:03Z'], '2020-07-07T15:02:03.000Z'],
    [['2020-07-07T15:02:03Z', '2018-06-05T16:18:12Z'], '2020-07-07T15:02:03.000Z'],
    ['2020-07-07T15:02:03Z', '2020-07-07T15:02:03.000Z'],
    ['2020-07-07T15:02:03.5Z', '2020-07-07T15:02:03.500Z'],
    ['2020-07-07T15:02:03.345Z', '2020-07-07T15:02:03.345Z'],
    [undefined, null],
    [null, null],
    [[], null],
    ['', null],
    [1_594_134_123, null],
    [['2020-07-07T15:02:03Z', 'yesterday'], null],
    [['2020-07-07T15:02:03Z', null], null],
    ['2020-13-07T15:02:03Z', null],
    ['2020-07-07', null],
    ['x2020-07-07T15:02:03Z', null],
    ['2020-07-07T15:02:03Zx', null],
  ])('%j was last written at %s', (dates, moment) => {
    expect(lastWritten(dates)?.toISOString() ?? null).toBe(moment);
  });
});
