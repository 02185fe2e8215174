import { expect, test } from 'vitest';
import {
  compareContents,
  type ImageContent,
  isRecognizable,
  readContent,
  unknownContent,
  writeContent,
} from '../../src/domain/documents/image-content.ts';
import { md5Of } from './examples.ts';

const sha1 = 'a'.repeat(40);
const whole: ImageContent = { md5: md5Of('the image'), sha1, size: 1881 };
const empty: ImageContent = { md5: md5Of(''), sha1, size: 0 };

test.each<[ReturnType<typeof compareContents>, string, ImageContent, ImageContent]>([
  ['same', 'md5, sha1 and size agree', whole, whole],
  ['same', 'md5 and size agree, and only one has a sha1', whole, { ...whole, sha1: null }],
  ['same', 'sha1 and size agree, and only one has an md5', whole, { ...whole, md5: null }],
  ['other', 'the md5 differs', whole, { ...whole, md5: md5Of('another') }],
  ['other', 'the sha1 differs', whole, { ...whole, sha1: 'b'.repeat(40) }],
  ['other', 'the size differs, whatever the md5 says', whole, { ...whole, size: 1880 }],
  ['other', 'the size differs, and no md5 is listed', whole, { ...unknownContent, size: 1880 }],
  ['other', 'one is empty', whole, empty],
  ['other', 'one is empty, and nothing else is listed of it', whole, { ...unknownContent, size: 0 }],
  ['other', 'one is empty, and of the other no size is listed', { ...unknownContent, size: 0 }, unknownContent],
  ['other', 'both are empty: neither is a copy of anything', empty, empty],
  ['unknown', 'no hash is listed of one, though the sizes agree', whole, { ...unknownContent, size: 1881 }],
  ['unknown', 'one has only an md5, the other only a sha1', { ...whole, sha1: null }, { ...whole, md5: null }],
  ['unknown', 'the size of one is not listed', whole, { ...whole, size: null }],
  ['unknown', 'nothing is listed', unknownContent, unknownContent],
])('two originals are %s where %s', (verdict, _what, one, other) => {
  expect([compareContents(one, other), compareContents(other, one)]).toEqual([verdict, verdict]);
});

test('a copy can be recognized by a hash and a size', () => {
  expect([whole, empty, { ...whole, size: null }, { ...unknownContent, size: 1 }].map(isRecognizable)).toEqual([
    true,
    false,
    false,
    false,
  ]);
});

test('what is written of a content is read as it was, but for a sha1 beside an md5', () => {
  for (const content of [{ ...whole, sha1: null }, { ...empty, sha1: null }, unknownContent, { ...whole, md5: null }])
    expect(readContent(writeContent(content))).toEqual(content);
  expect(readContent(writeContent(whole))).toEqual({ ...whole, sha1: null });
});

test('of what an older version wrote, an md5 alone, no size is told', () => {
  expect(readContent(whole.md5)).toEqual({ ...unknownContent, md5: whole.md5 });
  expect(readContent(null)).toEqual(unknownContent);
});
