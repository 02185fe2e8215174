import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import { checksByImage, compareImages } from '../../src/dashboard/images/compare-images.ts';
import { rememberContents } from '../../src/database/image-contents.ts';
import type { ObservedItem } from '../../src/domain/documents/observed-item.ts';
import type { ExpectedState } from '../../src/domain/expected-state.ts';
import { createTestDatabase } from '../support/database.ts';
import {
  aFile,
  anImage,
  contentNamed,
  gids,
  imageFiles,
  liveRelease,
  matchingItem,
  md5Of,
  presentItem,
} from '../domain/examples.ts';

const database = await createTestDatabase();

const original = (gid: string, id: number, suffix = 'jpg') => `mbid-${gid}-${id}.${suffix}`;
const thumbnail = (gid: string, id: number) => `mbid-${gid}-${id}_thumb250.jpg`;

let asked: string[] = [];
beforeEach(() => {
  asked = [];
});

/** Compares with what the archive answers for each item; others don't exist. */
function compare(
  expected: ExpectedState,
  items: Readonly<Record<string, ObservedItem | { readonly kind: 'unknown'; readonly why: string }>>,
  checks: Readonly<Record<number, readonly string[]>> = {},
) {
  const named = new Map(Object.entries(checks).map(([id, names]) => [Number(id), names]));
  return compareImages(database.db, { key: expected.key, expected, named }, (gid) => {
    asked.push(gid);
    return Promise.resolve(items[gid] ?? { kind: 'missing' });
  });
}

describe('which checks name an image', () => {
  const example = (subject: string, expected = '', found = '') => ({ subject, expected, found });

  test('is read from their examples, by its number or a file of it, each check once', () => {
    const byImage = checksByImage([
      { check: 'files.image', examples: [example(original(gids.entity, 12)), example('image 12', 'x', 'image 13')] },
      { check: 'files.thumbnail', examples: [example('x', thumbnail(gids.entity, 13))] },
      { check: null, examples: [example('image 12')] },
    ]);
    expect(Object.fromEntries(byImage)).toEqual({ 12: ['files.image'], 13: ['files.image', 'files.thumbnail'] });
  });

  test('is not read from words that only look like it', () => {
    expect(checksByImage([{ check: 'x', examples: [example('reimage 12', '12.jpg', 'mbid-1-12.jpg')] }])).toEqual(
      new Map(),
    );
  });
});

