import { describe, expect, test } from 'vitest';
import { readItemLine } from '../../src/domain/imports/line-reading.ts';

const gid = '76df3287-6cda-33eb-8e9a-044b5e15ffdd';
const upper = gid.toUpperCase();

describe('a line of a list of items names one, of a kind that it doesn’t tell', () => {
  test.each([
    [`mbid-${gid}`, false],
    [gid, false],
    [` mbid-${gid}\r`, false],
    [`MBID-${gid}`, false],
    [`mbid-${upper}`, true],
    [upper, true],
  ])('%j', (line, wasUpperCase) => {
    expect(readItemLine(line, 170)).toEqual({ kind: 'named', gid, entityType: null, priority: 170, wasUpperCase });
  });
});

describe('an item of something else is refused', () => {
  test.each([
    'a',
    'Z',
    '0',
    'a.b_c-d',
    'mbid-',
    `mbid-${gid.slice(1)}`,
    `x-mbid-${gid}`,
    `mbid-mbid-${gid}`,
    `${'a'.repeat(100)}`,
    '  an_item  ',
  ])('%j', (line) => {
    expect(readItemLine(line, 1)).toEqual({
      kind: 'refused',
      reason: 'an item of another collection: expected mbid-{mbid}',
    });
  });
});

describe('what can be no identifier is unreadable', () => {
  test.each(['', ' ', '-a', '.a', '_a', 'a b', 'a/b', 'é', 'aé', `${'a'.repeat(101)}`, `mbid-${gid},1`])(
    '%j',
    (line) => {
      expect(readItemLine(line, 1)).toEqual({ kind: 'unreadable', reason: 'expected an identifier, as mbid-{mbid}' });
    },
  );
});
