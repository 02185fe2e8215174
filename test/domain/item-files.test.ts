import { describe, expect, it, test } from 'vitest';
import {
  artworkIdOf,
  findOldVersion,
  findOriginal,
  imagesInQuestion,
  isOriginalThere,
  itemFiles,
} from '../../src/domain/documents/item-files.ts';
import {
  aFile,
  anImage,
  contentNamed,
  gids,
  imageFiles,
  liveRelease,
  matchingItem,
  md5Of,
  orphan,
  presentItem,
} from './examples.ts';

const release = liveRelease([anImage(1), anImage(2, { suffix: 'png' })]);

describe('the images in question', () => {
  it('are none where the item has exactly the entity’s originals', () => {
    expect(imagesInQuestion(release, matchingItem(release))).toEqual({ missing: [], extra: [] });
  });

  it('are those that the item lacks, all of them where there is no item', () => {
    const item = presentItem(imageFiles(gids.entity, 1));
    expect(imagesInQuestion(release, item).missing).toEqual([{ artworkId: 2, suffix: 'png' }]);
    expect(imagesInQuestion(release, { kind: 'missing' }).missing).toHaveLength(2);
  });

  it('are those that aren’t the entity’s, on an orphan’s item all', () => {
    const item = presentItem([...matchingItem(release).files, ...imageFiles(gids.entity, 3)]);
    const extra = [{ artworkId: 3, suffix: 'jpg', fileName: `mbid-${gids.entity}-3.jpg`, ...contentNamed('3.jpg') }];
    expect(imagesInQuestion(release, item)).toEqual({ missing: [], extra });
    expect(imagesInQuestion(orphan(), item).extra.map(({ artworkId }) => artworkId)).toEqual([1, 2, 3]);
  });

  it('leave a second suffix of a known image to its own check', () => {
    const item = presentItem([
      ...imageFiles(gids.entity, 1),
      ...imageFiles(gids.entity, 1, 'png'),
      ...imageFiles(gids.entity, 2, 'png'),
    ]);
    expect(imagesInQuestion(release, item)).toEqual({ missing: [], extra: [] });
  });

  it('are found by what the archive calls an original, not by the name alone', () => {
    const derived = aFile(`mbid-${gids.entity}-2.png`, { source: 'derivative', original: `mbid-${gids.entity}-2.pdf` });
    const stray = aFile(`mbid-${gids.entity}-9.jpg`, { source: 'derivative', original: `mbid-${gids.entity}-2.pdf` });
    const item = presentItem([...imageFiles(gids.entity, 1), derived, stray]);
    expect(imagesInQuestion(release, item)).toEqual({ missing: [{ artworkId: 2, suffix: 'png' }], extra: [] });
    expect(findOriginal(item, gids.entity, 2, 'png')).toBeNull();
    expect(findOriginal(item, gids.entity, 1, 'jpg')?.md5).toBe(md5Of('1.jpg'));
  });

  it('cannot be judged of a dark item', () => {
    expect(imagesInQuestion(release, { kind: 'dark' })).toEqual({ missing: [], extra: [] });
    expect(findOriginal({ kind: 'dark' }, gids.entity, 1, 'jpg')).toBeNull();
  });

  it('don’t count old versions under history/ as files', () => {
    const item = presentItem([
      aFile(`history/files/mbid-${gids.entity}-1.jpg.~1~`),
      aFile(`history/files/mbid-${gids.entity}-9.jpg.~1~`),
    ]);
    expect(imagesInQuestion(release, item)).toMatchObject({ missing: [{ artworkId: 1 }, { artworkId: 2 }], extra: [] });
  });
});

describe('the old version of a file that was deleted', () => {
  const name = `mbid-${gids.entity}-1.jpg`;
  const old = (version: number | string): string => `history/files/${name}.~${version}~`;

  it('is the newest of those that are kept, by its number', () => {
    const item = presentItem([
      aFile(old(9)),
      aFile(old(10)),
      aFile(old(2)),
      aFile(`${old(11)}.txt`),
      aFile(old('x12')),
    ]);
    expect(findOldVersion(item, name)?.name).toBe(old(10));
  });

  it('is not there where none is kept, or the item can’t be seen', () => {
    expect(findOldVersion(presentItem([aFile(name), aFile('history/files/index.json.~1~')]), name)).toBeNull();
    expect(findOldVersion({ kind: 'dark' }, name)).toBeNull();
  });

  it('is no file that only looks like one: without a number, or of another file', () => {
    for (const other of [old('x'), old(0), `history/files/mbid-${gids.entity}-2.jpg.~5~`]) {
      expect(findOldVersion(presentItem([aFile(other)]), name), other).toBeNull();
    }
  });
});

describe('what a derivative was made from', () => {
  const derivative = (name: string, original: string | null) => aFile(name, { source: 'derivative', original });
  const isThere = (file: ReturnType<typeof aFile>, ...others: ReturnType<typeof aFile>[]) =>
    isOriginalThere(gids.entity, itemFiles(gids.entity, [file, ...others]), file);

  it('is there where an original is at the end of what it was made from', () => {
    expect(isThere(derivative('c', 'b'), derivative('b', 'a'), aFile('a'))).toBe(true);
    expect(isThere(aFile('a_meta.txt', { source: 'metadata' }), aFile('a'))).toBe(true);
  });

  it('is gone where one on the way is, names nothing, or leads back', () => {
    expect(isThere(derivative('c', 'b'))).toBe(false);
    expect(isThere(derivative('c', 'b'), derivative('b', 'a'))).toBe(false);
    expect(isThere(derivative('c', 'b'), derivative('b', null))).toBe(false);
    expect(isThere(derivative('c', null))).toBe(false);
    expect(isThere(derivative('c', 'b'), derivative('b', 'c'))).toBe(false);
    // Neither a log of another file, nor a file that was made from nothing.
    expect(isThere(aFile('a_meta.txt.gz', { source: 'metadata' }), aFile('a.gz'))).toBe(false);
    expect(isThere(aFile('a'))).toBe(false);
  });
});

test.each([
  ['its own name', `mbid-${gids.entity}-9_thumb.jpg`, null, 9],
  ['its own name rather than what it was made from', `mbid-${gids.entity}-9_thumb.jpg`, `mbid-${gids.entity}-8.jpg`, 9],
  ['its own name, whatever it was made from', `mbid-${gids.entity}-9_thumb.jpg`, 'cover.jpg', 9],
  ['what it was made from', 'page.txt', `mbid-${gids.entity}-8.jpg`, 8],
  ['neither', 'page.txt', 'cover.jpg', null],
  ['neither, where it was made from nothing', 'page.txt', null, null],
])('a derivative is of the image that is told by %s', (_, name, original, artworkId) => {
  expect(artworkIdOf(gids.entity, aFile(name, { original }))).toBe(artworkId);
});
