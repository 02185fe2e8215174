import { describe, expect, test } from 'vitest';
import { checkIndex } from '../../../src/domain/checks/check-index.ts';
import { checkItem } from '../../../src/domain/checks/catalogue.ts';
import { type Check, maxDifferences, runChecks, show } from '../../../src/domain/checks/check.ts';
import type { Difference } from '../../../src/domain/checks/finding.ts';
import { checkXml } from '../../../src/domain/checks/xml-checks.ts';
import { expectedIndex } from '../../../src/domain/documents/index-document.ts';
import type { ObservedFile, ObservedItem } from '../../../src/domain/documents/observed-item.ts';
import { aFile, anImage, bytes, gids, imageFiles, liveEvent, liveRelease, orphan, presentItem } from '../examples.ts';
import { releaseXml, writtenOn } from '../xml-examples.ts';

/* What was expected and what was found, in the words in which a person reads it. */

type Said = Record<string, readonly [expected: string, found: string]>;

function said(differences: readonly Difference[]): Said {
  return Object.fromEntries(
    differences.map(({ check, subject, expected, found }) => [`${check} of ${subject}`, [expected, found]]),
  );
}

const gid = gids.entity;
const saidOfItem = (expected: Parameters<typeof checkItem>[0], item: ObservedItem): Said =>
  said(checkItem(expected, item));

describe('of an item', () => {
  const darkened = liveRelease([], { presence: 'darkened' });

  test.each([
    [liveRelease([anImage(1)]), { kind: 'dark' }, ['public', 'dark']],
    [darkened, presentItem([]), ['dark', 'public']],
    // MusicBrainz has no flag for what it doesn't list any more.
    [orphan({ presence: 'darkened' }), { kind: 'dark' }, ['public', 'dark']],
  ] as const)('whether it is public', (expected, item, words) => {
    expect(saidOfItem(expected, item)['item.dark of the item']).toEqual(words);
  });

  test('about which nobody can tell whether it is there: nothing, where it is an orphan’s', () => {
    expect(checkItem(orphan(), { kind: 'missing' })).toEqual([]);
  });

  test('that lacks files', () => {
    const words = saidOfItem(liveRelease([anImage(1)]), presentItem(imageFiles(gid, 1).slice(0, 1)));
    expect(words).toMatchObject({
      'files.index_json of index.json': ['the file', 'no such file'],
      'files.thumbnail of image 1': [`mbid-${gid}-1_thumb1200.jpg`, 'no such file'],
    });
  });

  test('that holds what MusicBrainz doesn’t list', () => {
    const stray = aFile(`mbid-${gid}-9_thumb250.jpg`, { source: 'derivative', original: `mbid-${gid}-9.jpg` });
    const words = saidOfItem(liveRelease([]), presentItem([stray, aFile('cover.jpg')]));
    expect(words).toMatchObject({
      [`files.stray_thumbnail of ${stray.name}`]: [
        'no file: MusicBrainz lists no such image here, and its original is gone',
        'the file',
      ],
      'files.unknown of cover.jpg': ['no file of such a name', 'the file, which the archive lists as "original"'],
    });
  });

  test('whose metadata is another, or none', () => {
    const item = presentItem([], { metadata: { collection: ['a', 'b'], mediatype: [] } });
    expect(saidOfItem(liveRelease([]), item)).toEqual({
      'meta.collection of collection': ['coverartarchive', '["a","b"]'],
      'meta.mediatype of mediatype': ['image', 'nothing'],
      'meta.noindex of noindex': ['true', 'nothing'],
    });
  });

  test('whose image has another content than before', () => {
    const changed = {
      artworkId: 1,
      suffix: 'jpg',
      md5: 'new',
      since: '2026-02-01',
      first: { md5: 'old', firstSeen: '2025-01-01', lastSeen: '2026-01-01' },
    };
    const found = checkItem(liveRelease([anImage(1)]), presentItem(imageFiles(gid, 1)), [changed] as never);
    expect(said(found)[`files.image_content of mbid-${gid}-1.jpg`]).toEqual([
      'md5 old',
      'md5 new since 2026-02-01; the other was seen from 2025-01-01 to 2026-01-01',
    ]);
  });
});

