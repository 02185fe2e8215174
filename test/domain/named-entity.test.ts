import { describe, expect, test } from 'vitest';
import { parseNamed } from '../../src/domain/entity.ts';

const gid = '463f1a2b-7c3d-4e5f-8a9b-0c1d2e3f4a5b';
const another = '76df3287-6cda-33eb-8e9a-044b5e15ffdd';

describe('an entity is named by', () => {
  test.each([
    [gid, null],
    [gid.toUpperCase(), null],
    [`  ${gid}\n`, null],
    [`mbid-${gid}`, null],
    [`MBID-${gid.toUpperCase()}`, null],
    [`HTTP://musicbrainz.org/event/${gid}/event-art`, 'event'],
    [` https://eventartarchive.org/event/${gid} `, 'event'],
    [`https://archive.org/details/mbid-${gid}`, null],
    [`https://archive.org/download/mbid-${gid}/mbid-${gid}-829521842.jpg`, null],
    [`https://ia800500.us.archive.org/12/items/mbid-${gid}/index.json`, null],
    [`http://mbid-${gid}.s3.us.archive.org/index.json`, null],
    [`https://reconciler.example.org/events?mbid=${gid}&state=failed`, null],
    [`https://musicbrainz.org/release/${gid}`, 'release'],
    [`https://reconciler.example.org/mbid-lists/release/${gid}`, 'release'],
    [`https://beta.musicbrainz.org/release/${gid}/cover-art?from=${another}#image`, 'release'],
    [`https://musicbrainz.org/RELEASE/${gid.toUpperCase()}`, 'release'],
    [`https://musicbrainz.org/ws/2/event/${gid}?inc=artist-rels`, 'event'],
    [`https://coverartarchive.org/release/${gid}/front-250`, 'release'],
    [`https://eventartarchive.org/event/${gid}`, 'event'],
    [`https://reconciler.example.org/entities/event/${gid}`, 'event'],
    // As we print it ourselves, with what we say of it behind it, and as Temporal shows its workflow.
    [`release ${gid}`, 'release'],
    [`event ${gid}: event 17`, 'event'],
    [`release ${gid} (live): clean`, 'release'],
    [`audit-release-${gid}`, 'release'],
  ])('%s', (text, entityType) => {
    expect(parseNamed(text)).toEqual({ kind: 'named', gid, entityType });
  });
});

describe('no release and no event is named by the address of', () => {
  test.each([
    ['a release-group', `https://musicbrainz.org/release-group/${gid}`],
    ['a release-group', `https://coverartarchive.org/release-group/${gid}/front`],
    ['an artist', `https://musicbrainz.org/artist/${gid}/releases`],
    ['an artist', `https://musicbrainz.org/ws/2/release?artist=${gid}`],
    ['a recording', `https://musicbrainz.org/recording/${gid}?release=${another}`],
    ['a RELEASE-GROUP', `https://musicbrainz.org/RELEASE-GROUP/${gid}`],
    ['something else', `https://${gid}.example.org/`],
  ])('%s: %s', (what, text) => {
    expect(parseNamed(text)).toEqual({ kind: 'other', what: what.toLowerCase() });
  });
});

test.each([
  '',
  'Abbey Road',
  gid.slice(1),
  `x${gid}`,
  `x-mbid-${gid}`,
  `mbid-mbid-${gid}`,
  `${gid.slice(0, 4)}mbid-${gid.slice(4)}`,
  `musicbrainz.org/release/${gid}`,
  `see https://musicbrainz.org/release/${gid}`,
  `ftp://musicbrainz.org/release/${gid}`,
  `https://${gid}`,
  'https://musicbrainz.org/release/',
  '463f1a2b',
  `${gid}0`,
  `${gid} ${another}`,
  `release-group ${gid}`,
  `xrelease ${gid}`,
  `https://musicbrainz.org/release/${gid}0`,
])('nothing is named by %j', (text) => {
  expect(parseNamed(text)).toEqual({ kind: 'nothing' });
});
