import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isObject, maxIndexBytes, readIndex } from '../../src/domain/documents/index-reading.ts';
import { bytes } from './examples.ts';

const url = 'https://musicbrainz.org/release/x';
const read = (text: string) => readIndex(bytes(text), 'release');
const malformed = (problem: string) => ({ kind: 'malformed', problem });
const withImages = (images: string) => `{"images": ${images}, "release": "${url}"}`;

describe('an index is read', () => {
  test.each<readonly [string, string, readonly unknown[]]>([
    ['with no images', '[]', []],
    ['whatever its images are', '[1, null, {"a": [{}], "b": {}}, "x"]', [1, null, { a: [{}], b: {} }, 'x']],
    ['with brackets and colons in its texts', '["{{[[::]]}}", {"a:{": "]"}]', ['{{[[::]]}}', { 'a:{': ']' }]],
    [
      'with quotes in its texts',
      '["\\"", "\\\\", "\\\\\\"", "a\\":", {"\\"": ""}]',
      ['"', '\\', '\\"', 'a":', { '"': '' }],
    ],
    [
      'with keys alike in objects of their own',
      '[{"a": 1}, {"a": 2, "b": {"a": 3}}]',
      [{ a: 1 }, { a: 2, b: { a: 3 } }],
    ],
    ['32 levels deep', `${'['.repeat(31)}${']'.repeat(31)}`, JSON.parse(`${'['.repeat(31)}${']'.repeat(31)}`) as []],
    ['with deep parts beside each other', `[${Array(40).fill('[{}]').join()}]`, Array(40).fill([{}])],
    ['with 20,000 images', `[${Array(20_000).fill('1').join()}]`, Array(20_000).fill(1)],
  ])('%s', (_, json, images) => {
    expect(read(withImages(json))).toEqual({ kind: 'read', images, entityUrl: url });
  });

  test('whatever it holds as its entity’s address', () => {
    expect(read('{"release": null, "images": []}')).toEqual({ kind: 'read', images: [], entityUrl: null });
    expect(readIndex(bytes('{"event": 5, "images": []}'), 'event')).toEqual({ kind: 'read', images: [], entityUrl: 5 });
  });

  test('at up to 16 MiB', () => {
    const text = withImages('[]');
    const body = new Uint8Array(maxIndexBytes).fill(0x20);
    body.set(bytes(text));
    expect(maxIndexBytes).toBe(16_777_216);
    expect(readIndex(body, 'release').kind).toBe('read');
    expect(readIndex(new Uint8Array(maxIndexBytes + 1).fill(0x20), 'release')).toEqual(
      malformed('larger than 16777216 bytes'),
    );
  });
});

describe('an index is malformed', () => {
  const deep = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;

  test.each([
    ['{}', 'keys none'],
    ['{"images": []}', 'keys images'],
    [`{"images": [], "event": "${url}"}`, 'keys event, images'],
    [`{"pictures": [], "release": "${url}"}`, 'keys pictures, release'],
    ['{"release": "", "z": 1, "images": []}', 'keys images, release, z'],
    ['[]', 'no object but a list'],
    ['null', 'no object but null'],
    ['5', 'no object but a value of type number'],
    [withImages('{}'), 'images is no list but a value of type object'],
    [withImages('null'), 'images is no list but null'],
    [withImages('"a"'), 'images is no list but a value of type string'],
    [withImages(deep(32)), 'nested 33 levels deep'],
    [withImages(`[${'{"a": '.repeat(40)}1${'}'.repeat(40)}]`), 'nested 42 levels deep'],
    [withImages('[{"a": 1, "a": 1}]'), 'a key stands twice in one object'],
    [withImages('[]').replace('{', '{"images": [], '), 'a key stands twice in one object'],
    // Also in another spelling.
    [withImages('[{"a": 1, "\\u0061": 1}]'), 'a key stands twice in one object'],
    [withImages(`[${Array(20_001).fill('1').join()}]`), '20001 images'],
  ])('%.60s: %s', (text, problem) => {
    expect(read(text)).toEqual(malformed(problem));
  });

  test('with so many keys, as far as a line holds them', () => {
    const keys = Array.from({ length: 30 }, (_, n) => `k${n + 10}`);
    expect(read(JSON.stringify(Object.fromEntries(keys.map((key) => [key, 1]))))).toEqual(
      malformed(`keys ${keys.slice(0, 20).join(', ')}`),
    );
  });

  test.each([
    ['not UTF-8', Uint8Array.from([0x22, 0xff, 0x22]), /^not UTF-8$/],
    ['behind a byte order mark', bytes(`\ufeff${withImages('[]')}`), /^not JSON: .*(token|JSON)/],
    ['cut off', bytes(withImages('[]').slice(0, -1)), /^not JSON: .*JSON/],
    ['empty', bytes(''), /^not JSON: Unexpected end/],
  ])('where it is %s', (_, body, problem) => {
    expect(readIndex(body, 'release')).toEqual(malformed(expect.stringMatching(problem) as string));
  });
});

test('any JSON without a repeated key, not too deep, is read as it is', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue({ maxDepth: 4 }), { maxLength: 5 }), (images) => {
      const text = JSON.stringify({ images, release: url });
      expect(read(text)).toEqual({
        kind: 'read',
        images: (JSON.parse(text) as { images: unknown }).images,
        entityUrl: url,
      });
    }),
  );
});

test.each([
  [{}, true],
  [[], false],
  [null, false],
  ['a', false],
  [undefined, false],
])('%j is an object: %s', (value, expected) => {
  expect(isObject(value)).toBe(expected);
});
