import { expect, test } from 'vitest';
import { checkItem } from '../../src/domain/checks/catalogue.ts';
import { groupFindings } from '../../src/domain/checks/findings.ts';
import { defaultPolicies } from '../../src/domain/checks/policies.ts';
import type { ExpectedState } from '../../src/domain/expected-state.ts';
import type { ObservedItem } from '../../src/domain/documents/observed-item.ts';
import type { Sites } from '../../src/domain/site-links.ts';
import { listHead, listLine, namedLists } from '../../src/export/named-lists.ts';
import {
  aFile,
  anImage,
  archivesOwnFiles,
  gids,
  imageFiles,
  liveRelease,
  matchingItem,
  orphan,
  presentItem,
} from '../domain/examples.ts';

const gid = gids.entity;
const release = liveRelease([anImage(1)]);
const { files, metadata } = matchingItem(release);
const derivativesOf = (id: number) => imageFiles(gid, id).filter(({ source }) => source === 'derivative');
const names = (ids: readonly number[], sizes: readonly string[]) =>
  ids.flatMap((id) => sizes.map((size) => `mbid-${gid}-${id}_${size}.jpg`)).join(', ');

test.each<[string, ExpectedState, ObservedItem, string]>([
  [
    'thumbnails',
    release,
    presentItem(files.filter(({ name }) => !/_thumb(250|500)/.test(name))),
    `derive the item again: it lacks ${names([1], ['thumb250', 'thumb500'])}`,
  ],
  [
    'stray_thumbnails',
    release,
    presentItem([...files, ...derivativesOf(8), ...derivativesOf(9)]),
    'remove every derivative whose original is not in the item: ' +
      `${names([8], ['thumb250', 'thumb500', 'thumb1200', 'itemimage', 'thumb'])} and 5 more`,
  ],
  [
    'collection',
    release,
    presentItem(files, { metadata: { ...metadata, collection: ['test_collection'] } }),
    'set collection to coverartarchive (now: ["test_collection"])',
  ],
  [
    'noindex',
    release,
    presentItem(files, { metadata: { ...metadata, noindex: [] } }),
    'set noindex to true (now: nothing)',
  ],
  [
    'purge',
    orphan(),
    presentItem([...archivesOwnFiles(gid), aFile(`mbid-${gid}_mb_metadata.xml`)]),
    `purge mbid-${gid}: no original image is in it, only mbid-${gid}_mb_metadata.xml`,
  ],
])('the list %s says of an item what to do about it', (name, expected, item, words) => {
  const { filter, toDo } = namedLists.find((list) => list.name === name)!;
  const found = groupFindings(checkItem(expected, item), defaultPolicies);
  expect(toDo({ gid, findings: found.filter(({ check }) => filter.checks?.includes(check)) })).toBe(words);
});

const archive = { url: 'https://ia.example', caaUrl: 'https://caa.example', eaaUrl: 'https://eaa.example' };
const sites: Sites = { musicbrainz: { url: 'https://mb.example' }, archive };
const namedList = (name: string) => namedLists.find((list) => list.name === name)!;

test('each list has only what nobody but the archive’s staff can do, and none purges an item with an original', () => {
  for (const { name, filter } of namedLists)
    expect([name, filter]).toEqual([name, expect.objectContaining({ leftToOthers: true })]);
  expect(namedList('purge').filter.withoutChecks).toEqual(['files.extra_image', 'files.unknown']);
  expect(namedList('noindex').filter.withoutChecks).toEqual([]);
});

const example = { subject: 'noindex', expected: 'true', found: 'nothing', policy: 'report' };
const listed = {
  ...{ entityType: 'release', gid },
  findings: [{ check: 'meta.noindex', policy: 'report', count: 1, examples: [example] }],
} as unknown as Parameters<typeof listLine>[1];

test('a line of the form of 2021 says the checks, and on a list of the staff’s what to do', () => {
  const begin = `${gid}\thttps://mb.example/release/${gid}\thttps://ia.example/details/mbid-${gid}\tmeta.noindex`;
  expect(listLine('tsv', listed, sites, null)).toBe(`${begin}\n`);
  expect(listLine('tsv', listed, sites, namedList('noindex'))).toBe(`${begin}; set noindex to true (now: nothing)\n`);
});

test('only CSV has a head, which begins with the item and what to do about it on a list of the staff’s', () => {
  expect([listHead('json', sites, null), listHead('tsv', sites, null)]).toEqual(['', '']);
  expect(listHead('csv', sites, namedList('noindex'))).toMatch(/^identifier,to_do,.*mbid,musicbrainz_url,archive_url,/);
  expect(listHead('csv', sites, null)).not.toMatch(/identifier|to_do/);
});
