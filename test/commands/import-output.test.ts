import { expect, test } from 'vitest';
import { describeImport, importJson, whyIncomplete } from '../../src/commands/import.ts';
import type { ImportResult } from '../../src/starters/import.ts';
import { type FileTally, newTally } from '../../src/starters/reading/tally.ts';

const example = (n: number) => ({ where: `line ${n}`, reason: 'no MBID', text: 'x\t"' });

function resultOf(files: readonly FileTally[]): ImportResult {
  return {
    progress: { records: 9, added: 1, raised: 2, known: 3, unreadable: 4, refused: 5 } as ImportResult['progress'],
    entities: 6,
    files,
    complete: files.every(({ trouble }) => trouble === null),
  };
}

const plain = { ...newTally('a.txt'), records: 7, named: 6 };
const odd: FileTally = {
  ...newTally('b.csv'),
  records: 30,
  named: 1,
  passed: 2,
  suspicious: 3,
  duplicates: 4,
  upperCase: 5,
  crlf: 6,
  hasByteOrderMark: true,
  unreadable: { count: 3, examples: [example(1), example(2)] },
  refused: { count: 1, examples: [example(3)] },
};
const cut = { ...plain, file: 'c.gz', trouble: { kind: 'cut_short', reason: 'gzip ends' } } as const;
const refused = { ...plain, file: 'd.jpg', trouble: { kind: 'refused', reason: 'no form' } } as const;

test('an import says of each file what was taken and what was odd, and nothing of what was not', () => {
  expect(describeImport(resultOf([plain, odd]))).toEqual([
    'a.txt: 7 lines, 6 name an entity',
    'b.csv: 30 lines, 1 name an entity, 2 passed, 3 suspicious, 4 named again, 5 in upper case, 6 ended by CR LF, a byte order mark, 1 refused, 3 unreadable',
    '  refused, line 3: no MBID: "x\\t\\""',
    '  unreadable, line 1: no MBID: "x\\t\\""',
    '  unreadable, line 2: no MBID: "x\\t\\""',
    '  and 1 more unreadable; --left-out FILE writes all of them',
    '9 lines name 6 entities: 1 new, 2 raised, 3 known',
  ]);
});

test('an import that is not complete says so, and what to do', () => {
  expect(describeImport(resultOf([cut, refused]))).toEqual([
    'c.gz: 7 lines, 6 name an entity',
    '  cut short: gzip ends',
    'd.jpg: 7 lines, 6 name an entity',
    '  refused: no form',
    '9 lines name 6 entities: 1 new, 2 raised, 3 known; not complete',
  ]);
  expect(whyIncomplete(resultOf([plain, cut, refused]))).toBe(
    'c.gz: gzip ends; d.jpg: no form. Run it again with the whole file: it continues there',
  );
  expect(whyIncomplete(resultOf([refused]))).toBe('d.jpg: no form. The other files are imported');
});

test('for programs it is the same, by names of their kind', () => {
  const { upperCase, hasByteOrderMark, ...others } = odd;
  expect(importJson(resultOf([odd]))).toEqual({
    complete: true,
    records: 9,
    entities: 6,
    new: 1,
    raised: 2,
    known: 3,
    unreadable: 4,
    refused: 5,
    files: [{ ...others, upper_case: upperCase, byte_order_mark: hasByteOrderMark }],
  });
});
