import type { EntityListFilter } from '../database/audit-queries/index.ts';

/** A list of what only the archive's staff can do. */
export interface NamedList {
  readonly name: string;
  /** What they are asked for, for each item on it. */
  readonly sentence: string;
  readonly filter: EntityListFilter;
}

/**
 * The lists that are handed to the archive's staff, as those of 2021 were (`rederive_thumbnails`, `ia_set_mediatype`,
 * `ia_set_noindex`). What an upload of ours may still mend is on none of them, nor what a person lets stand.
 */
export const namedLists: readonly NamedList[] = [
  list('thumbnails', 'derive the thumbnails again', 'files.thumbnail'),
  list('mediatype', 'set the mediatype to image', 'meta.mediatype'),
  list('noindex', 'set noindex to true', 'meta.noindex'),
  list('purge', 'purge what is left on the item of a merged, deleted or unknown MBID', 'orphan.leftovers'),
];

function list(name: string, sentence: string, check: string): NamedList {
  return { name, sentence, filter: { checks: [check], leftToOthers: true } };
}
