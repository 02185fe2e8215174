import { expect, test } from 'vitest';
import {
  artAddress,
  editAddress,
  editsAddress,
  entityAddress,
  fileAddress,
  frontAddress,
  historyAddress,
  itemAddress,
  thumbnailAddress,
} from '../../src/domain/site-links.ts';

const gid = '8000022a-1111-4111-8111-111111111111';
/** With and without a slash at the end, as people write them. */
const sites = {
  musicbrainz: { url: 'http://mb.test/' },
  archive: { url: 'http://archive.test', caaUrl: 'http://caa.test/', eaaUrl: 'http://eaa.test' },
};
const release = { entityType: 'release', gid } as const;

test.each([
  ['an entity', entityAddress(sites, release), `http://mb.test/release/${gid}`],
  ['its edits', editsAddress(sites, release), `http://mb.test/release/${gid}/edits`],
  ['an edit', editAddress(sites, 98), 'http://mb.test/edit/98'],
  ['its item', itemAddress(sites, gid), `http://archive.test/details/mbid-${gid}`],
  ['a file of it', fileAddress(sites, gid, 'a b.jpg'), `http://archive.test/download/mbid-${gid}/a%20b.jpg`],
  ['older versions', historyAddress(sites, gid), `http://archive.test/download/mbid-${gid}/history/files/`],
  ['a release’s art', artAddress(sites, release), `http://caa.test/release/${gid}`],
  ['an event’s art', artAddress(sites, { entityType: 'event', gid }), `http://eaa.test/event/${gid}`],
  ['the front of it', frontAddress(sites, { entityType: 'event', gid }), `http://eaa.test/event/${gid}/front-250`],
  [
    'a small picture of an image',
    thumbnailAddress(sites, gid, 98),
    `http://archive.test/download/mbid-${gid}/mbid-${gid}-98_thumb250.jpg`,
  ],
])('%s is where the configuration says', (_what, address, expected) => {
  expect(address).toBe(expected);
});
