import { createHash } from 'node:crypto';
import type { Difference } from '../../src/domain/checks/finding.ts';
import type { ExtraImage, ImageContent } from '../../src/domain/documents/image-content.ts';
import type { EntityType } from '../../src/domain/entity.ts';
import type { ExpectedImage, ExpectedState } from '../../src/domain/expected-state.ts';
import type { ObservedFile, ObservedItem } from '../../src/domain/documents/observed-item.ts';

/** MBIDs that tests name by their part in the story. */
export const gids = {
  entity: '11111111-1111-4111-8111-111111111111',
  owner: '22222222-2222-4222-8222-222222222222',
  merged: '33333333-3333-4333-8333-333333333333',
  otherMerged: '44444444-4444-4444-8444-444444444444',
};

export function anImage(id: number, changes: Partial<ExpectedImage> = {}): ExpectedImage {
  return {
    id,
    suffix: 'jpg',
    approved: true,
    isFront: false,
    isBack: false,
    comment: '',
    edit: id + 1000,
    types: [],
    ...changes,
  };
}

function live(
  entityType: EntityType,
  images: readonly ExpectedImage[],
  changes: Partial<ExpectedState>,
): ExpectedState {
  return {
    key: { entityType, gid: gids.entity },
    identity: 'live',
    mergedInto: null,
    mergedFrom: [],
    presence: images.length > 0 ? 'present' : 'absent',
    images,
    ...changes,
  };
}

export function liveRelease(images: readonly ExpectedImage[], changes: Partial<ExpectedState> = {}): ExpectedState {
  return live('release', images, changes);
}

export function liveEvent(images: readonly ExpectedImage[], changes: Partial<ExpectedState> = {}): ExpectedState {
  return live(
    'event',
    images.map((image) => ({ ...image, isBack: null })),
    changes,
  );
}

export function orphan(changes: Partial<ExpectedState> = {}): ExpectedState {
  return liveRelease([], { identity: 'deleted', presence: null, ...changes });
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** A file of an item with an md5 that is made of its name: the same name always has the same content. */
export function aFile(name: string, changes: Partial<ObservedFile> = {}): ObservedFile {
  return {
    name,
    source: 'original',
    original: null,
    ...contentNamed(name),
    size: name.length,
    mtime: 1_700_000_000,
    ...changes,
  };
}

/** What the archive lists of a content that goes by a name; no sha1, so that the md5 alone may be changed. */
export function contentNamed(text: string): ImageContent {
  return { md5: md5Of(text), sha1: null, size: 1881 };
}

/** Looks like an md5, and differs where the texts differ. */
export function md5Of(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

/** An original with the derivatives that the archive makes of it. */
export function imageFiles(gid: string, artworkId: number, suffix = 'jpg'): ObservedFile[] {
  const base = `mbid-${gid}-${artworkId}`;
  const original = `${base}.${suffix}`;
  const derivatives = ['_thumb250.jpg', '_thumb500.jpg', '_thumb1200.jpg', '_itemimage.jpg', '_thumb.jpg'];
  return [
    aFile(original, contentNamed(`${artworkId}.${suffix}`)),
    ...derivatives.map((end) => aFile(`${base}${end}`, { source: 'derivative', original })),
    aFile(`${original}_meta.txt`, { source: 'metadata', original }),
  ];
}

/** The files that the archive keeps by itself. */
export function archivesOwnFiles(gid: string): ObservedFile[] {
  const names = [`_meta.xml`, `_files.xml`, `_meta.sqlite`, `_archive.torrent`, `_reviews.xml`].map(
    (end) => `mbid-${gid}${end}`,
  );
  return [...names, '__ia_thumb.jpg', 'history/files/index.json.~1~'].map((name) => aFile(name, { md5: null }));
}

type PresentItem = Extract<ObservedItem, { kind: 'present' }>;

export function presentItem(files: readonly ObservedFile[], changes: Partial<PresentItem> = {}): PresentItem {
  return {
    kind: 'present',
    files,
    metadata: { collection: ['coverartarchive'], mediatype: ['image'], noindex: ['true'] },
    lastUpdated: 1_785_000_000,
    nodes: [],
    dir: null,
    ...changes,
  };
}

/** An item that has exactly what a live entity's item should have. */
export function matchingItem({ key, images }: ExpectedState, changes: Partial<PresentItem> = {}): PresentItem {
  const { entityType, gid } = key;
  const collection = [entityType === 'release' ? 'coverartarchive' : 'eventartarchive'];
  return presentItem(
    [
      ...archivesOwnFiles(gid),
      ...images.flatMap(({ id, suffix }) => imageFiles(gid, id, suffix)),
      aFile('index.json'),
      aFile(`mbid-${gid}_mb_metadata.xml`),
    ],
    { metadata: { collection, mediatype: ['image'], noindex: ['true'] }, ...changes },
  );
}

/** What was found, in short: each check with what it is about. */
export function inShort(differences: readonly Difference[]): string[] {
  return differences.map(({ check, subject }) => `${check} of ${subject}`);
}

/** An original that isn't the entity's, as `imagesInQuestion` names it. */
export function anExtra(artworkId: number, suffix = 'jpg'): ExtraImage {
  const fileName = `mbid-${gids.entity}-${artworkId}.${suffix}`;
  return { artworkId, suffix, fileName, ...contentNamed(`${artworkId}.${suffix}`) };
}
