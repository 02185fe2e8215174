import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  coverageOf,
  fruitlessLimit,
  giveUpScan,
  missAnswer,
  newScan,
  restartScan,
  resumeScan,
  type ScanState,
  takePage,
} from '../../src/domain/imports/scan-state.ts';
import { after, foreignPage, itemOf, page } from './scan-pages.ts';

describe('a scan', () => {
  test('has seen nothing before its first page', () => {
    const nothing = [null, 0, false, [], {}];
    for (const [field, value] of Object.entries(newScan)) expect(nothing, field).toContainEqual(value);
    // What nobody has said yet is not 0.
    expect(newScan).toMatchObject({ cursor: null, total: null, changedSince: null, lastTrouble: null, ended: null });
  });

  test('is complete at the last page, when as many were seen as the total says', () => {
    const state = after(newScan, page(100, 'a', 250), page(100, 'b', 250), page(50, null, 250));
    expect(coverageOf(state)).toMatchObject({ seen: 250, total: 250, isComplete: true, reason: null });
    expect(state.troubles).toEqual({});
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

  test('ends after so many consecutive answers that lead no further, and resumes at the same page', () => {
    const begun = after(newScan, page(100, 'a', 300));
    const stuck = after(begun, ...Array.from({ length: fruitlessLimit }, () => page(100, 'a', 300)));
    expect(coverageOf(stuck)).toMatchObject({
      seen: 200,
      isComplete: false,
      troubles: { repeated_cursor: fruitlessLimit },
    });
    const resumed = resumeScan(stuck, false, null);
    expect(resumed).toMatchObject({ cursor: 'a', seen: 100, ended: null });
    expect(coverageOf(after(resumed, page(100, 'b', 300), page(100, null, 300)))).toMatchObject({
      seen: 300,
      isComplete: true,
    });
  });

  test('whose cursor is refused starts again, and keeps what it added', () => {
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
    expect(resumeScan(state, false, null)).toEqual(newScan);
  });

  test('is told in full: what of it is new, known or refused, and what went wrong', () => {
    const state = {
      ...after(newScan, page(10, 'a', 30), page(10, 'b', 20)),
      added: 4,
      refused: 1,
      refusedExamples: ['x'],
    };
    expect(coverageOf(state)).toEqual({
      seen: 20,
      total: 30,
      added: 4,
      known: 15,
      refused: 1,
      refusedExamples: ['x'],
      troubles: { shrinking_total: 1 },
      lastTrouble: 'the total went from 30 to 20',
      isComplete: false,
      reason: null,
      changes: null,
    });
    // Items of a page that was taken twice were added once, and those of one that is taken again may have been seen.
    expect(coverageOf({ ...state, added: 40 })).toMatchObject({ known: 0 });
    expect(coverageOf(newScan)).toMatchObject({ seen: 0, total: null, known: 0, isComplete: false, reason: null });
  });

  test('follows each page’s cursor, and counts the pages', () => {
    const { state, isTaken } = takePage(after(newScan, page(3, 'a', 9)), page(2, 'b', 9), 0);
    expect(isTaken).toBe(true);
    expect(state).toEqual({ ...newScan, cursor: 'b', followed: ['a', 'b'], seen: 5, total: 9, pages: 2 });
  });

  test('has no trouble with a total that grows or stays', () => {
    const state = after(newScan, page(3, 'a', 9), page(3, 'b', 9), page(3, 'c', 10));
    expect(state).toMatchObject({ total: 10, lastTrouble: null });
    expect(state.troubles).toEqual({});
  });

  test('continues with the rows of fruitless answers counted from none after a page that leads on', () => {
    const state = after({ ...newScan, fruitless: 3, pending: 7 }, page(3, 'a', 9));
    expect(state).toMatchObject({ fruitless: 0, pending: 0 });
  });

  test('remembers the last 500 cursors', () => {
    const cursors = Array.from({ length: 501 }, (_, n) => `c${n}`);
    const state = after(newScan, ...cursors.map((cursor) => page(1, cursor, 1000)));
    expect(state.followed).toEqual(cursors.slice(1));
    expect(after(state, page(1, 'c1', 1000)).troubles).toEqual({ repeated_cursor: 1 });
    expect(after(state, page(1, 'c0', 1000)).troubles).toEqual({});
  });

  test('takes no page that repeats a cursor, until it ends with it', () => {
    const stuck = after(newScan, page(100, 'a', 300));
    const first = takePage(stuck, page(100, 'a', 300), 0);
    expect(first).toEqual({
      state: {
        ...stuck,
        troubles: { repeated_cursor: 1 },
        lastTrouble: 'the archive repeats the cursor a',
        fruitless: 1,
        withoutCount: true,
      },
      isTaken: false,
    });
    const last = takePage({ ...stuck, fruitless: fruitlessLimit - 1 }, page(100, 'a', 300), 0);
    expect(last).toMatchObject({
      state: {
        cursor: 'a',
        pending: 100,
        seen: 100,
        ended: { complete: false, reason: 'the archive repeats the cursor a, 5 consecutive times' },
      },
      isTaken: true,
    });
  });

  test('repeats no more of a cursor than a line holds', () => {
    const cursor = 'c'.repeat(100);
    const state = after(newScan, page(1, cursor, 9), page(1, cursor, 9));
    expect(state.lastTrouble).toBe(`the archive repeats the cursor ${'c'.repeat(60)}`);
  });

  test('takes no last page before all was seen, and says how much was', () => {
    const { state, isTaken } = takePage(after(newScan, page(5, 'a', 10)), page(4, null, 10), 0);
    expect(isTaken).toBe(false);
    expect(state).toMatchObject({
      cursor: 'a',
      seen: 5,
      troubles: { early_end: 1 },
      lastTrouble: 'the answers end at 9 of 10 items',
      ended: null,
    });
    expect(after(state, page(5, null, 10))).toMatchObject({ seen: 10, ended: { complete: true, reason: null } });
  });

  test.each([
    [90, true],
    [89, false],
  ])('that saw %i of what MusicBrainz has 100 of is complete: %s', (seen, complete) => {
    const { state, isTaken } = takePage(newScan, page(seen, null, seen), 100);
    expect(isTaken).toBe(true);
    expect(state.followed).toEqual([]);
    expect(state.ended).toEqual({
      complete,
      reason: complete
        ? null
        : 'the archive shows 89 items, and MusicBrainz has art for 100 entities: without a key that may see them, most of these items are hidden',
    });
  });

  test('misses an answer, is not ended by it, and is by the last of five consecutive ones', () => {
    const missed = missAnswer(newScan, 'unreadable', 'no JSON');
    expect(missed).toEqual({ ...newScan, troubles: { unreadable: 1 }, lastTrouble: 'no JSON', fruitless: 1 });
    const again = [1, 2, 3].reduce((state) => missAnswer(state, 'error_answer', 'busy'), missed);
    expect(again).toMatchObject({ troubles: { unreadable: 1, error_answer: 3 }, fruitless: 4, ended: null });
    expect(missAnswer(again, 'unreadable', 'no JSON').ended).toEqual({
      complete: false,
      reason: 'no JSON, 5 consecutive times',
    });
  });

  test('starts again with nothing but what it added, and what went wrong', () => {
    const begun = { ...after(newScan, page(5, 'a', 10)), added: 3, refused: 2, fruitless: 2, pending: 1 };
    expect(restartScan(begun, 'too old')).toEqual({
      ...newScan,
      added: 3,
      troubles: { refused_cursor: 1 },
      lastTrouble: 'too old',
      fruitless: 3,
    });
  });

  test('that is given up keeps its place', () => {
    const begun = after(newScan, page(5, 'a', 10));
    expect(giveUpScan(begun, 'the key is refused')).toEqual({
      ...begun,
      ended: { complete: false, reason: 'the key is refused' },
    });
    expect(coverageOf(giveUpScan(begun, 'x'))).toMatchObject({ isComplete: false, reason: 'x' });
  });

  test.each([0, 1, 1000])('that saw none but items of others is not complete, with art of %d entities', (expected) => {
    const { state } = takePage(newScan, foreignPage(5, null, 5), expected);
    expect(coverageOf(state)).toMatchObject({
      seen: 5,
      refused: 5,
      refusedExamples: ['gd77-05-00', 'gd77-05-01', 'gd77-05-02', 'gd77-05-03', 'gd77-05-04'],
      isComplete: false,
      reason: 'none of the 5 items that the archive shows is one of this art archive',
    });
    expect(resumeScan(state, false, null)).toEqual(newScan);
  });

  test('of which nothing is shown, and nothing expected, is complete', () => {
    expect(takePage(newScan, page(0, null, 0), 0).state.ended).toEqual({ complete: true, reason: null });
  });

  test('keeps the first 20 identifiers that name no item of an art archive, 100 characters of each', () => {
    const long = { ...foreignPage(15, 'a', 40), identifiers: Array.from({ length: 15 }, () => 'x'.repeat(101)) };
    const state = after(newScan, long, foreignPage(15, 'b', 40));
    expect(state.refused).toBe(30);
    expect(state.refusedExamples).toEqual([
      ...Array.from({ length: 15 }, () => 'x'.repeat(100)),
      ...foreignPage(5, null, 0).identifiers,
    ]);
  });

  test('is not completed by items of others', () => {
    const own = after(newScan, page(50, 'a', 100));
    const { state } = takePage(own, foreignPage(50, null, 100), 100);
    expect(coverageOf(state)).toMatchObject({ seen: 100, refused: 50, isComplete: false });
  });

  test('holds on to the total that it knows where an answer names none', () => {
    const state = after(newScan, page(100, 'a', null), page(100, 'b', 250), page(50, null, null));
    expect(coverageOf(state)).toMatchObject({ seen: 250, total: 250, isComplete: true, lastTrouble: null });
    expect(state.troubles).toEqual({});
  });

  test('to which the archive names no total at all can’t tell that it is complete', () => {
    const state = after(newScan, page(100, 'a', null), page(50, null, null));
    expect(state).toMatchObject({ seen: 100, total: null, ended: null, troubles: { no_total: 1 } });
    expect(state.lastTrouble).toBe('the answers end at 150 items, and none named a total');
    const stuck = after(state, ...Array.from({ length: fruitlessLimit - 1 }, () => page(50, null, null)));
    expect(coverageOf(stuck)).toMatchObject({ seen: 150, total: null, isComplete: false });
    expect(coverageOf(after(resumeScan(stuck, false, null), page(50, null, 150)))).toMatchObject({
      seen: 150,
      isComplete: true,
    });
  });

  test('asks without a count where its cursor was ignored, and continues so where that helps', () => {
    const first = after(newScan, page(100, 'a', 300));
    expect(first.withoutCount).toBe(false);
    const ignored = after(first, page(100, 'a', 300));
    expect(ignored).toMatchObject({ cursor: 'a', withoutCount: true });
    expect(after(ignored, page(100, 'b', 300))).toMatchObject({ cursor: 'b', withoutCount: true, fruitless: 0 });
    // Where it didn't help, it was not the count.
    expect(after(ignored, page(100, 'a', 300))).toMatchObject({ cursor: 'a', withoutCount: false });
  });

  test('calls itself complete only if every item was seen, whatever the archive answers', () => {
    const answer = fc.record({
      identifiers: fc.array(fc.constantFrom(itemOf(1), 'gd77-05-08'), { maxLength: 5 }),
      writtenAt: fc.constant(new Map<string, Date>()),
      cursor: fc.option(fc.constantFrom('a', 'b', 'c', 'd'), { nil: null }),
      total: fc.option(fc.integer({ min: 0, max: 12 }), { nil: null }),
    });
    fc.assert(
      fc.property(fc.array(answer, { maxLength: 30 }), (answers) => {
        let state: ScanState = newScan;
        let largest = 0;
        for (const each of answers) {
          largest = Math.max(largest, each.total ?? 0);
          ({ state } = takePage(state, each, 0));
          if (state.ended !== null) break;
        }
        if (state.ended?.complete) {
          expect(state.seen).toBeGreaterThanOrEqual(largest);
          if (state.seen > 0) expect(state.refused).toBeLessThan(state.seen);
        }
        expect(state.followed).toEqual([...new Set(state.followed)]);
      }),
    );
  });
});
