import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkIndex } from '../../../src/domain/checks/check-index.ts';
import { expectedIndex, expectedIndexBytes } from '../../../src/domain/documents/index-document.ts';
import { anImage, bytes, gids, inShort, liveEvent, liveRelease } from '../examples.ts';

type Json = Record<string, unknown>;
interface LooseIndex extends Json {
  images: (Json & { thumbnails: Json })[];
}

const gid = gids.entity;
const first = anImage(11, { types: ['Back', 'Front'], comment: 'naïve \u{1f600}\u0000', isFront: true });
const release = liveRelease([first, anImage(12), anImage(13, { suffix: 'pdf' })]);

/** The expected index, changed by hand. */
function changed(change: (index: LooseIndex) => void, expected = release): Uint8Array {
  const index = structuredClone(expectedIndex(expected)) as unknown as LooseIndex;
  change(index);
  return bytes(JSON.stringify(index));
}

const found = (body: Uint8Array, expected = release) => inShort(checkIndex(expected, body));

describe('an index.json that is as expected', () => {
  it.each([
    ['byte for byte', expectedIndexBytes(release)],
    ['with other spacing and other escapes', bytes(`\n${JSON.stringify(expectedIndex(release), null, 3)}\n`)],
    [
      'with the keys in another order',
      bytes(JSON.stringify(Object.fromEntries(Object.entries(expectedIndex(release)).reverse()))),
    ],
    ['with types in another order', changed(({ images }) => (images[0]!['types'] = ['Front', 'Back']))],
    [
      'with a scheme in upper case',
      changed(({ images }) => (images[0]!['image'] = `HTTPS://coverartarchive.org/release/${gid}/11.jpg`)),
    ],
    ['with a type twice', changed(({ images }) => (images[0]!['types'] = ['Front', 'Back', 'Front']))],
  ])('has nothing to find: %s', (_, body) => {
    expect(checkIndex(release, body)).toEqual([]);
  });

  it('lists nothing where MusicBrainz has no images', () => {
    const empty = liveRelease([]);
    expect(found(expectedIndexBytes(empty), empty)).toEqual([]);
    expect(found(bytes(`{"images":[],"release":"https://musicbrainz.org/release/${gid}"}`), empty)).toEqual([]);
    expect(found(expectedIndexBytes(release), empty)).toEqual(
      [11, 12, 13].map((id) => `index.extra_image of image ${id}`),
    );
  });

  it('is an event’s as well', () => {
    const event = liveEvent([anImage(5)]);
    expect(
      found(
        changed(() => undefined, event),
        event,
      ),
    ).toEqual([]);
    expect(found(expectedIndexBytes(release), event)).toEqual(['index.well_formed of index.json']);
  });
});

describe('index.well_formed', () => {
  const text = new TextDecoder().decode(expectedIndexBytes(release));

  it.each([
    ['nothing', bytes('')],
    ['HTML', bytes('<!DOCTYPE html><html><body>Error</body></html>')],
    ['cut off', bytes(text.slice(0, -10))],
    ['with a byte order mark', bytes(`\ufeff${text}`)],
    ['with a NUL', bytes(`${text}\u0000`)],
    ['not UTF-8', Uint8Array.from([...bytes('{"images": [], "release": "'), 0xe9, 0x22, 0x7d])],
    ['UTF-16', new Uint8Array(Buffer.from(text, 'utf16le'))],
    ['with a key twice', bytes(text.replace('"images"', '"images": [], "images"'))],
    ['with a key twice inside', bytes(text.replace('"comment"', '"comment": "", "comment"'))],
    ['nested deeply', bytes(text.replace('"images": [', `"images": [${'['.repeat(100_000)}${']'.repeat(100_000)}, `))],
    ['of 50 MB', bytes(text.replace('[', `[${' '.repeat(50_000_000)}`))],
    ['with a million entries', bytes(text.replace('[', `[${'0,'.repeat(1_000_000)}`))],
    ['a list', bytes(`[${text}]`)],
    ['null', bytes('null')],
    ['without images', bytes(`{"release": "https://musicbrainz.org/release/${gid}"}`)],
    ['with images that are no list', bytes(`{"images": {}, "release": "https://musicbrainz.org/release/${gid}"}`)],
    ['without its entity', bytes('{"images": []}')],
    ['with another key', changed((index) => (index['event'] = 'x'))],
  ])('is all that is found of one that is %s', (_, body) => {
    expect(found(body)).toEqual(['index.well_formed of index.json']);
  });

  const url = `"release": "https://musicbrainz.org/release/${gid}"`;

  it.each([
    ['16 MB', (more: boolean) => `{"images": [], ${url}}`.padEnd(16 * 1024 * 1024 + Number(more))],
    [
      '20,000 images',
      (more: boolean) =>
        `{"images": [${Array(20_000 + Number(more))
          .fill('0')
          .join()}], ${url}}`,
    ],
    [
      '32 levels',
      (more: boolean) => `{"images": [${'['.repeat(30 + Number(more))}${']'.repeat(30 + Number(more))}], ${url}}`,
    ],
  ])('is not found of one of %s, and of one of more it is', (_, document) => {
    expect(found(bytes(document(false)))).not.toContain('index.well_formed of index.json');
    expect(found(bytes(document(true)))).toEqual(['index.well_formed of index.json']);
  });

  it('counts levels, not brackets', () => {
    const flat = bytes(`{"images": [${Array(50).fill('[[], {"a": {}}]').join()}], ${url}}`);
    expect(found(flat)).toContain('index.value_type of entry 50 of images');
  });

  it('takes a colon and a quote in a text for what they are', () => {
    const tricky = liveRelease([anImage(1, { comment: '\\" : {"a": [1, "\\' })]);
    expect(
      found(
        changed(() => undefined, tricky),
        tricky,
      ),
    ).toEqual([]);
  });
});

