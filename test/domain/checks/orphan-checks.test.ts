import { describe, expect, it } from 'vitest';
import { checkItem } from '../../../src/domain/checks/catalogue.ts';
import type { Identity } from '../../../src/domain/entity.ts';
import type { ObservedFile } from '../../../src/domain/documents/observed-item.ts';
import { aFile, archivesOwnFiles, gids, imageFiles, inShort, orphan, presentItem } from '../examples.ts';

const gid = gids.entity;
const index = aFile('index.json');
const found = (files: readonly ObservedFile[]) => inShort(checkItem(orphan(), presentItem(files, { metadata: {} })));

describe.each<Identity>(['merged', 'deleted', 'unknown'])('a %s MBID', (identity) => {
  it('leaves nothing to find where there is no item, or one with the archive’s own files only', () => {
    expect(checkItem(orphan({ identity }), { kind: 'missing' })).toEqual([]);
    expect(checkItem(orphan({ identity }), presentItem(archivesOwnFiles(gid)))).toEqual([]);
    expect(checkItem(orphan({ identity }), presentItem([]))).toEqual([]);
  });

  it('is only reported where its item is dark', () => {
    expect(checkItem(orphan({ identity }), { kind: 'dark' })).toMatchObject([{ check: 'item.dark', policy: 'report' }]);
  });
});

describe('orphan.index_json', () => {
  it('is found where index.json is there, not where only an old version is', () => {
    expect(found([...archivesOwnFiles(gid), index])).toEqual(['orphan.index_json of index.json']);
    expect(found(archivesOwnFiles(gid))).toEqual([]);
  });
});

describe('orphan.xml', () => {
  const xml = aFile(`mbid-${gid}_mb_metadata.xml`);

  it('is found where the XML alone is left: how every merge and deletion ends that was carried out', () => {
    expect(found([...archivesOwnFiles(gid), xml])).toEqual([`orphan.xml of ${xml.name}`]);
  });

  it('is not found beside anything else, which has to go first or is asked for along with it', () => {
    for (const other of [index, aFile('cover.jpg'), ...imageFiles(gid, 1)]) {
      expect(found([...archivesOwnFiles(gid), xml, other]), other.name).not.toContain(`orphan.xml of ${xml.name}`);
    }
  });
});

describe('orphan.leftovers', () => {
  it('names logs and derivatives whose original is gone, and the XML along with them', () => {
    const left = imageFiles(gid, 1).filter(({ source }) => source !== 'original');
    const files = [index, aFile(`mbid-${gid}_mb_metadata.xml`), ...left];
    expect(found(files).filter((short) => short.startsWith('orphan.leftovers'))).toEqual(
      files.slice(1).map(({ name }) => `orphan.leftovers of ${name}`),
    );
  });

  it('leaves out what may be an original, and what was made from that', () => {
    const derived = aFile('cover_thumb.jpg', { source: 'derivative', original: 'cover.jpg' });
    const files = [index, aFile('cover.jpg'), derived, aFile('cover.jpg_meta.txt', { source: 'metadata' })];
    expect(found(files)).toEqual(['files.unknown of cover.jpg', 'orphan.index_json of index.json']);
  });

  it('leaves out what goes with an original that is still there, and the original itself', () => {
    expect(found([index, ...imageFiles(gid, 1)])).toEqual(['orphan.index_json of index.json']);
    const second = aFile(`mbid-${gid}-1_djvu.txt`, { source: 'derivative', original: `mbid-${gid}-1_jp2.zip` });
    const unlike = aFile('page.txt', { source: 'derivative', original: `mbid-${gid}-1.jpg` });
    expect(found([index, ...imageFiles(gid, 1), second, unlike])).toEqual(['orphan.index_json of index.json']);
  });
});

describe('orphan.never_indexed', () => {
  const never = 'orphan.never_indexed of index.json';

  it('is found where something is left, but never was an index.json', () => {
    const own = archivesOwnFiles(gid).filter(({ name }) => !name.startsWith('history/'));
    expect(found([...own, ...imageFiles(gid, 1)])).toEqual([never]);
    expect(found([...own, aFile(`history/files/mbid-${gid}-1.jpg.~1~`), ...imageFiles(gid, 1)])).toEqual([never]);
    expect(found([aFile(`mbid-${gid}_mb_metadata.xml`)])).toContain(never);
  });

  it('holds where an index.json is there or was, and where nothing is left', () => {
    expect(found([index, ...imageFiles(gid, 1)])).not.toContain(never);
    expect(found([...archivesOwnFiles(gid), ...imageFiles(gid, 1)])).toEqual([]);
    expect(found([aFile('__ia_thumb.jpg')])).toEqual([]);
  });
});

describe('the md5 of what is left', () => {
  it('is part of what is found, where the archive tells it', () => {
    const left = (md5: string | null) =>
      checkItem(orphan(), presentItem([aFile(`mbid-${gid}_mb_metadata.xml`, { md5 })])).filter(
        ({ check }) => check === 'orphan.xml',
      );
    expect(left('5d')).toMatchObject([{ md5: '5d' }]);
    expect(left(null)).toHaveLength(1);
    for (const difference of left(null)) expect(difference).not.toHaveProperty('md5');
  });
});