describe('of an orphan’s item', () => {
  const xml = aFile(`mbid-${gid}_mb_metadata.xml`);
  const log = (n: number): ObservedFile => aFile(`mbid-${gid}-${n}.jpg_meta.txt`, { source: 'metadata' });

  test('with documents left', () => {
    expect(saidOfItem(orphan(), presentItem([aFile('index.json')]))).toMatchObject({
      'orphan.index_json of index.json': ['no file', 'the file'],
    });
    expect(saidOfItem(orphan(), presentItem([xml]))).toMatchObject({
      [`orphan.xml of ${xml.name}`]: ['no file', 'the file'],
    });
  });

  test.each([
    [[xml], 'never there, beside 1 other file'],
    [[xml, log(1)], 'never there, beside 2 other files'],
  ])('that never had an index', (files, found) => {
    expect(saidOfItem(orphan(), presentItem(files))).toMatchObject({
      'orphan.never_indexed of index.json': ['the file, or an old version of it', found],
    });
  });

  test('with an original in an image’s name: nothing of it is left over', () => {
    // Nobody owns it, so that it is for files.extra_image alone.
    const words = saidOfItem(orphan(), presentItem([aFile('index.json'), ...imageFiles(gid, 1).slice(0, 1)]));
    expect(Object.keys(words)).toEqual(['orphan.index_json of index.json']);
  });
});

