import { describe, expect, test } from 'vitest';
import { compareXml } from '../../../src/domain/checks/xml-comparison.ts';

type Values = Readonly<Record<string, string>>;

const compare = (expected: Values, found: Values) => {
  const { wrong, stale } = compareXml(new Map(Object.entries(expected)), new Map(Object.entries(found)));
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
    ['an id of another name', { 'r/type': 'a', 'r/type-id': 'x' }, { 'r/type': 'a' }, true],
    ['another id of an element that is missing', { 'r/g/type-id': 'x' }, { 'r/a': '1' }, false],
    ['a code list', { 'r/area/iso-3166-1-code-list/iso-3166-1-code': 'XE' }, { 'r/area/name': 'n' }, true],
    ['a second code list', { 'r/area/iso-3166-1-code-list[2]': '' }, { 'r/area/iso-3166-1-code-list': '' }, true],
    [
      'a code of a list that is there',
      { 'r/area/iso-3166-1-code-list/iso-3166-1-code': 'XE' },
      { 'r/area/iso-3166-1-code-list': '' },
      false,
    ],
    ['a code list of an area that is missing', { 'r/area/iso-3166-1-code-list': '' }, { 'r/a': '1' }, false],
    ['something that is no code list', { 'r/area/iso-3166-1-code-lists': 'x' }, { 'r/area/name': 'n' }, false],
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