describe.each<[check: string, subjects: string[], change: (index: LooseIndex) => void]>([
  ['index.entity_url', ['release'], (index) => (index['release'] = `http://musicbrainz.org/release/${gid}`)],
  ['index.entity_url', ['release'], (index) => (index['release'] = `https://musicbrainz.org/release/${gids.owner}`)],
  ['index.image_missing', ['image 12'], ({ images }) => images.splice(1, 1)],
  ['index.image_duplicate', ['image 12'], ({ images }) => images.push(images[1]!)],
  ['index.image_duplicate', ['image 11'], ({ images }) => images.splice(2, 0, images[0]!)],
  ['index.extra_image', ['image 99'], ({ images }) => images.unshift({ ...images[0]!, id: 99 })],
  [
    'index.extra_image',
    ['image 99'],
    ({ images }) => images.push({ ...images[0]!, id: 99 }, { ...images[0]!, id: 99 }),
  ],
  ['index.image_shape', ['image 11: fields'], ({ images }) => delete images[0]!['comment']],
  ['index.image_shape', ['image 11: fields'], ({ images }) => (images[0]!['size'] = 3)],
  ['index.image_shape', ['image 11: fields'], ({ images }) => (images[0]!['zoom'] = 3)],
  ['index.image_shape', ['image 11: thumbnails'], ({ images }) => delete images[0]!.thumbnails['1200']],
  ['index.image_shape', ['image 11: fields'], ({ images }) => delete images[0]!['id']],
  ['index.value_type', ['release'], (index) => (index['release'] = 5)],
  ['index.value_type', ['image 11: id'], ({ images }) => (images[0]!['id'] = '11')],
  ['index.value_type', ['image 11: id'], ({ images }) => (images[0]!['id'] = null)],
  ['index.value_type', ['image 11: id'], ({ images }) => (images[0]!['id'] = '0')],
  [
    'index.value_type',
    ['image 11: id', 'image 11: image'],
    ({ images }) => Object.assign(images[0]!, { id: '11', image: null }),
  ],
  ['index.value_type', ['image 11: edit'], ({ images }) => (images[0]!['edit'] = '1011')],
  [
    'index.value_type',
    ['image 11: approved', 'image 12: front'],
    ({ images }) => {
      images[0]!['approved'] = 1;
      images[1]!['front'] = 0;
    },
  ],
  ['index.value_type', ['image 12: types'], ({ images }) => (images[1]!['types'] = 'Front')],
  ['index.value_type', ['image 12: types'], ({ images }) => (images[1]!['types'] = [1])],
  ['index.value_type', ['image 12: comment'], ({ images }) => (images[1]!['comment'] = null)],
  ['index.value_type', ['image 12: image'], ({ images }) => (images[1]!['image'] = 12)],
  ['index.value_type', ['image 12: thumbnails'], ({ images }) => (images[1]!['thumbnails'] = [] as unknown as Json)],
  ['index.value_type', ['image 12: thumbnails.small'], ({ images }) => (images[1]!.thumbnails['small'] = false)],
  ['index.value_type', ['entry 4 of images'], ({ images }) => images.push('12' as unknown as LooseIndex['images'][0])],
  [
    'index.value',
    ['image 11: front', 'image 12: back'],
    ({ images }) => {
      images[0]!['front'] = false;
      images[1]!['back'] = true;
    },
  ],
  [
    'index.value',
    ['image 11: comment', 'image 11: approved', 'image 11: edit'].sort(),
    ({ images }) => {
      Object.assign(images[0]!, { approved: false, edit: 1, comment: 'naive' });
    },
  ],
  ['index.value', ['image 11: types'], ({ images }) => (images[0]!['types'] = ['Front'])],
  ['index.value', ['image 12: types'], ({ images }) => (images[1]!['types'] = ['Front'])],
  [
    'index.url',
    ['image 11: image'],
    ({ images }) => (images[0]!['image'] = `https://coverartarchive.org/release/${gids.owner}/11.jpg`),
  ],
  ['index.url', ['image 13: image'], ({ images }) => (images[2]!['image'] = 'nowhere')],
  [
    'index.url',
    ['image 11: thumbnails.large'],
    ({ images }) => (images[0]!.thumbnails['large'] = images[0]!.thumbnails['small']),
  ],
  [
    'index.url_scheme',
    ['image 11: image'],
    ({ images }) => (images[0]!['image'] = `http://coverartarchive.org/release/${gid}/11.jpg`),
  ],
  [
    'index.url_scheme',
    ['image 11: thumbnails.250'],
    ({ images }) => (images[0]!.thumbnails['250'] = `//coverartarchive.org/release/${gid}/11-250.jpg`),
  ],
  [
    'index.url_scheme',
    ['image 11: image'],
    ({ images }) => (images[0]!['image'] = `HTTP://coverartarchive.org/release/${gid}/11.jpg`),
  ],
  ['index.order', ['the order of images from position 2'], ({ images }) => images.push(...images.splice(1, 1))],
])('%s', (check, subjects, change) => {
  it(`is all that is found of ${subjects.join(' and ')}`, () => {
    expect(found(changed(change)).sort()).toEqual(subjects.map((subject) => `${check} of ${subject}`));
  });
});

