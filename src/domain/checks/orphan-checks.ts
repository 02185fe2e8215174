import { artworkIdInName, indexFileName, isArchivesOwnFile, isOldIndex } from '../file-names.ts';
import type { ItemFiles } from '../item-files.ts';
import type { ObservedFile } from '../observed-item.ts';
import { type Check, peoplesPolicies } from './check.ts';
import type { ItemInput } from './item-checks.ts';

export const orphanIndexJson: Check<ItemInput> = {
  name: 'orphan.index_json',
  family: 'orphan',
  sentence: 'The item of a merged, deleted or unknown MBID has no index.json.',
  why: 'It makes the archives’ API serve an entity that is no more. It is deleted after the images; the archive keeps the old version.',
  policies: ['deindex', ...peoplesPolicies],
  *differences({ files }) {
    if (!files?.byName.has(indexFileName)) return;
    yield { check: 'orphan.index_json', subject: indexFileName, expected: 'no file', found: 'the file' };
  },
};

export const orphanLeftovers: Check<ItemInput> = {
  name: 'orphan.leftovers',
  family: 'orphan',
  sentence: 'Nothing else is left on it: no XML, no derivatives or logs of images that are gone.',
  why: 'No indexer event deletes these, so a person asks the archive, once nothing is left to repair.',
  policies: ['review_last', 'review', 'report', 'ignore'],
  *differences({ expected, files }) {
    if (files === null) return;
    for (const file of leftovers(expected.key.gid, files)) {
      yield {
        check: 'orphan.leftovers',
        subject: file.name,
        expected: 'no file',
        found: 'the file',
        ...(file.md5 === null ? {} : { md5: file.md5 }),
      };
    }
  },
};

export const orphanNeverIndexed: Check<ItemInput> = {
  name: 'orphan.never_indexed',
  family: 'orphan',
  sentence: 'Where something is left on it, there is or was an index.json.',
  why: 'An item that never had one was probably uploaded from a test server, and is not ours to mend.',
  policies: peoplesPolicies,
  *differences({ expected, files }) {
    if (files === null || files.byName.has(indexFileName)) return;
    if (files.all.some(({ name }) => isOldIndex(name))) return;
    const left = files.all.filter(({ name }) => !isArchivesOwnFile(expected.key.gid, name));
    if (left.length === 0) return;
    yield {
      check: 'orphan.never_indexed',
      subject: indexFileName,
      expected: 'the file, or an old version of it',
      found: `never there, beside ${left.length} other file${left.length === 1 ? '' : 's'}`,
    };
  },
};

export const orphanChecks: readonly Check<ItemInput>[] = [orphanIndexJson, orphanLeftovers, orphanNeverIndexed];

/** What goes with an original, when that is deleted, is not left over; nor is what the archive keeps by itself. */
function leftovers(gid: string, files: ItemFiles): ObservedFile[] {
  const originals = new Set(files.originals.map(({ fileName }) => fileName));
  const present = new Set(files.originals.map(({ artworkId }) => artworkId));
  const goesAlong = (name: string | null): boolean => {
    const artworkId = name === null ? null : artworkIdInName(gid, name);
    return artworkId !== null && present.has(artworkId);
  };
  return files.all.filter(({ name, original }) => {
    if (name === indexFileName || originals.has(name) || isArchivesOwnFile(gid, name)) return false;
    return !goesAlong(name) && !goesAlong(original);
  });
}
