import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  idsOf,
  listContents,
  type ListedImages,
  listImages,
  questionAbout,
  unlistCopies,
  unlistImages,
} from '../../src/domain/decision/image-lists.ts';
import { imageSuffixes, originalFileName } from '../../src/domain/documents/file-names.ts';
import { unknownContent } from '../../src/domain/documents/image-content.ts';

const gid = '76df3287-6cda-33eb-8e9a-044b5e15ffdd';

const artworkId = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const suffix = fc.constantFrom(...imageSuffixes);
const missing = fc.record({ artworkId, suffix });
const extra = fc
  .record({
    artworkId,
    suffix,
    md5: fc.option(fc.stringMatching(/^[0-9a-f]{32}$/)),
    sha1: fc.option(fc.stringMatching(/^[0-9a-f]{40}$/)),
    size: fc.option(fc.nat()),
  })
  .map((image) => ({ ...image, fileName: originalFileName(gid, image.artworkId, image.suffix) }));
const images = fc.record({
  missing: fc.uniqueArray(missing, { selector: (image) => image.artworkId }),
  extra: fc.uniqueArray(extra, { selector: ({ fileName }) => fileName }),
});

test('what is listed for a history is whole again afterwards but for a sha1 beside an md5, also through JSON', () => {
  fc.assert(
    fc.property(images, (given) => {
      const read = unlistImages(gid, JSON.parse(JSON.stringify(listImages(given))) as ListedImages);
      const sorted = (list: readonly { artworkId: number; suffix: string }[]) =>
        [...list].sort((one, other) => one.artworkId - other.artworkId || one.suffix.localeCompare(other.suffix));
      expect(sorted(read.missing)).toEqual(sorted(given.missing));
      const written = given.extra.map((image) => (image.md5 === null ? image : { ...image, sha1: null }));
      expect(sorted(read.extra)).toEqual(sorted(written));
    }),
  );
});

test('an image that was asked for and not seen is lacking; of a dark or missing item each says so', () => {
  const question = { gid, images: { jpg: [1, 2], png: [3] } };
  const held = listContents([
    { artworkId: 1, suffix: 'jpg', md5: 'a', sha1: null, size: 1881 },
    { artworkId: 3, suffix: 'png', ...unknownContent },
  ]);
  expect(unlistCopies(question, { item: 'present', held })).toEqual([
    { gid, artworkId: 1, suffix: 'jpg', seen: 'held', md5: 'a', sha1: null, size: 1881 },
    { gid, artworkId: 2, suffix: 'jpg', seen: 'lacking', ...unknownContent },
    { gid, artworkId: 3, suffix: 'png', seen: 'held', ...unknownContent },
  ]);
  expect(unlistCopies(question, { item: 'present', held: {} }).map((copy) => copy.seen)).toEqual(
    Array(3).fill('lacking'),
  );
  for (const item of ['dark', 'missing'] as const) {
    const seen = unlistCopies(question, { item, held: {} }).map((copy) => copy.seen);
    expect(seen).toEqual([item, item, item]);
  }
});

test('of an extra image that was listed without its content nothing is known', () => {
  expect(unlistImages(gid, { missing: {}, extra: { png: { 2: null } } }).extra).toEqual([
    { artworkId: 2, suffix: 'png', fileName: originalFileName(gid, 2, 'png'), ...unknownContent },
  ]);
});

test('a question names its images, also where it is about all that are missing or extra', () => {
  const listed = { missing: { jpg: [1] }, extra: { png: { 2: 'a//1881', 3: '//' } } };
  expect(idsOf(listed.extra)).toEqual({ png: [2, 3] });
  expect(questionAbout({ gid, images: 'missing' }, listed).images).toEqual({ jpg: [1] });
  expect(questionAbout({ gid, images: 'extra' }, listed).images).toEqual({ png: [2, 3] });
  expect(questionAbout({ gid, images: { png: [3] } }, listed).images).toEqual({ png: [3] });
});