describe('what is found of an index.json', () => {
  it('is every difference, not the first', () => {
    const body = changed((index) => {
      index['release'] = 'x';
      index.images.reverse();
      index.images[0]!['front'] = 'yes';
    });
    expect(found(body)).toEqual([
      'index.entity_url of release',
      'index.value_type of image 13: front',
      'index.order of the order of images from position 1',
    ]);
  });

  it('counts a duplicate where it first stands, as to the order and as to the values', () => {
    const later = changed(({ images }) => images.push({ ...images[0]!, comment: 'other' }));
    expect(found(later)).toEqual(['index.image_duplicate of image 11']);
    const earlier = changed(({ images }) => images.unshift(images[2]!));
    expect(found(earlier)).toEqual([
      'index.image_duplicate of image 13',
      'index.order of the order of images from position 1',
    ]);
  });

  it('compares the order of the images that both sides have only', () => {
    const body = changed(({ images }) => images.splice(0, 2, { ...images[0]!, id: 99 }, images[1]!));
    expect(found(body)).toEqual(['index.image_missing of image 11', 'index.extra_image of image 99']);
  });

  it('is the scheme alone of what the older indexer wrote', () => {
    const old = bytes(JSON.stringify(expectedIndex(release)).replaceAll('https:', 'http:'));
    const differences = checkIndex(release, old);
    expect(new Set(differences.map(({ check }) => check))).toEqual(new Set(['index.entity_url', 'index.url_scheme']));
    expect(differences).toHaveLength(1 + 3 * 6);
  });

  it('only names an extra image whose file is on the item', () => {
    const body = changed(({ images }) => images.push({ ...images[0]!, id: 98 }, { ...images[0]!, id: 99 }));
    expect(checkIndex(release, body, [99])).toMatchObject([{ artworkId: 98 }, { artworkId: 99, policy: 'report' }]);
    expect(checkIndex(release, body)[1]).not.toHaveProperty('policy');
  });

  it('is bounded, however much there is', () => {
    const body = bytes(`{"images": [${'0,'.repeat(19_999)}0], "release": "https://musicbrainz.org/release/${gid}"}`);
    // The missing ones, and ten thousand of the entries.
    expect(checkIndex(release, body)).toHaveLength(3 + 10_000);
    const keys = Array.from({ length: 30 }, (_, n) => `"key${n}": 0`);
    expect(checkIndex(release, bytes(`{${keys.join()}}`))[0]!.found.split(',')).toHaveLength(20);
    const [twice] = checkIndex(
      release,
      changed(({ images }) => images.push(images[0]!, images[0]!)),
    );
    expect(twice!.found).toBe('listed 3 times');
  });

  it('never makes checking it fail', () => {
    const json = fc.jsonValue();
    const loose = fc.record(
      {
        id: fc.oneof(json, fc.constantFrom(11, '12')),
        image: json,
        thumbnails: json,
        types: json,
        front: json,
        edit: json,
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(loose, json)), json, fc.uint8Array(), (images, url, raw) => {
        checkIndex(release, raw);
        for (const difference of checkIndex(release, bytes(JSON.stringify({ images, release: url })))) {
          expect(difference.check).toMatch(/^index\./);
          expect(difference.found).not.toBe(difference.expected);
        }
      }),
    );
  });
});
