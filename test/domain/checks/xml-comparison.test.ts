import { describe, expect, test } from 'vitest';
import { compareXml } from '../../../src/domain/checks/xml-checks.ts';
import { writtenOn } from '../xml-examples.ts';

type Values = Readonly<Record<string, string>>;

const compare = (expected: Values, found: Values) => {
  const { wrong, stale } = compareXml(
    new Map(Object.entries(expected)),
    new Map(Object.entries(found)),
    writtenOn('2012-06-01'),
  );
  return { wrong: wrong.map(({ path }) => path), stale: stale.map(({ path }) => path) };
};

describe('values of two documents', () => {
  test('differ where one side has another, or none', () => {
    const { wrong, stale } = compareXml(
      new Map([
        ['r/a', '1'],
        ['r/b', '2'],
        ['r/c', '3'],
      ]),
      new Map([
        ['r/a', '1'],
        ['r/b', ''],
        ['r/d', '4'],
      ]),
      writtenOn('2012-06-01'),
    );
    expect(wrong).toEqual([
      { path: 'r/b', expected: '2', found: '' },
      { path: 'r/c', expected: '3', found: undefined },
      { path: 'r/d', expected: undefined, found: '4' },
    ]);
    expect(stale).toEqual([]);
  });

  test.each<readonly [string, Values, Values, boolean]>([
    ['the id of a term', { 'r/status': 'Official', 'r/status/id': 'x' }, { 'r/status': 'Official' }, true],
    ['the id of a term that is missing', { 'r/status': 'Official', 'r/status/id': 'x' }, {}, false],
    ['the id of an entity', { 'r/artist/name': 'n', 'r/artist/id': 'x' }, { 'r/artist/name': 'n' }, false],
    ['the id of an empty element', { 'r/label': '', 'r/label/id': 'x' }, { 'r/label': '' }, false],
    ['the type of an artist', { 'r/artist/name': 'n', 'r/artist/type-id': 'x' }, { 'r/artist/name': 'n' }, true],
    ['the type of an artist that is missing', { 'r/artist/type-id': 'x' }, { 'r/a': '1' }, false],
    [
      'the type of an artist that is missing, beside what is called alike',
      { 'r/artist/type-id': 'x' },
      { 'r/artist-relation/name': 'n' },
      false,
    ],
    [
      'the type of an artist of whom only what lies deeper is there',
      { 'r/artist/alias/name': 'n', 'r/artist/type-id': 'x' },
      { 'r/artist/alias/name': 'n' },
      true,
    ],
    ['release events', { 'release/release-event-list/count': '1' }, { 'release/title': 'n' }, true],
    [
      'a part of the release events',
      { 'release/release-event-list/release-event/date': '1999' },
      { 'release/release-event-list/count': '1' },
      false,
    ],
    ['anything else', { 'r/title': 'a' }, { 'r/a': '1' }, false],
    ['the root', { r: '1' }, {}, false],
    ['an id of nothing', { id: '1' }, {}, false],
  ])('are old or wrong where the file lacks %s', (_, expected, found, isStale) => {
    const path = Object.keys(expected).at(-1);
    const { wrong, stale } = compare(expected, found);
    expect(stale).toEqual(isStale ? [path] : []);
    expect(wrong.includes(String(path))).toBe(!isStale);
  });
});
