import { expect, test } from 'vitest';
import { openNamedLines } from '../../src/domain/imports/named-lines.ts';

const A = '76df3287-6cda-33eb-8e9a-044b5e15ffdd';
const B = '463f3f1d-4f4c-4d0f-b4e1-8bb2b1a1c111';
const named = (gid: string, entityType: string | null = null) => ({ kind: 'named', gid, entityType });
const read = (...lines: string[]) => lines.map(openNamedLines());
const refused = (reason: RegExp) => ({ kind: 'refused', reason: expect.stringMatching(reason) as unknown });

test.each([
  ['an MBID', A, named(A)],
  ['one in upper case, with blanks', `  ${A.toUpperCase()} \t`, named(A)],
  ['the identifier of an item', `mbid-${A}`, named(A)],
  ['an address of MusicBrainz', `https://musicbrainz.org/release/${A}/cover-art`, named(A, 'release')],
  ['an address of the archive', `https://archive.org/details/mbid-${A}`, named(A)],
  ['an address of the Cover Art Archive', `https://coverartarchive.org/release/${A}/front-500`, named(A, 'release')],
  ['an address of the Event Art Archive', `https://eventartarchive.org/event/${A}`, named(A, 'event')],
  ['what an enumeration puts around it', `"<${A}>",`, named(A)],
  ['a remark in a forum', `The Wall: https://musicbrainz.org/release/${A}, please!`, named(A, 'release')],
  ['the same entity twice in a line', `${A} https://musicbrainz.org/release/${A}`, named(A)],
  ['a line of the list of entities', `17  release ${A}  “The Wall”  clean  priority 100`, named(A, 'release')],
  ['a line of an audit', `release ${A} (live): clean`, named(A, 'release')],
  ['a line of the lists of 2021', `${A}\thttps://musicbrainz.org/release/${B}\tx\tItem::Y`, named(A)],
  ['JSON of a list', `{"id":1,"entity_type":"event","mbid":"${A}"}`, named(A, 'event')],
  ['JSON of an audit', `{"entity_type":"release","gid":"${A}"}`, named(A, 'release')],
  ['JSON without a type', `{"mbid":"${A}","entity_type":null}`, named(A)],
])('a line may be %s', (_what, line, reading) => {
  expect(read(line)).toEqual([reading]);
});

test('of CSV with its head, the columns of type and MBID count, however its cells are quoted', () => {
  expect(
    read('id,name,entity_type,mbid', `1,"Say ""hi"", you",release,${A}`, `2,,,${B}`, '3,x,release,', '4,x'),
  ).toEqual([null, named(A, 'release'), named(B), refused(/^it is no MBID/), refused(/^it has no MBID/)]);
});

test('of CSV whose cells are all quoted, the same', () => {
  expect(read('"mbid","entity_type"', `"${A}","release"`, `"${B}","re""lease"`)).toEqual([
    null,
    named(A, 'release'),
    refused(/^its entity type is "re\\"lease"/),
  ]);
});

test('a type that is none is told by its beginning', () => {
  expect(read(`{"mbid":"${A}","entity_type":"${'x'.repeat(100)}"}`)).toEqual([
    refused(/^its entity type is "x{40}": expected/),
  ]);
});

test('of CSV without a column for the type, the MBID alone; a head alone names nothing', () => {
  expect(read('mbid,note', `${A},x`)).toEqual([null, named(A)]);
  expect(read('mbid', A)).toEqual([null, named(A)]);
});

test.each([
  ['nothing', '', null],
  ['blanks', ' \t ', null],
  ['no MBID', 'The Wall', refused(/^it is no MBID: expected an MBID, e\.g\./)],
  ['no MBID with commas', 'The Wall, Pink Floyd', refused(/^it is no MBID/)],
  ['half an MBID', A.slice(0, 20), refused(/^it is no MBID/)],
  ['an artist', `https://musicbrainz.org/artist/${A}`, refused(/^it is the address of an artist: expected/)],
  ['an artist in a remark', `see https://musicbrainz.org/artist/${A}`, refused(/^it is the address of an artist/)],
  ['two entities', `${A} ${B}`, refused(/^it names several entities/)],
  ['JSON that is cut short', '{"mbid": "76df', refused(/^it is JSON that can’t be read/)],
  ['JSON of something else', '{"id": 5}', refused(/^it has no MBID/)],
  ['JSON of another type', `{"mbid":"${A}","entity_type":"artist"}`, refused(/^its entity type is "artist"/)],
])('a line of %s is told by what it lacks', (_what, line, reading) => {
  expect(read(line)).toEqual([reading]);
});
