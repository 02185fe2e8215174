import { expect, test } from 'vitest';
import { firstMd5, onlyMd5, type RememberedContent } from '../../src/domain/documents/image-content.ts';

const content = (artworkId: number, suffix: string, md5: string): RememberedContent => ({
  artworkId,
  suffix,
  md5,
  firstSeen: '2026-01-01',
  lastSeen: '2026-01-02',
});

test('the md5 that was seen at first of an image is that of its artwork id and its suffix', () => {
  const contents = [
    content(2, 'jpg', 'of another'),
    content(1, 'png', 'of another suffix'),
    content(1, 'jpg', 'first'),
    content(1, 'jpg', 'later'),
  ];
  expect(firstMd5(contents, { artworkId: 1, suffix: 'jpg' })).toBe('first');
  expect(firstMd5(contents, { artworkId: 3, suffix: 'jpg' })).toBeNull();
  expect(firstMd5([], { artworkId: 1, suffix: 'jpg' })).toBeNull();
});

test('an md5 stands in for one that isn’t listed only where no other content was seen', () => {
  const contents = [
    content(1, 'jpg', 'first'),
    content(1, 'jpg', 'later'),
    content(1, 'png', 'only'),
    content(2, 'jpg', 'x'),
  ];
  expect(onlyMd5(contents, { artworkId: 1, suffix: 'png' })).toBe('only');
  expect(onlyMd5(contents, { artworkId: 1, suffix: 'jpg' })).toBeNull();
  // Another image has contents under the same suffix, and none of them is this one's.
  expect(onlyMd5(contents, { artworkId: 2, suffix: 'jpg' })).toBe('x');
  expect(onlyMd5(contents, { artworkId: 3, suffix: 'png' })).toBeNull();
});
