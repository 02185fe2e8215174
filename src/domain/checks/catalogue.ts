import type { ChangedContent } from '../documents/image-content.ts';
import { itemFiles } from '../documents/item-files.ts';
import type { ExpectedState } from '../expected-state.ts';
import type { ObservedItem } from '../documents/observed-item.ts';
import { indexChecks, indexWellFormed } from './check-index.ts';
import { type Audience, audiences, type CheckEntry, runChecks } from './check.ts';
import { metaDerived } from './derived-check.ts';
import { fileChecks, filesExtraImage, filesImage, imageContent, imageEmpty, unknownFile } from './file-checks.ts';
import type { Difference } from './finding.ts';
import { itemChecks, itemDark, metadataChecks, orphanChecks } from './item-checks.ts';
import { xmlChecks, xmlWellFormed } from './xml-checks.ts';

/**
 * Every check there is, in the order in which findings are shown. Configuration keys, the docs page of checks and the
 * dashboard's texts come from this table.
 */
export const catalogue: readonly CheckEntry[] = [
  ...itemChecks,
  filesImage,
  filesExtraImage,
  ...fileChecks,
  indexWellFormed,
  ...indexChecks,
  xmlWellFormed,
  ...xmlChecks,
  ...metadataChecks,
  metaDerived,
  ...orphanChecks,
];

const entries: ReadonlyMap<string, CheckEntry> = new Map(catalogue.map((entry) => [entry.name, entry]));
const positions: ReadonlyMap<string, number> = new Map(catalogue.map(({ name }, position) => [name, position]));

/** The catalogue's entry of a check, or null where there is none of that name (any more). */
export function findCheck(name: string): CheckEntry | null {
  return entries.get(name) ?? null;
}

/** Where a check stands in the catalogue; those that it doesn't have any more stand last. */
export function positionOf(name: string): number {
  return positions.get(name) ?? catalogue.length;
}

/** The checks whose findings an audience can act on. */
export function checksFor(audience: Audience): readonly string[] {
  return catalogue.filter((entry) => entry.audience === audience).map(({ name }) => name);
}

/**
 * Who can act on a review, by its reasons' checks. Operators see to what is no finding (null: a repair that failed, an
 * entity that could not be judged), and to checks that the catalogue doesn't have any more.
 */
export function audiencesOf(checks: readonly (string | null)[]): readonly Audience[] {
  const all = checks.length === 0 ? [null] : checks;
  const found = new Set(all.map((name) => (name === null ? null : findCheck(name))?.audience ?? 'operators'));
  return audiences.filter((audience) => found.has(audience));
}

const ofLive = [...itemChecks, imageEmpty, ...fileChecks, ...metadataChecks];
const ofOrphans = [itemDark, imageContent, unknownFile, ...orphanChecks];

/**
 * What the metadata answer alone tells of an item. Images that are missing or somebody else's are not in it: what
 * becomes of them, other items decide (`imagesInQuestion`, `resolveImages`).
 *
 * @param item as it is; a missing one only where that is confirmed.
 * @param contents its originals with another content than an earlier audit saw
 */
export function checkItem(
  expected: ExpectedState,
  item: ObservedItem,
  contents: readonly ChangedContent[] = [],
): Difference[] {
  const files = item.kind === 'present' ? itemFiles(expected.key.gid, item.files) : null;
  const live = expected.identity === 'live';
  return runChecks(live ? ofLive : ofOrphans, { expected, item, files, contents });
}
