import { describe, expect, it } from 'vitest';
import {
  artworkIdInName,
  isArchivesOwnFile,
  isOldIndex,
  originalFileName,
  parseOriginalFileName,
} from '../../src/domain/documents/file-names.ts';
import { gids } from './examples.ts';

const gid = gids.entity;

describe('the name of an original', () => {
  it('tells the artwork id and the suffix, ids beyond 32 bits too', () => {
    for (const suffix of ['jpg', 'png', 'gif', 'pdf'] as const) {
      expect(parseOriginalFileName(gid, originalFileName(gid, 42123456789, suffix))).toEqual({
        artworkId: 42123456789,
        suffix,
      });
    }
  });

  it.each([
    `mbid-${gids.owner}-1.jpg`,
    `mbid-${gid}-1_thumb250.jpg`,
    `mbid-${gid}-01.jpg`,
    `mbid-${gid}-1.jpeg`,
    `mbid-${gid}-1.JPG`,
    `mbid-${gid}-1.jpg_meta.txt`,
    `mbid-${gid}-99999999999999999999.jpg`,
    `history/files/mbid-${gid}-1.jpg.~1~`,
    `mbid-${gid}_meta.xml`,
  ])('is not %s', (name) => {
    expect(parseOriginalFileName(gid, name)).toBeNull();
  });
});

describe('other names of an item', () => {
  it('tell the image that a derivative or log belongs to', () => {
    for (const end of ['_thumb250.jpg', '_itemimage.jpg', '.jpg_meta.txt', '_jp2.zip', '.jpg']) {
      expect(artworkIdInName(gid, `mbid-${gid}-7${end}`)).toBe(7);
    }
    expect(artworkIdInName(gid, `mbid-${gid}_mb_metadata.xml`)).toBeNull();
    expect(artworkIdInName(gid, `mbid-${gids.owner}-7.jpg`)).toBeNull();
    for (const name of ['0.jpg', '07_thumb250.jpg', '7x.jpg', '7', '99999999999999999999_thumb.jpg']) {
      expect([name, artworkIdInName(gid, `mbid-${gid}-${name}`)]).toEqual([name, null]);
    }
  });

  it('are the archive’s own where it keeps the file by itself', () => {
    for (const name of ['_meta.xml', '_files.xml', '_meta.sqlite', '_archive.torrent', '_reviews.xml']) {
      expect(isArchivesOwnFile(gid, `mbid-${gid}${name}`), name).toBe(true);
    }
    expect(isArchivesOwnFile(gid, '__ia_thumb.jpg')).toBe(true);
    expect(isArchivesOwnFile(gid, `history/files/mbid-${gid}-1.jpg.~1~`)).toBe(true);
    for (const name of [
      'index.json',
      `mbid-${gid}_mb_metadata.xml`,
      `mbid-${gid}-1.jpg`,
      `mbid-${gids.owner}_meta.xml`,
      'history.txt',
    ]) {
      expect(isArchivesOwnFile(gid, name), name).toBe(false);
    }
  });

  it('are an old index.json only under history/', () => {
    expect(isOldIndex('history/files/index.json.~1~')).toBe(true);
    expect(isOldIndex('history/files/index.json.~12~')).toBe(true);
    expect(isOldIndex('history/index.json.~1~')).toBe(true);
    expect(isOldIndex('history/files/index.json')).toBe(true);
    expect(isOldIndex('history/files/index.json.~1~.jpg')).toBe(false);
    expect(isOldIndex('index.json')).toBe(false);
    expect(isOldIndex('old/history/files/index.json.~1~')).toBe(false);
    expect(isOldIndex(`history/files/mbid-${gid}-1.jpg.~1~`)).toBe(false);
  });
});
