import { describe, expect, it } from 'vitest';
import { checkItem } from '../../../src/domain/checks/catalogue.ts';
import { imagesInQuestion } from '../../../src/domain/documents/item-files.ts';
import type { ObservedFile, ObservedItem } from '../../../src/domain/documents/observed-item.ts';
import {
  aFile,
  anImage,
  archivesOwnFiles,
  gids,
  imageFiles,
  inShort,
  liveEvent,
  liveRelease,
  matchingItem,
  orphan,
  presentItem,
} from '../examples.ts';

const gid = gids.entity;
const release = liveRelease([anImage(1), anImage(2, { suffix: 'pdf' })]);
const without = (name: string) => presentItem(matchingItem(release).files.filter((file) => file.name !== name));
const found = (item: ObservedItem, expected = release) => inShort(checkItem(expected, item));

describe('a live entity’s item', () => {
  it('is in order with its images, documents and metadata, whatever the archive keeps and derives besides', () => {
    const derived = [
      aFile(`mbid-${gid}-2_jp2.zip`, { source: 'derivative', original: `mbid-${gid}-2.pdf` }),
      aFile(`mbid-${gid}-2_djvu.txt`, { source: 'derivative', original: `mbid-${gid}-2_jp2.zip` }),
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

describe('files.image', () => {
  it('is for a person where an original is empty: it is neither the image nor its absence', () => {
    const empty = matchingItem(release).files.map((file) =>
      file.name === `mbid-${gid}-1.jpg` ? { ...file, size: 0 } : file,
    );
    expect(checkItem(release, presentItem(empty))).toEqual([
      {
        check: 'files.image',
        policy: 'review',
        subject: 'image 1',
        expected: `mbid-${gid}-1.jpg`,
        found: 'an empty file',
        artworkId: 1,
      },
    ]);
    expect(imagesInQuestion(release, presentItem(empty))).toEqual({ missing: [], extra: [] });
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
    // Its policy is the configured one: only of orphans it is reported, whatever that is.
    expect(checkItem(release, { kind: 'dark' })[0]).not.toHaveProperty('policy');
    expect(found({ kind: 'dark' }, liveRelease([]))).toEqual(['item.dark of the item']);
  });

  it('is found on an item that should be dark and isn’t, beside whatever else is', () => {
    const darkened = liveRelease([anImage(1)], { presence: 'darkened' });
    expect(found(presentItem([aFile('index.json'), ...imageFiles(gid, 1)]), darkened)).toEqual([
      'item.dark of the item',
      `files.mb_metadata of mbid-${gid}_mb_metadata.xml`,
    ]);
  });

  it('cannot be judged of an item that isn’t there', () => {
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

describe('files.unknown', () => {
  const withFile = (name: string, changes: Partial<ObservedFile> = {}) =>
    presentItem([...matchingItem(release).files, aFile(name, changes)]);

  it.each([
    'cover.jpg',
    'notes.txt',
    `mbid-${gid}-9.JPG`,
    `mbid-${gid}-9.jpeg`,
    `mbid-${gid}-9.webp`,
    `mbid-${gid}-9-front.jpg`,
    `mbid-${gid}-09.jpg`,
    `mbid-${gid}-9999999999999999999.jpg`,
    `mbid-${gids.owner}-9.jpg`,
    `mbid-${gids.owner}_mb_metadata.xml`,
    'Index.json',
  ])('is an original under another name than the indexer’s, live or not: %s', (name) => {
    expect(found(withFile(name))).toEqual([`files.unknown of ${name}`]);
    const left = presentItem([...archivesOwnFiles(gid), aFile(name)]);
    expect(found(left, orphan())).toContain(`files.unknown of ${name}`);
  });

  it('is an original, whatever the archive says that it was made from', () => {
    expect(found(withFile('cover.jpg', { original: 'scan.tif' }))).toEqual(['files.unknown of cover.jpg']);
  });

  it('names the file’s content, so that another one asks again', () => {
    expect(checkItem(release, withFile('cover.jpg', { md5: 'c'.repeat(32) }))).toMatchObject([
      { subject: 'cover.jpg', found: 'the file, which the archive lists as "original"', md5: 'c'.repeat(32) },
    ]);
  });

  it('holds for what the archive keeps, derives and logs by itself', () => {
    const original = `mbid-${gid}-1.jpg`;
    for (const [name, changes] of [
      [`mbid-${gid}_meta.xml`, {}],
      ['history/files/cover.jpg.~1~', {}],
      ['cover_thumb.jpg', { source: 'derivative', original: 'cover.jpg' }],
      // Items differ in what such a log is listed as.
      [`${original}_meta.txt`, { source: 'metadata', original }],
      [`${original}_meta.txt`, {}],
      // What it lists as metadata no uploader made.
      ['page_numbers.json', { source: 'metadata' }],
    ] as const) {
      expect(found(withFile(name, changes)), name).toEqual([]);
    }
  });

  it('does not take the archive’s word for a derivative that is derived from nothing, nor for a source it never uses', () => {
    for (const changes of [{ source: 'derivative' }, { source: 'derivative', original: '' }, { source: 'unknown' }]) {
      expect(found(withFile('cover.jpg', changes))).toEqual(['files.unknown of cover.jpg']);
      // An orphan's may be the last copy; on a live entity's item it is another form of what is there.
      const left = presentItem([aFile('index.json'), aFile(`mbid-${gid}-9.jpg`, changes)]);
      expect(found(left, orphan())).toContain(`files.unknown of mbid-${gid}-9.jpg`);
    }
  });
});

describe('files.stray_thumbnail', () => {
  const withFiles = (...files: ObservedFile[]) => presentItem([...matchingItem(release).files, ...files]);
  const derivative = (name: string, original: string) =>
    aFile(`mbid-${gid}-${name}`, { source: 'derivative', original: `mbid-${gid}-${original}` });

  it('is a derivative of an image that is gone and that MusicBrainz doesn’t list', () => {
    const stray = [
      derivative('9_thumb1200.jpg', '9.jpg'),
      derivative('9_jp2.zip', '9.pdf'),
      derivative('9_djvu.txt', '9_jp2.zip'),
    ];
    expect(checkItem(release, withFiles(...stray))).toMatchObject(
      stray.map(({ name, md5 }) => ({ check: 'files.stray_thumbnail', subject: name, artworkId: 9, md5 })),
    );
  });

  it('is no log that was left of the image: the archive keeps those', () => {
    const original = `mbid-${gid}-9.jpg`;
    expect(found(withFiles(aFile(`${original}_meta.txt`, { source: 'metadata', original })))).toEqual([]);
  });

  it('is told by what the derivative was made from, where its own name tells nothing', () => {
    expect(found(withFiles(aFile('page.txt', { source: 'derivative', original: `mbid-${gid}-9.jpg` })))).toEqual([
      'files.stray_thumbnail of page.txt',
    ]);
  });

  it('holds where MusicBrainz lists the image, be its original there or not', () => {
    const files = matchingItem(release).files.filter(({ name }) => name !== `mbid-${gid}-1.jpg`);
    expect(found(presentItem(files))).toEqual([]);
  });

  it('holds where the original is there: it goes when that goes', () => {
    expect(found(withFiles(aFile(`mbid-${gid}-9.png`), derivative('9_thumb250.jpg', '9.png')))).toEqual([]);
    expect(found(withFiles(aFile(`mbid-${gid}-9.JPG`), derivative('9_thumb250.jpg', '9.JPG')))).toEqual([
      `files.unknown of mbid-${gid}-9.JPG`,
    ]);
  });

  it('ends where the archive says that files are derived from one another', () => {
    expect(found(withFiles(derivative('8_a.zip', '8_b.zip'), derivative('8_b.zip', '8_a.zip')))).toEqual([
      `files.stray_thumbnail of mbid-${gid}-8_a.zip`,
      `files.stray_thumbnail of mbid-${gid}-8_b.zip`,
    ]);
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

describe('the md5 of a file that a person is to look at', () => {
  const images = liveRelease([anImage(1)]);
  const entries = (md5: string | null) =>
    checkItem(
      images,
      presentItem([
        ...matchingItem(images).files,
        aFile(`mbid-${gid}-1.png`, { md5 }),
        aFile('cover.jpg', { md5 }),
        aFile(`mbid-${gid}-9_thumb250.jpg`, { source: 'derivative', original: `mbid-${gid}-9.jpg`, md5 }),
      ]),
    );

  it('is part of what is found, where the archive tells it', () => {
    expect(inShort(entries(null))).toEqual([
      'files.image_unique of image 1',
      'files.unknown of cover.jpg',
      `files.stray_thumbnail of mbid-${gid}-9_thumb250.jpg`,
    ]);
    expect(entries('5d').map(({ md5 }) => md5)).toEqual(['5d', '5d', '5d']);
    for (const difference of entries(null)) expect(difference).not.toHaveProperty('md5');
  });
});
