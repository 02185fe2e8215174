import { describe, expect, it } from 'vitest';
import { checkItem } from '../../../src/domain/checks/index.ts';
import type { ObservedItem } from '../../../src/domain/observed-item.ts';
import {
  aFile,
  anImage,
  gids,
  imageFiles,
  inShort,
  liveEvent,
  liveRelease,
  matchingItem,
  presentItem,
} from '../examples.ts';

const gid = gids.entity;
const release = liveRelease([anImage(1), anImage(2, { suffix: 'pdf' })]);
const without = (name: string) => presentItem(matchingItem(release).files.filter((file) => file.name !== name));
const found = (item: ObservedItem, expected = release) => inShort(checkItem(expected, item));

describe('a live entity’s item', () => {
  it('is in order with its images, documents and metadata, whatever the archive keeps and derives besides', () => {
    const derived = [
      aFile(`mbid-${gid}-2_jp2.zip`, { source: 'derivative' }),
      aFile(`mbid-${gid}-2_djvu.txt`, { source: 'derivative' }),
    ];
    const old = [aFile('history/files/index.json.~2~'), aFile(`history/files/mbid-${gid}-9.jpg.~1~`)];
    expect(found(presentItem([...matchingItem(release).files, ...derived, ...old]))).toEqual([]);
    const event = liveEvent([anImage(3)]);
    expect(found(matchingItem(event), event)).toEqual([]);
  });
});

describe('item.exists', () => {
  it('holds without an item where MusicBrainz has no images', () => {
    expect(found({ kind: 'missing' }, liveRelease([]))).toEqual([]);
  });

  it('is all that is found where there is no item but should be one', () => {
    expect(checkItem(release, { kind: 'missing' })).toEqual([
      { check: 'item.exists', subject: 'the item', expected: 'an item with the images 1, 2', found: 'no item' },
    ]);
  });
});

describe('item.dark', () => {
  it('holds where both sides are dark, and where neither is', () => {
    expect(found({ kind: 'dark' }, liveRelease([anImage(1)], { presence: 'darkened' }))).toEqual([]);
    expect(found(matchingItem(release))).toEqual([]);
  });

  it('is all that is found on an item that is dark and shouldn’t be', () => {
    expect(checkItem(release, { kind: 'dark' })).toMatchObject([
      { check: 'item.dark', expected: 'public', found: 'dark' },
    ]);
    expect(found({ kind: 'dark' }, liveRelease([]))).toEqual(['item.dark of the item']);
  });

  it('is found on an item that should be dark and isn’t, beside whatever else is', () => {
    const darkened = liveRelease([anImage(1)], { presence: 'darkened' });
    expect(found(presentItem([aFile('index.json'), ...imageFiles(gid, 1)]), darkened)).toEqual([
      'item.dark of the item',
      `files.mb_metadata of mbid-${gid}_mb_metadata.xml`,
    ]);
  });

  it('can’t be told of an item that isn’t there', () => {
    expect(found({ kind: 'missing' }, liveRelease([anImage(1)], { presence: 'darkened' }))).toEqual([
      'item.exists of the item',
    ]);
    expect(found({ kind: 'missing' }, liveRelease([], { presence: 'darkened' }))).toEqual([]);
  });
});

describe('files.image_unique', () => {
  it('is found where an image has two originals', () => {
    const item = presentItem([...matchingItem(release).files, aFile(`mbid-${gid}-1.png`)]);
    expect(checkItem(release, item)).toMatchObject([
      {
        check: 'files.image_unique',
        artworkId: 1,
        expected: `only mbid-${gid}-1.jpg`,
        found: `mbid-${gid}-1.png as well`,
      },
    ]);
  });

  it('is not judged where the expected one is missing', () => {
    const item = presentItem([...without(`mbid-${gid}-1.jpg`).files, aFile(`mbid-${gid}-1.png`)]);
    expect(found(item).filter((short) => short.startsWith('files.image_unique'))).toEqual([]);
  });

  it('holds where what is beside the original was derived from it', () => {
    const item = presentItem([...matchingItem(release).files, aFile(`mbid-${gid}-2.jpg`, { source: 'derivative' })]);
    expect(found(item)).toEqual([]);
  });
});

describe('files.index_json and files.mb_metadata', () => {
  it('are found where the file is missing', () => {
    expect(found(without('index.json'))).toEqual(['files.index_json of index.json']);
    expect(found(without(`mbid-${gid}_mb_metadata.xml`))).toEqual([`files.mb_metadata of mbid-${gid}_mb_metadata.xml`]);
  });

  it('hold without the files where MusicBrainz has no images', () => {
    expect(found(presentItem([]), liveRelease([]))).toEqual([]);
  });
});

describe('files.thumbnail', () => {
  it('names each thumbnail that is missing', () => {
    expect(checkItem(release, without(`mbid-${gid}-2_thumb500.jpg`))).toMatchObject([
      { check: 'files.thumbnail', subject: 'image 2', expected: `mbid-${gid}-2_thumb500.jpg`, artworkId: 2 },
    ]);
  });

  it('is not judged of an image whose original is missing', () => {
    const files = matchingItem(release).files.filter(({ name }) => !name.startsWith(`mbid-${gid}-2`));
    expect(found(presentItem(files))).toEqual([]);
  });
});

describe('meta.collection, meta.mediatype and meta.noindex', () => {
  const withMetadata = (metadata: Record<string, string[]>) =>
    matchingItem(release, {
      metadata: { collection: ['coverartarchive'], mediatype: ['image'], noindex: ['true'], ...metadata },
    });

  it('hold where the value is one of several', () => {
    expect(found(withMetadata({ collection: ['something', 'coverartarchive'] }))).toEqual([]);
  });

  it('are found where the value is another, or there is none', () => {
    expect(found(withMetadata({ collection: ['eventartarchive'] }))).toEqual(['meta.collection of collection']);
    expect(found(withMetadata({ mediatype: ['texts'] }))).toEqual(['meta.mediatype of mediatype']);
    expect(checkItem(release, withMetadata({ noindex: [] }))).toMatchObject([{ expected: 'true', found: 'nothing' }]);
    expect(found(matchingItem(release, { metadata: {} }))).toEqual([
      'meta.collection of collection',
      'meta.mediatype of mediatype',
      'meta.noindex of noindex',
    ]);
  });

  it('ask for the collection of the entity’s own project', () => {
    const event = liveEvent([anImage(1)]);
    expect(found(matchingItem(event, { metadata: withMetadata({}).metadata }), event)).toEqual([
      'meta.collection of collection',
    ]);
  });
});
