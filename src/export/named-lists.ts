import { checksOf, type FindingFilter, findingList, type ListedEntity } from '../database/entities/list-findings.ts';
import type { Column } from '../database/lists/list.ts';
import type { Example, Finding } from '../domain/checks/finding.ts';
import { itemName } from '../domain/documents/file-names.ts';
import { entityAddress, itemAddress, type Sites } from '../domain/site-links.ts';
import { controls, headOf, lineOf } from './csv.ts';

/** A list of what only the archive's staff can do. */
export interface NamedList {
  readonly name: string;
  /** What they are asked for, for each item on it. */
  readonly sentence: string;
  readonly filter: FindingFilter;
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

/** How a list is written; `tsv` is the form of the lists of 2021. */
export const listFormats = ['csv', 'json', 'tsv'] as const;
export type ListFormat = (typeof listFormats)[number];

/**
 * The columns of a list of findings: with the addresses of each entity and, on a list for the archive's staff, before the
 * others what to do about its item.
 *
 * @param named null where it is none of the lists for the archive's staff
 */
function columnsOf(sites: Sites, named: NamedList | null): readonly Column<ListedEntity>[] {
  const staff: readonly Column<ListedEntity>[] =
    named === null
      ? []
      : [
          { name: 'identifier', value: ({ gid }) => itemName(gid) },
          { name: 'to_do', value: named.toDo },
        ];
  const after = findingList.columns.findIndex(({ name }) => name === 'mbid') + 1;
  return [
    ...staff,
    ...findingList.columns.slice(0, after),
    { name: 'musicbrainz_url', value: (entity) => entityAddress(sites, entity) },
    { name: 'archive_url', value: ({ gid }) => itemAddress(sites, gid) },
    ...findingList.columns.slice(after),
  ];
}

/** A list's first line, where its form has one. */
export function listHead(format: ListFormat, sites: Sites, named: NamedList | null): string {
  return format === 'csv' ? headOf(columnsOf(sites, named)) : '';
}

/** An entity of a list as one line, with its end. */
export function listLine(format: ListFormat, entity: ListedEntity, sites: Sites, named: NamedList | null): string {
  if (format !== 'tsv') return lineOf(format, columnsOf(sites, named), entity);
  const checks = checksOf(entity);
  return audit2021Line({
    gid: entity.gid,
    musicbrainzUrl: entityAddress(sites, entity),
    archiveUrl: itemAddress(sites, entity.gid),
    checks: named === null ? checks : [...checks, named.toDo(entity)],
  });
}

/** An item of an actionable list of the audit of 2021. */
interface Audit2021Item {
  readonly gid: string;
  readonly musicbrainzUrl: string;
  readonly archiveUrl: string;
  /** Names of checks, or what else is to be said: the importer takes those that it knows. */
  readonly checks: readonly string[];
}

/**
 * A line as the lists of 2021 have it (domain page img-129.md), with its end:
 * `{mbid}\t{MB url}\t{archive.org url}\t{check; check; …}`. `import img-129` reads it back.
 */
export function audit2021Line({ gid, musicbrainzUrl, archiveUrl, checks }: Audit2021Item): string {
  const columns = [gid, musicbrainzUrl, archiveUrl, checks.join('; ')];
  // A tab or line break would make other columns of what follows.
  const cells = columns.map((text) => text.replace(/[\t\r\n]+/g, ' ').replace(controls, '\ufffd'));
  return `${cells.join('\t')}\n`;
}
