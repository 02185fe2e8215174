import { describe, expect, test } from 'vitest';
import { giveUpScan, newScan, resumeScan, type ScanState, takePage } from '../../src/domain/imports/scan-state.ts';
import { after, page } from './scan-pages.ts';

describe('a scan that is resumed', () => {
  const begun = { ...after(newScan, page(5, 'a', 10)), fruitless: 2, pending: 3 };
  const stopped = giveUpScan(begun, 'x');

  test.each<readonly [string, ScanState | null, boolean]>([
    ['there was none', null, false],
    ['that is asked for', begun, true],
    ['it was complete', after(begun, page(5, null, 10)), false],
    ['it came to the end of what is shown', takePage(newScan, page(1, null, 1), 100).state, false],
  ])('begins anew where %s', (_, state, fromStart) => {
    expect(resumeScan(state, fromStart)).toBe(newScan);
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
    expect(resumeScan(state, false)).toEqual({ ...state, ended: null, fruitless: 0, pending: 0 });
    expect(resumeScan(state, false)).not.toBe(newScan);
  });
});
