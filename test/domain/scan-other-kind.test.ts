import { describe, expect, test } from 'vitest';
import { coverageOf, newScan, noteOtherKind, type ScanState } from '../../src/domain/imports/scan-state.ts';
import { after, page } from './scan-pages.ts';

describe('items of the other kind on a page', () => {
  const event = (n: number) =>
    ({ entityType: 'event', gid: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}` }) as const;
  const events = (count: number) => Array.from({ length: count }, (_, n) => event(n));
  const noted = (state: ScanState, count: number, expected = 0): ScanState =>
    noteOtherKind(state, 'release', { items: events(count), expected });

  test('are counted over the pages, and the last page’s are named', () => {
    const one = noteOtherKind(newScan, 'release', { items: [event(1)], expected: 0 });
    expect(one).toEqual({
      ...newScan,
      otherKind: 1,
      troubles: { other_kind: 1 },
      lastTrouble: `event ${event(1).gid} came with the releases`,
    });
    expect(noteOtherKind(one, 'release', { items: [event(2), event(3), event(4)], expected: 0 })).toEqual({
      ...newScan,
      otherKind: 4,
      troubles: { other_kind: 4 },
      lastTrouble: `event ${event(2).gid} came with the releases, and 2 more`,
    });
  });

  test('none: nothing is noted', () => {
    const state = noted(newScan, 1);
    expect(noted(state, 0)).toBe(state);
  });

  test('complete no scan: neither all of them, nor many beside few of its own', () => {
    expect(coverageOf(noted(after(newScan, page(5, null, 5)), 5))).toMatchObject({
      isComplete: false,
      reason: 'none of the 5 items that the archive shows is one of this art archive',
    });
    const first = noted(after(newScan, page(50, 'a', 100)), 20, 100);
    expect(coverageOf(noted(after(first, page(50, null, 100)), 20, 100))).toMatchObject({
      isComplete: false,
      reason: expect.stringContaining('shows 60 items, and MusicBrainz has art for 100 entities') as string,
    });
    expect(coverageOf(noted(after(first, page(50, null, 100)), 1, 80))).toMatchObject({ isComplete: true });
  });

  test('of a page that will be asked for again are counted then', () => {
    const stuck = after(newScan, ...Array.from({ length: 5 }, () => page(50, null, 100)));
    expect(noted(stuck, 20)).toMatchObject({ pending: 50, otherKind: 0, ended: { complete: false } });
  });
});