describe('images side by side', () => {
  test('that are all right ask for no other item, and show thumbnails', async () => {
    const release = liveRelease([anImage(1), anImage(2)], { mergedFrom: [gids.merged] });
    const { images } = await compare(release, { [gids.entity]: matchingItem(release) });
    expect(asked).toEqual([gids.entity]);
    expect(images).toMatchObject([
      {
        artworkId: 1,
        suffix: 'jpg',
        owner: null,
        checks: [],
        items: [{ role: 'here', answer: 'present', expected: 'jpg' }],
      },
      { artworkId: 2 },
    ]);
    expect(images[0]!.items[0]!.files).toMatchObject([
      {
        ...{ fileName: original(gids.entity, 1), suffix: 'jpg', isExpected: true, isCopy: null, known: null },
        ...{ picture: thumbnail(gids.entity, 1), mtime: 1_700_000_000, md5: md5Of('1.jpg'), size: 1881 },
      },
    ]);
  });

  test('come first where findings name them, then where they are in question', async () => {
    const release = liveRelease([anImage(1), anImage(2), anImage(3), anImage(4)]);
    const files = [1, 4].flatMap((id) => imageFiles(gids.entity, id));
    // Of 2 there is another suffix, of 3 nothing.
    const item = presentItem([...files, ...imageFiles(gids.entity, 2, 'png')]);
    const { images } = await compare(release, { [gids.entity]: item }, { 4: ['files.thumbnail'] });
    expect(images.map(({ artworkId }) => artworkId)).toEqual([4, 2, 3, 1]);
    expect(images.map(({ checks }) => checks)).toEqual([['files.thumbnail'], [], [], []]);
    // In question the original itself is shown, so that its pixels are seen.
    const pictures = images.map(({ items }) => items[0]!.files.map(({ picture }) => picture));
    expect(pictures).toEqual([
      [original(gids.entity, 4)],
      [original(gids.entity, 2, 'png')],
      [],
      [thumbnail(gids.entity, 1)],
    ]);
  });

  test('are in question where there are several originals, each compared with that of its suffix', async () => {
    const release = liveRelease([anImage(1)], { mergedFrom: [gids.merged] });
    const both = (gid: string) =>
      presentItem(['jpg', 'png'].map((suffix) => aFile(original(gid, 1, suffix), contentNamed(`1.${suffix}`))));
    const items = { [gids.entity]: both(gids.entity), [gids.merged]: both(gids.merged) };
    const [image] = (await compare(release, items)).images;
    expect(asked).toEqual([gids.entity, gids.merged]);
    expect(image!.items[1]!.files).toMatchObject([
      { suffix: 'jpg', isCopy: 'same' },
      { suffix: 'png', isCopy: 'same' },
    ]);
  });

  test('are not in question where the archive doesn’t say what there is', async () => {
    const release = liveRelease([anImage(1)], { mergedFrom: [gids.merged] });
    const { item, images } = await compare(release, { [gids.entity]: { kind: 'unknown', why: 'HTTP 503' } });
    expect(asked).toEqual([gids.entity]);
    expect(item).toEqual({ kind: 'unknown', why: 'HTTP 503' });
    expect(images).toMatchObject([{ items: [{ role: 'here', answer: 'unknown', files: [] }] }]);
  });

  test('show the expected file before others, and say which contents audits have seen first', async () => {
    const seen = { artworkId: 91, suffix: 'jpg' };
    await rememberContents(database.db, 'release', [{ ...seen, md5: md5Of('91.jpg') }]);
    await rememberContents(database.db, 'release', [{ ...seen, md5: md5Of('later') }]);
    const release = liveRelease([anImage(91)]);
    const here = presentItem([
      ...imageFiles(gids.entity, 91, 'png'),
      aFile(original(gids.entity, 91), contentNamed('later')),
    ]);
    const [image] = (await compare(release, { [gids.entity]: here })).images;
    expect(image!.items[0]!.files).toMatchObject([
      { suffix: 'jpg', isExpected: true, known: { md5: md5Of('later'), isFirst: false } },
      { suffix: 'png', isExpected: false, known: null },
    ]);
    expect(image!.contents.map(({ md5 }) => md5)).toEqual([md5Of('91.jpg'), md5Of('later')]);
  });

  test('of merged items are shown where the image is in question, with whether they are copies', async () => {
    const release = liveRelease([anImage(1), anImage(2)], { mergedFrom: [gids.merged, gids.otherMerged] });
    const here = presentItem([...imageFiles(gids.entity, 1), ...imageFiles(gids.entity, 2)]);
    const merged = presentItem([
      aFile(original(gids.merged, 1), { ...contentNamed('1.jpg') }),
      aFile(original(gids.merged, 2), { ...contentNamed('another') }),
    ]);
    const items = { [gids.entity]: here, [gids.merged]: merged };
    const { images } = await compare(release, items, { 1: ['files.image'] });
    expect(asked).toEqual([gids.entity, gids.merged, gids.otherMerged]);
    expect(images[0]!.items.slice(1)).toMatchObject([
      { gid: gids.merged, role: 'merged', expected: null, files: [{ isCopy: 'same', isExpected: false }] },
    ]);
    // The other image is well: what a merged item has of it is as it should be.
    expect(images[1]!.items).toHaveLength(1);
  });

  test('of items that are not asked, as there are too many, say so', async () => {
    const others = Array.from({ length: 6 }, (_, n) => gids.merged.replace(/^3/, String(n + 4)));
    const release = liveRelease([anImage(1)], { mergedFrom: others });
    await compare(release, { [gids.entity]: presentItem([]) });
    expect(asked).toEqual([gids.entity, ...others.slice(0, 5)]);
  });

  test('too large for a browser, or no picture, are shown by a thumbnail of that very original, or not at all', async () => {
    const named = (id: number, suffix = 'jpg', more = {}) => aFile(original(gids.entity, id, suffix), more);
    const release = liveRelease([anImage(1), anImage(2, { suffix: 'pdf' }), anImage(3), anImage(4)]);
    const small = (id: number, of: string | null) =>
      aFile(thumbnail(gids.entity, id), { source: 'derivative', original: of });
    const item = presentItem([
      ...[named(1, 'jpg', { size: 10_000_001 }), small(1, original(gids.entity, 1))],
      ...[named(2, 'pdf'), small(2, original(gids.entity, 2))],
      ...[named(3, 'jpg', { size: 10_000_000 }), named(4, 'jpg', { size: null })],
    ]);
    const checks = { 1: ['x'], 2: ['x'], 3: ['x'], 4: ['x'] };
    const { images } = await compare(release, { [gids.entity]: item }, checks);
    expect(images.map(({ items }) => items[0]!.files[0]!.picture)).toEqual([
      thumbnail(gids.entity, 1),
      null,
      original(gids.entity, 3),
      original(gids.entity, 4),
    ]);
  });

  describe('that MusicBrainz lists for another entity', () => {
    let owner: Awaited<ReturnType<typeof addRelease>>;
    beforeAll(async () => {
      owner = await addRelease(database.db, { images: [{ suffix: 'png' }] });
    });

    test('are shown with what that one’s item has of them', async () => {
      const { id } = owner.images[0]!;
      const release = liveRelease([anImage(1)]);
      const items = {
        [gids.entity]: presentItem([...imageFiles(gids.entity, 1), ...imageFiles(gids.entity, id, 'png')]),
        [owner.gid]: presentItem(imageFiles(owner.gid, id, 'png')),
      };
      const { images } = await compare(release, items);
      expect(images[0]).toMatchObject({
        ...{ artworkId: id, suffix: 'png', listed: null, owner: { gid: owner.gid, suffix: 'png' } },
        items: [
          {
            role: 'here',
            gid: gids.entity,
            expected: null,
            files: [{ suffix: 'png', isExpected: false, isCopy: null }],
          },
          { role: 'owner', gid: owner.gid, expected: 'png', files: [{ isExpected: true, isCopy: 'same' }] },
        ],
      });
      expect(asked).toEqual([gids.entity, owner.gid]);
    });
  });
});
