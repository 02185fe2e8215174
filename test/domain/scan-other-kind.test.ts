import { describe, expect, test } from 'vitest';
import { newScan, noteOtherKind } from '../../src/domain/imports/scan-state.ts';

describe('items of the other kind on a page', () => {
  const event = (n: number) =>
    ({ entityType: 'event', gid: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}` }) as const;

  test('are counted over the pages, and the last page’s are named', () => {
    const one = noteOtherKind(newScan, 'release', [event(1)]);
    expect(one).toEqual({
      ...newScan,
      troubles: { other_kind: 1 },
      lastTrouble: `event ${event(1).gid} came with the releases`,
    });
    expect(noteOtherKind(one, 'release', [event(2), event(3), event(4)])).toEqual({
      ...newScan,
      troubles: { other_kind: 4 },
      lastTrouble: `event ${event(2).gid} came with the releases, and 2 more`,
    });
  });

  test('none: nothing is noted', () => {
    const state = noteOtherKind(newScan, 'release', [event(1)]);
    expect(noteOtherKind(state, 'release', [])).toBe(state);
  });
});
