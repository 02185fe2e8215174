import { describe, expect, test } from 'vitest';
import { loginName } from '../../src/config/config.ts';
import {
  age,
  joinPrinted,
  operatorOf,
  readNamed,
  rowId,
  rowIds,
  rowIdsOrList,
  someText,
  versionText,
  wholeNumber,
} from '../../src/commands/option-values.ts';

const refused = 'refused';
function read(reader: (text: string) => unknown, text: string): unknown {
  try {
    return reader(text);
  } catch (error) {
    expect((error as Error).message).toMatch(/takes|is no MBID|is the address of/);
    return refused;
  }
}

describe('what an option takes', () => {
  test.each([
    ['1', 1],
    ['1,200', 1200],
    ['10000', 10_000],
    ['0', refused],
    ['10001', refused],
    ['-1', refused],
    ['1.5', refused],
    ['1e3', refused],
    ['', refused],
  ])('as a whole number from 1 to 10,000: %j is %j', (text, value) => {
    expect(read(wholeNumber(1, 10_000), text)).toBe(value);
  });

  test.each([
    ['7', 7],
    ['9223372036854775807', '9223372036854775807'],
    ['0', refused],
    ['-7', refused],
    ['x', refused],
  ])('as the id of a row: %j is %j', (text, value) => {
    expect(read(rowId, text)).toBe(value);
  });

  test.each([
    ['x', 'x'],
    [' ', refused],
    ['', refused],
  ])('as a text that has to be there: %j is %j', (text, value) => {
    expect(read(someText, text)).toBe(value);
  });

  test('as an age, in seconds, and as a version', () => {
    expect([read(age, '90m'), read(age, '90'), read(versionText, '0.2.1'), read(versionText, 'v1')]).toEqual([
      5400,
      refused,
      '0.2.1',
      refused,
    ]);
  });

  test('several times is all of it, and standard input only where it may be', () => {
    expect(rowIds('8', [7])).toEqual([7, 8]);
    expect(rowIdsOrList('-', [7])).toEqual([7, '-']);
    expect(read((text) => rowIds(text), '-')).toBe(refused);
  });
});

const gid = '76df3287-6cda-33eb-8e9a-044b5e15ffdd';

test('an entity is named by its MBID or an address, and what else was given is told', () => {
  expect(readNamed(`release ${gid}`)).toMatchObject({ gid, entityType: 'release' });
  expect(() => readNamed('x')).toThrow(/"x" is no MBID: expected/);
  expect(() => readNamed(`https://musicbrainz.org/artist/${gid}`)).toThrow(/is the address of an artist/);
});

test.each([
  [['release', gid], [`release ${gid}`]],
  [
    [gid, 'event', gid],
    [gid, `event ${gid}`],
  ],
  [
    [gid, 'release'],
    [gid, 'release'],
  ],
  [['-'], ['-']],
])('the words %j are the arguments %j', (words, meant) => {
  expect(joinPrinted(words)).toEqual(meant);
});

test('who does something is who they say, else who called sudo, else who logged in', () => {
  const env = { SUDO_USER: 'ada', USER: 'root' };
  expect(operatorOf({ actor: 'ida', note: 'why' }, env)).toEqual({ actor: 'ida', note: 'why' });
  expect(operatorOf({}, env)).toEqual({ actor: 'ada', note: null });
  expect(operatorOf({}, {})).toEqual({ actor: loginName(), note: null });
});
