import { describe, expect, test } from 'vitest';
import { entitiesAreNamed, parseNamed } from '../../src/domain/named-entity.ts';

const gid = '76df3287-6cda-33eb-8e9a-044b5e15ffdd';
const other = '11111111-1111-4111-8111-111111111111';

describe('what is pasted names an entity', () => {
  test.each([
    [gid, null],
    [gid.toUpperCase(), null],
    [`  ${gid}\n`, null],
    [`mbid-${gid}`, null],
    [`MBID-${gid.toUpperCase()}`, null],
    [`https://archive.org/details/mbid-${gid}`, null],
    [`https://musicbrainz.org/release/${gid}`, 'release'],
    [`HTTP://musicbrainz.org/event/${gid}/event-art`, 'event'],
    [`https://coverartarchive.org/release/${gid}/front-250?x=1#y`, 'release'],
    [` https://eventartarchive.org/event/${gid} `, 'event'],
  ])('%j', (text, entityType) => {
    expect(parseNamed(text)).toEqual({ gid, entityType });
  });
});

describe('what is pasted names none', () => {
  test.each([
    '',
    'Nevermind',
    gid.slice(1),
    `${gid}0`,
    `x${gid}`,
    `x-mbid-${gid}`,
    `mbid-mbid-${gid}`,
    `${gid} ${other}`,
    `release ${gid}`,
    `musicbrainz.org/release/${gid}`,
    `see https://musicbrainz.org/release/${gid}`,
    `ftp://musicbrainz.org/release/${gid}`,
    `https://${gid}`,
    'https://musicbrainz.org/release/',
  ])('%j', (text) => {
    expect(parseNamed(text)).toBeNull();
  });
});

test('an error that says how entities are named names one', () => {
  expect(entitiesAreNamed).toBe('an MBID, e.g. 76df3287-6cda-33eb-8e9a-044b5e15ffdd, or an address with one');
});