describe('of an index.json', () => {
  const release = liveRelease([anImage(11), anImage(12), anImage(13)]);
  type Image = Record<string, unknown> & { thumbnails: Record<string, unknown> };

  function saidOf(change: (images: Image[]) => void, extra: readonly number[] = []): Said {
    const index = structuredClone(expectedIndex(release)) as unknown as { images: Image[] };
    change(index.images);
    return said(checkIndex(release, bytes(JSON.stringify(index)), extra));
  }

  test('that isn’t one', () => {
    expect(said(checkIndex(release, bytes('')))).toMatchObject({
      'index.well_formed of index.json': [
        'UTF-8 JSON, an object with exactly images (a list) and release',
        expect.any(String),
      ],
    });
    expect(said(checkIndex(liveEvent([]), bytes('')))).toMatchObject({
      'index.well_formed of index.json': [
        'UTF-8 JSON, an object with exactly images (a list) and event',
        expect.any(String),
      ],
    });
  });

  test('that lists other images, or the same otherwise', () => {
    expect(saidOf((images) => images.splice(1, 1))).toEqual({
      'index.image_missing of image 12': ['listed', 'not listed'],
    });
    expect(saidOf((images) => images.push(images[0]!))).toEqual({
      'index.image_duplicate of image 11': ['listed once', 'listed 2 times'],
    });
    const other = (images: Image[]) => void images.push({ ...images[0]!, id: 99 });
    expect(saidOf(other)).toEqual({ 'index.extra_image of image 99': ['not listed', 'listed'] });
    expect(saidOf(other, [99])).toEqual({
      'index.extra_image of image 99': ['not listed', 'listed, and its file is there'],
    });
    expect(saidOf((images) => images.push(images.splice(1, 1)[0]!))).toEqual({
      'index.order of the order of images from position 2': ['12, 13', '13, 12'],
    });
  });

  test.each([
    ['comment', 7, 'text', '7'],
    ['edit', '7', 'a number', '"7"'],
    ['front', 0, 'true or false', '0'],
    ['types', ['Front', 1], 'a list of texts', '["Front",1]'],
    ['thumbnails', 'none', 'an object', '"none"'],
  ])('whose %s has the wrong type', (field, value, expected, found) => {
    expect(saidOf(([image]) => void (image![field] = value))).toEqual({
      [`index.value_type of image 11: ${field}`]: [expected, found],
    });
  });

  test('whose entity’s address has the wrong type', () => {
    const index = { ...expectedIndex(release), release: 7 };
    expect(said(checkIndex(release, bytes(JSON.stringify(index))))).toEqual({
      'index.value_type of release': ['text', '7'],
    });
  });

  test('whose thumbnail, or entry, has the wrong type', () => {
    expect(saidOf(([image]) => void (image!.thumbnails['250'] = 7))).toEqual({
      'index.value_type of image 11: thumbnails.250': ['text', '7'],
    });
    expect(saidOf((images) => images.push(null as never))).toEqual({
      'index.value_type of entry 4 of images': ['an object', 'null'],
    });
  });

  test.each([
    ['another', ({ image }: Image) => String(image).replace('https:', 'http:'), 'http:'],
    ['none', ({ image }: Image) => String(image).replace('https:', ''), 'no scheme'],
  ])('whose address has %s scheme', (_which, change, found) => {
    expect(saidOf(([image]) => void (image!['image'] = change(image!)))).toEqual({
      'index.url_scheme of image 11: image': ['https:', found],
    });
  });

  test('whose address is right only from some place on', () => {
    const words = saidOf(([image]) => void (image!['image'] = `/x/${String(image!['image'])}`));
    expect(words).toEqual({
      'index.url of image 11: image': [
        `https://coverartarchive.org/release/${gid}/11.jpg`,
        `"/x/https://coverartarchive.org/release/${gid}/11.jpg"`,
      ],
    });
  });

  test.each([
    ['a word before it', (address: string) => `see ${address.replace('https:', 'http:')}`],
    ['no slashes before its host', (address: string) => address.replace('https://', '')],
  ])('whose address has %s is no address of the image, whatever its scheme', (_what, change) => {
    const words = saidOf(([image]) => void (image!['image'] = change(String(image!['image']))));
    expect(Object.keys(words)).toEqual(['index.url of image 11: image']);
  });

  test('whose types are as many others', () => {
    const typed = liveRelease([anImage(11, { types: ['Front', 'Back'] })]);
    const index = structuredClone(expectedIndex(typed)) as unknown as { images: Image[] };
    index.images[0]!['types'] = ['Front', 'Spine'];
    expect(said(checkIndex(typed, bytes(JSON.stringify(index))))).toEqual({
      'index.value of image 11: types': ['["Front","Back"]', '["Front","Spine"]'],
    });
  });

  test('whose types are others', () => {
    expect(saidOf(([image]) => void (image!['types'] = ['Front']))).toEqual({
      'index.value of image 11: types': ['[]', '["Front"]'],
    });
    expect(saidOf(([image]) => void (image!['types'] = 'Front'))).toHaveProperty([
      'index.value_type of image 11: types',
    ]);
  });

  const right = 'approved, back, comment, edit, front, id, image, thumbnails, types';

  test.each([
    ['one key more', (image: Image) => void (image['added'] = 1), `added, ${right}`],
    ['one key less', (image: Image) => void delete image['edit'], right.replace('edit, ', '')],
    [
      'another key in place of one',
      (image: Image) => {
        delete image['types'];
        image['kinds'] = [];
      },
      right.replace(', types', '').replace('image, ', 'image, kinds, '),
    ],
  ])('whose image has %s', (_what, change, found) => {
    expect(saidOf(([image]) => change(image!))).toEqual({
      'index.image_shape of image 11: fields': [right, found],
    });
  });

  test.each([
    ['text', '12'],
    ['text of one digit', '1', '12'],
    ['none, which the address tells', undefined],
  ])('whose second image has an id as %s is not without it', (_what, id, inUrl = '12') => {
    const words = saidOf((images) => {
      images[1]!['id'] = id;
      images[1]!['image'] = String(images[1]!['image']).replace('12.jpg', `${inUrl}.jpg`);
    });
    const missing = id === '1' ? ['index.image_missing of image 12'] : [];
    expect(Object.keys(words).filter((name) => name.startsWith('index.image_missing'))).toEqual(missing);
  });

  test.each([1, 123, 42123456789])('without an id, whose address tells the image %d, is not without it', (id) => {
    const one = liveRelease([anImage(id)]);
    const index = structuredClone(expectedIndex(one)) as unknown as { images: Image[] };
    delete index.images[0]!['id'];
    const words = said(checkIndex(one, bytes(JSON.stringify(index))));
    expect(Object.keys(words)).toEqual([`index.image_shape of image ${id}: fields`]);
  });

  test.each(['x12', '12x', '012', '1.2', ' 12', true, ['12']])('whose id is %j has none', (id) => {
    const words = saidOf((images) => {
      images[1]!['id'] = id;
      images[1]!['image'] = 'nowhere';
    });
    expect(words).toHaveProperty(['index.image_missing of image 12']);
    expect(Object.keys(words).some((name) => name.includes('extra_image'))).toBe(false);
  });

  test.each(['/12.jpg?x', '/12', '/x12.jpg', '/012.jpg', ['/12.jpg'], 7, undefined])(
    'without an id, whose address is %j, has none either',
    (address) => {
      const words = saidOf((images) => {
        delete images[1]!['id'];
        images[1]!['image'] = address;
      });
      expect(words).toHaveProperty(['index.image_missing of image 12']);
      expect(Object.keys(words).some((name) => name.includes('extra_image'))).toBe(false);
    },
  );
});

