import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  age,
  choice,
  choices,
  freeText,
  moment,
  named,
  readFields,
  rowId,
  rowIds,
  runId,
  ticked,
  wholeNumber,
} from '../../../src/dashboard/forms/parameters.ts';
import type { Refusal } from '../../../src/dashboard/refusals.ts';

const refused = 'refused';

/** What a parameter of a kind reads from an address that has it so many times. */
function read(kind: z.ZodType, texts: readonly string[]): unknown {
  try {
    return readFields(new Map([['x', texts]]), z.object({ x: kind }))['x'];
  } catch (error) {
    const { problems } = error as Refusal;
    const text = expect.stringMatching(/^x takes .+; it got /) as string;
    expect(problems).toEqual([{ name: 'x', text, isField: true }]);
    return refused;
  }
}

const uuid = '11111111-1111-4111-8111-111111111111';

describe.each<[name: string, kind: z.ZodType, cases: readonly (readonly [texts: readonly string[], value: unknown])[]]>(
  [
    [
      'one of some words',
      choice(['a', 'b']),
      [
        [['a'], 'a'],
        [['c'], refused],
        [['A'], refused],
        [['a', 'b'], refused],
        [['', 'b'], 'b'],
      ],
    ],
    [
      'any of some words',
      choices(['a', 'b']),
      [
        [['a'], ['a']],
        [
          ['a', 'b'],
          ['a', 'b'],
        ],
        [['a', 'c'], refused],
      ],
    ],
    [
      'a part of a text',
      freeText(200),
      [
        [['a'.repeat(200)], 'a'.repeat(200)],
        [['a'.repeat(201)], refused],
        [['a\0'], refused],
        [[' a '], ' a '],
      ],
    ],
    [
      'a text of at most three characters',
      freeText(3),
      [
        [['abc'], 'abc'],
        [['abcd'], refused],
      ],
    ],
    [
      'an age',
      age(),
      [
        [['90m'], 5400],
        [['3d'], 259_200],
        [['yesterday'], refused],
        [['-1d'], refused],
      ],
    ],
    [
      'a moment',
      moment(),
      [
        [['2026-01-31T12:00:00.000Z'], new Date('2026-01-31T12:00:00Z')],
        [['2026-01-31T12:00:00Z'], new Date('2026-01-31T12:00:00Z')],
        [['2026-01-31'], refused],
        [['2026-01-31T12:00:00+01:00'], refused],
        [['2026-13-31T12:00:00.000Z'], refused],
      ],
    ],
    [
      'an entity',
      named(),
      [
        [[uuid], { kind: 'named', gid: uuid, entityType: null }],
        [['nonsense'], refused],
      ],
    ],
    [
      'the number of a row',
      rowId(),
      [
        [['0'], 0],
        [['9007199254740991'], 9_007_199_254_740_991],
        // Beyond 2^53 as it is written, which is exact.
        [['9007199254740993'], '9007199254740993'],
        [['9223372036854775807'], '9223372036854775807'],
        [['9223372036854775808'], refused],
        [['1'.repeat(20)], refused],
        [['-1'], refused],
        [['1.5'], refused],
        [['1e3'], refused],
      ],
    ],
    [
      'the numbers of rows',
      rowIds(),
      [
        [['7'], [7]],
        [
          ['7', '8'],
          [7, 8],
        ],
        [['7', 'x'], refused],
        [['9223372036854775808'], refused],
      ],
    ],
    [
      'a box',
      ticked(),
      [
        [['1'], true],
        [['0'], refused],
        [['true'], refused],
      ],
    ],
    [
      'a run',
      runId(),
      [
        [[uuid], uuid],
        [[uuid.slice(1)], refused],
        [[`${uuid}1`], refused],
      ],
    ],
    [
      'a priority',
      wholeNumber(32_767),
      [
        [['0'], 0],
        [['32767'], 32_767],
        [['32768'], refused],
        [['1,200'], 1200],
        [['1 200'], 1200],
        [['1\u00a0200'], 1200],
        [['1,20'], refused],
        [['1,2 000'], refused],
        [['-1'], refused],
        [['000001'], refused],
      ],
    ],
  ],
)('%s', (_name, kind, cases) => {
  test.each(cases)('%j is %j', (texts, value) => {
    expect(read(kind, texts)).toEqual(value);
  });

  test('is not there where it has no value', () => {
    for (const texts of [[], [''], [' ']]) expect(read(kind, texts)).toBeUndefined();
  });
});

test('what was got instead is shown, and no more of it than two hundred characters', () => {
  try {
    readFields(new Map([['x', ['y'.repeat(1000)]]]), z.object({ x: rowId() }));
    expect.unreachable();
  } catch (error) {
    expect((error as Refusal).problems[0]!.text).toBe(`x takes a number of a row; it got "${'y'.repeat(199)}`);
  }
});
