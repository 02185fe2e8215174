import type { EntityListFilter, ListedEntity } from '../database/audit-queries/index.ts';
import { itemName } from '../domain/documents/file-names.ts';
import type { Example, Finding } from '../domain/checks/finding.ts';

/** A list of what only the archive's staff can do. */
export interface NamedList {
  readonly name: string;
  /** What they are asked for, for each item on it. */
  readonly sentence: string;
  readonly filter: EntityListFilter;
  /** What to do about one item, in words that need no others: staff know neither our checks nor MusicBrainz. */
  readonly toDo: (entity: Pick<ListedEntity, 'findings' | 'gid'>) => string;
}

/**
 * The lists that are handed to the archive's staff, as those of 2021 were (`rederive_thumbnails`, `ia_set_mediatype`,
 * `ia_set_noindex`). What an upload of ours may still mend is on none of them, nor what a person lets stand.
 */
export const namedLists: readonly NamedList[] = [
  list('thumbnails', 'derive the thumbnails again', ['files.thumbnail'], (findings) => {
    const missing = files(findings, ({ expected }) => expected);
    return `derive the item again: it lacks ${missing}`;
  }),
  list(
    'stray_thumbnails',
    'remove the derivatives of images that were removed',
    ['files.stray_thumbnail'],
    (findings) => {
      return `remove every derivative whose original is not in the item: ${files(findings, ({ subject }) => subject)}`;
    },
  ),
  metadataList('collection', 'put the item into the collection of its project'),
  metadataList('mediatype', 'set the mediatype to image'),
  metadataList('noindex', 'set noindex to true'),
  // Nothing on these items may be an original, which both checks record whatever their policies are.
  list(
    'purge',
    'purge what is left on the item of a merged, deleted or unknown MBID',
    ['orphan.xml', 'orphan.leftovers'],
    (findings, item) => `purge ${item}: no original image is in it, only ${files(findings, ({ subject }) => subject)}`,
    ['files.extra_image', 'files.unknown'],
  ),
];

function list(
  name: string,
  sentence: string,
  checks: readonly string[],
  toDo: (findings: readonly Finding[], item: string) => string,
  withoutChecks: readonly string[] = [],
): NamedList {
  return {
    name,
    sentence,
    filter: { checks, withoutChecks, leftToOthers: true },
    toDo: ({ findings, gid }) => toDo(findings, itemName(gid)),
  };
}

function metadataList(field: string, sentence: string): NamedList {
  return list(field, sentence, [`meta.${field}`], (findings) =>
    findings
      .flatMap(({ examples }) => examples)
      .map(({ expected, found }) => `set ${field} to ${expected} (now: ${found})`)
      .join('; '),
  );
}

/** The files that findings name, and how many more there are: a finding keeps only a few of its examples. */
function files(findings: readonly Finding[], nameOf: (example: Example) => string): string {
  const named = findings.flatMap(({ examples }) => examples).map(nameOf);
  const more = findings.reduce((sum, { count }) => sum + count, 0) - named.length;
  return `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
