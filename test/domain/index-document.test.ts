import { describe, expect, it } from 'vitest';
import { expectedIndex, expectedIndexBytes } from '../../src/domain/documents/index-document.ts';
import { anImage, gids, liveEvent, liveRelease } from './examples.ts';

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

describe('the expected index.json', () => {
  it('of a release is the text that artwork-indexer writes', () => {
    const image = anImage(12345678901, { comment: 'naïve', types: ['Front'], isFront: true, edit: 9876543210 });
    expect(text(expectedIndexBytes(liveRelease([image])))).toBe(
      `{"images": [{"approved": true, "back": false, "comment": "na\\u00efve", "edit": 9876543210, "front": true, ` +
        `"id": 12345678901, "image": "https://coverartarchive.org/release/${gids.entity}/12345678901.jpg", ` +
        `"thumbnails": {"1200": "https://coverartarchive.org/release/${gids.entity}/12345678901-1200.jpg", ` +
        `"250": "https://coverartarchive.org/release/${gids.entity}/12345678901-250.jpg", ` +
        `"500": "https://coverartarchive.org/release/${gids.entity}/12345678901-500.jpg", ` +
        `"large": "https://coverartarchive.org/release/${gids.entity}/12345678901-500.jpg", ` +
        `"small": "https://coverartarchive.org/release/${gids.entity}/12345678901-250.jpg"}, ` +
        `"types": ["Front"]}], "release": "https://musicbrainz.org/release/${gids.entity}"}`,
    );
  });

  it('of an event has no `back`, and the addresses of the other archive', () => {
    const index = expectedIndex(liveEvent([anImage(7, { suffix: 'png' })]));
    expect(Object.keys(index).sort()).toEqual(['event', 'images']);
    expect(index.event).toBe(`https://musicbrainz.org/event/${gids.entity}`);
    expect(index.images[0]).not.toHaveProperty('back');
    expect(index.images[0]?.image).toBe(`https://eventartarchive.org/event/${gids.entity}/7.png`);
    expect(index.images[0]?.thumbnails.small).toBe(`https://eventartarchive.org/event/${gids.entity}/7-250.jpg`);
  });

  it('of an entity without images lists none', () => {
    expect(text(expectedIndexBytes(liveRelease([])))).toBe(
      `{"images": [], "release": "https://musicbrainz.org/release/${gids.entity}"}`,
    );
  });

  it('keeps the order of the images, which means something', () => {
    const images = [anImage(9), anImage(3), anImage(5)];
    expect(expectedIndex(liveRelease(images)).images.map(({ id }) => id)).toEqual([9, 3, 5]);
  });
});
