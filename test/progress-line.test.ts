import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { inOneLine, openProgressLine } from '../src/terminal/terminal.ts';

/** A stream that keeps what is written. */
function streamOf(terminal: { readonly columns?: number } | null) {
  const written: string[] = [];
  const stream = {
    ...(terminal !== null && { isTTY: true, ...terminal }),
    write: (text: string) => written.push(text) > 0,
  };
  return { progress: openProgressLine(stream as unknown as NodeJS.WriteStream), written };
}

const clear = '\r\u001b[K';

describe('progress on a terminal', () => {
  test('is one line, no longer than the terminal is wide, and written where it changes', () => {
    const { progress, written } = streamOf({ columns: 10 });
    for (const line of ['1 of 9', '1 of 9', '2 of 9, a long line']) progress.show(line);
    expect(written).toEqual([`${clear}1 of 9`, `${clear}2 of 9, a`]);
  });

  test('gives way to a line that stays, and is there again below it', () => {
    const { progress, written } = streamOf({});
    progress.show('1 of 9');
    progress.say('one was refused');
    expect(written.slice(1)).toEqual([`${clear}one was refused\n`, '1 of 9']);
  });

  test('stays above what is printed after its end, and leaves no empty line where there was none', () => {
    const { progress, written } = streamOf({});
    progress.end();
    expect(written).toEqual([]);
    progress.show('9 of 9');
    progress.end();
    progress.end();
    expect(written).toEqual([`${clear}9 of 9`, '\n']);
  });
});

describe('progress where there is no terminal', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: 1_000_000 }));
  afterEach(() => void vi.useRealTimers());

  test('is a plain line every five seconds at most', () => {
    const { progress, written } = streamOf(null);
    progress.show('1 of 9');
    vi.setSystemTime(1_004_999);
    progress.show('2 of 9');
    vi.setSystemTime(1_005_000);
    progress.show('3 of 9');
    progress.say('one was refused');
    progress.end();
    expect(written).toEqual(['1 of 9\n', '3 of 9\n', 'one was refused\n']);
  });
});

test.each([
  [new Error('a\n  b\n'), 'a b'],
  [Object.assign(new Error(''), { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
  [new TypeError(''), 'TypeError'],
  [new AggregateError([new Error('connect ECONNREFUSED ::1:5432'), new Error('x')]), 'connect ECONNREFUSED ::1:5432'],
  [new AggregateError([], ''), 'AggregateError'],
  ['text', 'text'],
])('the error %o is told in one line', (error, line) => {
  expect(inOneLine(error)).toBe(line);
});
