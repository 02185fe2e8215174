import { describe, expect, test } from 'vitest';
import { entityTypeOf, suspicionOf } from '../../src/domain/decision/suspicion.ts';
import type { ObservedItem } from '../../src/domain/documents/observed-item.ts';
import { aFile, anImage, gids, liveEvent, liveRelease, matchingItem } from './examples.ts';

const gid = gids.entity;
const release = liveRelease([anImage(11), anImage(12, { suffix: 'pdf' })]);

type Present = Extract<ObservedItem, { kind: 'present' }>;
type Files = Present['files'];

const ofFiles = (change: (files: Files) => Files) => {
  const item = matchingItem(release);
  return suspicionOf(gid, { ...item, files: change(item.files) });
};
const without = (name: string) => ofFiles((files) => files.filter((file) => file.name !== name));
const ofMetadata = (changes: Record<string, readonly string[]>) => {
  const item = matchingItem(release);
  return suspicionOf(gid, { ...item, metadata: { ...item.metadata, ...changes } });
};

describe('nothing is odd', () => {
  test('about an item as it should be, with images or without', () => {
    expect(suspicionOf(gid, matchingItem(release))).toEqual({ entityType: 'release', reasons: [] });
    expect(suspicionOf(gid, matchingItem(liveEvent([])))).toEqual({ entityType: 'event', reasons: [] });
  });

  test('about one that doesn’t exist: old lists hold many', () => {
    expect(suspicionOf(gid, { kind: 'missing' })).toEqual({ entityType: null, reasons: [] });
  });
});

describe('an item is to be audited soon', () => {
  test('where it is dark', () => {
    expect(suspicionOf(gid, { kind: 'dark' })).toEqual({ entityType: null, reasons: ['dark'] });
  });

  test.each([
    ['its collection is another', { collection: ['image'] }, 'in neither collection'],
    ['its mediatype is another', { mediatype: ['texts', 'image'] }, 'mediatype is not image'],
    ['it has no mediatype', { mediatype: [] }, 'mediatype is not image'],
    ['it may be indexed', { noindex: ['false', 'true'] }, 'noindex is not true'],
    ['nothing says that it may not be indexed', { noindex: [] }, 'noindex is not true'],
  ])('where %s', (_, changes, reason) => {
    expect(ofMetadata(changes)).toMatchObject({ reasons: [reason] });
  });

  test('where its metadata are gone altogether', () => {
    expect(suspicionOf(gid, matchingItem(release, { metadata: {} }))).toEqual({
      entityType: null,
      reasons: ['in neither collection', 'mediatype is not image', 'noindex is not true'],
    });
  });

  test.each([
    ['index.json', 'no index.json'],
    [`mbid-${gid}_mb_metadata.xml`, 'no mb_metadata.xml'],
    [`mbid-${gid}-11_thumb250.jpg`, 'an original without its thumbnails'],
    [`mbid-${gid}-11_thumb500.jpg`, 'an original without its thumbnails'],
    [`mbid-${gid}-12_thumb1200.jpg`, 'an original without its thumbnails'],
  ])('where it lacks %s', (name, reason) => {
    expect(without(name)).toEqual({ entityType: 'release', reasons: [reason] });
  });

  test('where an image is there with two suffixes', () => {
    expect(ofFiles((files) => [...files, aFile(`mbid-${gid}-11.png`)])).toEqual({
      entityType: 'release',
      reasons: ['two originals of one image'],
    });
  });

  test('for all of that at once, each once', () => {
    expect(ofFiles(() => [aFile(`mbid-${gid}-1.jpg`), aFile(`mbid-${gid}-1.png`)]).reasons).toEqual([
      'no index.json',
      'no mb_metadata.xml',
      'two originals of one image',
      'an original without its thumbnails',
    ]);
  });
});

test.each([
  [['coverartarchive'], 'release'],
  [['image', 'eventartarchive'], 'event'],
  [['image'], null],
  [[], null],
])('an item of the collections %j holds art of: %s', (collection, entityType) => {
  expect(entityTypeOf({ metadata: { collection } })).toBe(entityType);
});

test('an item that names no collection holds art of nothing', () => {
  expect(entityTypeOf({ metadata: {} })).toBeNull();
});
