import { expect, test } from 'vitest';
import { checkItem } from '../../src/domain/checks/catalogue.ts';
import { groupFindings } from '../../src/domain/checks/findings.ts';
import { defaultPolicies } from '../../src/domain/checks/policies.ts';
import type { ExpectedState } from '../../src/domain/expected-state.ts';
import type { ObservedItem } from '../../src/domain/documents/observed-item.ts';
import { namedLists } from '../../src/export/named-lists.ts';
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
