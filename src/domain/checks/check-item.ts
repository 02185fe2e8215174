import type { ChangedContent } from '../documents/image-content.ts';
import { itemFiles } from '../documents/item-files.ts';
import type { ExpectedState } from '../expected-state.ts';
import type { ObservedItem } from '../observed-item.ts';
import { runChecks } from './check.ts';
import { fileChecks, imageContent, imageEmpty, unknownFile } from './file-checks.ts';
import type { Difference } from './finding.ts';
import { itemChecks, itemDark, metadataChecks } from './item-checks.ts';
import { orphanChecks } from './orphan-checks.ts';

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
