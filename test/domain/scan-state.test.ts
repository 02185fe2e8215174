import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  coverageOf,
  fruitlessLimit,
  newScan,
  restartScan,
  resumeScan,
  takePage,
  type ScanState,
  type ScrapePage,
} from '../../src/domain/scan-state.ts';

const page = (count: number, cursor: string | null, total: number): ScrapePage => ({
  identifiers: Array.from({ length: count }, (_, n) => `mbid-${n}`),
  cursor,
  total,
});

/** Takes answers one after the other; MusicBrainz expects none unless told. */
function after(state: ScanState, ...answers: readonly ScrapePage[]): ScanState {
  return answers.reduce((now, answer) => takePage(now, answer, 0).state, state);
}

describe('a scan', () => {
  test('is complete at the last page, when as many were seen as the total says', () => {
    const state = after(newScan, page(100, 'a', 250), page(100, 'b', 250), page(50, null, 250));
    expect(coverageOf(state)).toMatchObject({ seen: 250, total: 250, isComplete: true, reason: null, troubles: {} });
  });

  test('whose total shrinks is held against the largest, and counts how often that was', () => {
    const state = after(newScan, page(100, 'a', 250), page(100, 'b', 225), page(25, null, 225));
    expect(coverageOf(state)).toMatchObject({
      seen: 200,
      total: 250,
      isComplete: false,
      troubles: { shrinking_total: 2, early_end: 1 },
    });
    // The same page, asked for again, has the rest.
    const whole = after(state, page(50, null, 250));
    expect(coverageOf(whole)).toMatchObject({ seen: 250, total: 250, isComplete: true });
  });

  test.each([
    ['its own', 'b'],
    ['an earlier one', 'a'],
  ])('that is answered with a cursor once followed, %s, follows it no more, and takes nothing twice', (_, cursor) => {
    const state = after(newScan, page(100, 'a', 300), page(100, 'b', 300), page(100, cursor, 300));
    expect(state).toMatchObject({ cursor: 'b', seen: 200, fruitless: 1, troubles: { repeated_cursor: 1 } });
    expect(coverageOf(after(state, page(100, null, 300)))).toMatchObject({ seen: 300, isComplete: true });
  });

  test('ends after so many answers in a row that lead no further, and goes on at the same page', () => {
    const begun = after(newScan, page(100, 'a', 300));
    const stuck = after(begun, ...Array.from({ length: fruitlessLimit }, () => page(100, 'a', 300)));
    expect(coverageOf(stuck)).toMatchObject({
      seen: 200,
      isComplete: false,
      troubles: { repeated_cursor: fruitlessLimit },
    });
    const resumed = resumeScan(stuck, false);
    expect(resumed).toMatchObject({ cursor: 'a', seen: 100, ended: null });
    expect(coverageOf(after(resumed, page(100, 'b', 300), page(100, null, 300)))).toMatchObject({
      seen: 300,
      isComplete: true,
    });
  });

  test('whose cursor is refused begins anew, and keeps what it added', () => {
    const state = restartScan({ ...after(newScan, page(100, 'a', 300)), added: 100 }, 'too old');
    expect(state).toMatchObject({ cursor: null, seen: 0, added: 100, troubles: { refused_cursor: 1 } });
  });

  test('of which the archive shows hardly anything is not complete, whatever it calls its total', () => {
    const { state } = takePage(newScan, page(2, null, 2), 1000);
    expect(coverageOf(state)).toMatchObject({
      seen: 2,
      isComplete: false,
      reason: expect.stringContaining('hidden') as string,
    });
    expect(resumeScan(state, false)).toEqual(newScan);
  });

  test('calls itself complete only if every item was seen, whatever the archive answers', () => {
    const answer = fc.record({
      identifiers: fc.array(fc.constant('mbid-x'), { maxLength: 5 }),
      cursor: fc.option(fc.constantFrom('a', 'b', 'c', 'd'), { nil: null }),
      total: fc.integer({ min: 0, max: 12 }),
    });
    fc.assert(
      fc.property(fc.array(answer, { maxLength: 30 }), (answers) => {
        let state: ScanState = newScan;
        let largest = 0;
        for (const each of answers) {
          largest = Math.max(largest, each.total);
          ({ state } = takePage(state, each, 0));
          if (state.ended !== null) break;
        }
        if (state.ended?.complete) expect(state.seen).toBeGreaterThanOrEqual(largest);
        expect(state.followed).toEqual([...new Set(state.followed)]);
      }),
    );
  });
});