describe('of an XML', () => {
  const { key } = liveRelease([]);
  const saidOf = (xml: string): Said => said(checkXml(key, bytes(releaseXml), bytes(xml), writtenOn('2015-01-01')));
  const expected = `XML about the release ${gid}`;

  test.each([
    [releaseXml.replace(gid, gids.merged), `about ${gids.merged}`],
    [releaseXml.replace(gid, '12'), 'about no MBID'],
    ['<html/>', 'the root is not one `metadata`'],
  ])('that is about something else', (xml, found) => {
    expect(saidOf(xml)).toEqual({ 'xml.well_formed of mb_metadata.xml': [expected, found] });
  });

  test.each([
    [releaseXml.replace(gid, gids.merged), `it is about ${gids.merged}`],
    [releaseXml.replace(gid, '12'), 'it is about no MBID'],
    ['<html/>', 'the root is not one `metadata`'],
  ])('that the web service gives no answer about', (answer, fault) => {
    expect(() => checkXml(key, bytes(answer), bytes(releaseXml), writtenOn('2015-01-01'))).toThrow(
      `the web service's answer is not XML about the release ${gid} (${fault})`,
    );
  });
});

test('of what a hostile document holds, no more than ten thousand of a check are looked at', () => {
  let made = 0;
  const endless = {
    *differences() {
      for (;;) yield { check: 'x', subject: String((made += 1)), expected: '', found: '' };
    },
  } as unknown as Check<null>;
  const few = { differences: () => [{ check: 'y', subject: 'y', expected: '', found: '' }] } as unknown as Check<null>;
  expect(runChecks([endless, few], null)).toHaveLength(maxDifferences + 1);
  expect(made).toBe(maxDifferences);
});

test.each([
  [undefined, 'nothing'],
  ['a "b"', '"a \\"b\\""'],
  [7, '7'],
  ['x'.repeat(998), `"${'x'.repeat(998)}"`],
  ['x'.repeat(999), `"${'x'.repeat(998)}…`],
  // A character that takes six in JSON: cut before it is written, so that no quote is lost on the way.
  ['\u0001'.repeat(2000), `"${'\\u0001'.repeat(2000).slice(0, 998)}…`],
])('a value is shown in at most a thousand characters', (value, shown) => {
  expect(show(value)).toBe(shown);
});
