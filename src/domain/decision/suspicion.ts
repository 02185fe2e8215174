import { indexFileName, thumbnailFileName, thumbnailSizes, xmlFileName } from '../documents/file-names.ts';
import { itemFiles } from '../documents/item-files.ts';
import { type EntityType, projects } from '../entity.ts';
import type { ObservedItem, PresentItem } from '../documents/observed-item.ts';

export interface Suspicion {
  /** By the item's collection; null where that is neither art archive's. */
  readonly entityType: EntityType | null;
  /** Why the item should be audited soon, in words; none where nothing is odd. */
  readonly reasons: readonly string[];
}

/**
 * What is odd about an item by its file list alone, without MusicBrainz and without asking the archive. It only tells
 * which items to audit first: an old list decides nothing.
 */
export function suspicionOf(gid: string, item: ObservedItem): Suspicion {
  if (item.kind === 'missing') return { entityType: null, reasons: [] };
  if (item.kind === 'dark') return { entityType: null, reasons: ['dark'] };
  const entityType = entityTypeOf(item);
  return { entityType, reasons: [...oddMetadata(item, entityType), ...oddFiles(gid, item)] };
}

/** Whose archive the item is in, or null. */
export function entityTypeOf({ metadata }: Pick<PresentItem, 'metadata'>): EntityType | null {
  const collections = metadata['collection'] ?? [];
  const project = Object.values(projects).find(({ collection }) => collections.includes(collection));
  return project?.entityType ?? null;
}

function oddMetadata({ metadata }: PresentItem, entityType: EntityType | null): readonly string[] {
  return [
    ...(entityType === null ? ['in neither collection'] : []),
    ...(metadata['mediatype']?.[0] === 'image' ? [] : ['mediatype is not image']),
    ...(metadata['noindex']?.[0] === 'true' ? [] : ['noindex is not true']),
  ];
}

function oddFiles(gid: string, item: PresentItem): readonly string[] {
  const { byName, originals } = itemFiles(gid, item.files);
  const ids = originals.map(({ artworkId }) => artworkId);
  const lacksThumbnail = (id: number): boolean =>
    thumbnailSizes.some((size) => !byName.has(thumbnailFileName(gid, id, size)));
  return [
    ...(byName.has(indexFileName) ? [] : ['no index.json']),
    ...(byName.has(xmlFileName(gid)) ? [] : ['no mb_metadata.xml']),
    ...(new Set(ids).size === ids.length ? [] : ['two originals of one image']),
    ...(ids.some(lacksThumbnail) ? ['an original without its thumbnails'] : []),
  ];
}
