import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { longestLine, readLines } from '../../../src/starters/reading/read-text.ts';

describe('lines', () => {
  async function linesOf(pieces: readonly Buffer[]) {
    const lines = [];
    async function* content() {
      yield* pieces;
    }
    for await (const some of readLines(content())) lines.push(...some);
    return lines;
  }

  test('are the same wherever the content is cut, within a character too', async () => {
    const text = fc.array(fc.constantFrom('a', 'é', '😀', '\n', '\r', '\n\n', 'mbid')).map((parts) => parts.join(''));
    await fc.assert(
      fc.asyncProperty(text, fc.array(fc.nat()), async (content, cuts) => {
        const bytes = Buffer.from(content);
        const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort(
          (one, other) => one - other,
        );
        const pieces = places.slice(1).map((end, n) => bytes.subarray(places[n], end));
        const expected = content.split('\n');
        if (expected.at(-1) === '') expected.pop();
        expect(await linesOf(pieces)).toEqual(expected);
      }),
    );
  });

  test('end with what is left of a character that was cut', async () => {
    expect(await linesOf([Buffer.from('a\n'), Buffer.from([0xc3])])).toEqual(['a', '\ufffd']);
  });

  test('are taken up to their longest, and only one that is longer is passed over', async () => {
    const content = (length: number) => [Buffer.from('a\n'), Buffer.from('x'.repeat(length)), Buffer.from('\nb\nc')];
    expect(await linesOf(content(longestLine))).toEqual(['a', 'x'.repeat(longestLine), 'b', 'c']);
    expect(await linesOf(content(longestLine + 1))).toEqual(['a', { tooLong: 'x'.repeat(80) }, 'b', 'c']);
  });
});
