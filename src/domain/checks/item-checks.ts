import { indexFileName, isArchivesOwnFile, isOldIndex, xmlFileName } from '../documents/file-names.ts';
import type { ChangedContent } from '../documents/image-content.ts';
import { isOriginalThere, isUnknownFile, type ItemFiles } from '../documents/item-files.ts';
import { projects } from '../entity.ts';
import type { ExpectedState } from '../expected-state.ts';
import type { ObservedFile, ObservedItem } from '../documents/observed-item.ts';
import { type Check, policiesWithoutRepair, show } from './check.ts';
import type { Difference } from './finding.ts';

/** What the checks of an item read; `files` only where it is present. */
export interface ItemInput {
  readonly expected: ExpectedState;
  readonly item: ObservedItem;
  readonly files: ItemFiles | null;
  /** Its originals with another content than an earlier audit saw. */
  readonly contents: readonly ChangedContent[];
}

const itemExists: Check<ItemInput> = {
  name: 'item.exists',
  title: 'item missing',
  wrong: 'MusicBrainz lists images, and the archive has no item for them.',
  steps: [
    'Open the item at the archive: does it say that it was taken down?',
    'Taken down: ask the archive why. Never there: ask the uploader, in the edit that added the images.',
    'If nobody has the images, remove them at MusicBrainz. Both bring an event, and the review closes automatically.',
  ],
  family: 'item',
  audience: 'musicbrainz_editors',
  sentence: 'The item exists, where MusicBrainz lists images.',
  why: 'A missing item lacks every image, and only people can bring them back. Where all of them are found on the items of merged MBIDs, copying them decides instead.',
  policies: policiesWithoutRepair,
  *differences({ expected, item }) {
    if (item.kind !== 'missing' || expected.images.length === 0) return;
    const ids = expected.images.map(({ id }) => id).join(', ');
    yield { check: 'item.exists', subject: 'the item', expected: `an item with the images ${ids}`, found: 'no item' };
  },
};

export const itemDark: Check<ItemInput> = {
  name: 'item.dark',
  title: 'public or dark, wrongly',
  wrong: 'The item is public where MusicBrainz says that its art is darkened, or dark where it doesn’t.',
  steps: [
    'Find out which of the two is right.',
    'Dark, and rightly so: have a database administrator of MusicBrainz set the art to “darkened”.',
    'Otherwise ask the archive’s staff to make the item dark, or public. Then resolve.',
  ],
  family: 'item',
  audience: 'operators',
  sentence: 'The item is dark exactly when MusicBrainz says that the art is darkened.',
  why: 'Whether images may be public is for people to say. Of an orphan a dark item shows nothing in public: that is only reported.',
  policies: policiesWithoutRepair,
  *differences({ expected, item }) {
    if (item.kind === 'missing') return;
    const dark = item.kind === 'dark';
    const darkened = expected.identity === 'live' && expected.presence === 'darkened';
    if (dark === darkened) return;
    yield {
      check: 'item.dark',
      subject: 'the item',
      expected: darkened ? 'dark' : 'public',
      found: dark ? 'dark' : 'public',
      ...(expected.identity === 'live' ? {} : { policy: 'report' }),
    };
  },
};

export const itemChecks: readonly Check<ItemInput>[] = [itemExists, itemDark];

const why =
  'An upload sets it where it makes the item. On an item that exists it usually can’t, so one is tried, and then a person asks the archive.';

export const stepsForStaff: readonly string[] = [
  'Nothing one by one: collect them for the archive’s staff (`artwork-reconciler export`).',
  'When that is done, resolve all of them: each is audited again.',
];

export const metadataChecks: readonly Check<ItemInput>[] = [
  metadataCheck('collection', 'The item is in the collection of its project.', (input) => {
    return projects[input.expected.key.entityType].collection;
  }),
  metadataCheck('mediatype', 'The item’s mediatype is “image”.', () => 'image'),
  metadataCheck('noindex', 'The item is kept out of the archive’s search (“noindex” is “true”).', () => 'true'),
];

function metadataCheck(field: string, sentence: string, expectedValue: (input: ItemInput) => string): Check<ItemInput> {
  const check = `meta.${field}`;
  return {
    name: check,
    family: 'item',
    audience: 'archive_staff',
    sentence,
    title: `wrong ${field}`,
    wrong: `The item’s ${field} at the archive is wrong, and an upload did not mend it.`,
    steps: stepsForStaff,
    why,
    policies: ['index', ...policiesWithoutRepair],
    *differences(input) {
      if (input.item.kind !== 'present') return;
      const expected = expectedValue(input);
      const values = input.item.metadata[field] ?? [];
      // An item may be in further collections.
      if (values.includes(expected)) return;
      yield { check, subject: field, expected, found: values.length === 0 ? 'nothing' : show(values) };
    },
  };
}

const orphanIndexJson: Check<ItemInput> = {
  name: 'orphan.index_json',
  title: 'index.json left over',
  wrong: 'The MBID was merged, deleted or is unknown, and its item still has an index.json.',
  steps: [
    'Check the entity’s events: a deindex event that failed can be requeued.',
    'Otherwise resolve: the audit queues it again.',
  ],
  family: 'orphan',
  audience: 'operators',
  sentence: 'The item of a merged, deleted or unknown MBID has no index.json.',
  why: 'It lists images of an entity that is no more, to whoever reads the item itself: the archives’ API looks MBIDs up in MusicBrainz’ database. It is deleted after the images; the archive keeps the old version.',
  policies: ['deindex', ...policiesWithoutRepair],
  *differences({ files }) {
    if (!files?.byName.has(indexFileName)) return;
    yield { check: 'orphan.index_json', subject: indexFileName, expected: 'no file', found: 'the file' };
  },
};

const orphanXml: Check<ItemInput> = {
  name: 'orphan.xml',
  title: 'only the XML left',
  wrong: 'The MBID was merged or deleted, and of its item nothing but the XML is left.',
  steps: [
    'Nothing, unless these items are to be purged: every complete merge and deletion ends like this.',
    'To be purged: collect them for the archive’s staff (`artwork-reconciler export purge`), and resolve when that is done.',
    'Otherwise: won’t fix.',
  ],
  family: 'orphan',
  audience: 'archive_staff',
  sentence: 'The XML of the web service is not all that is left on it, beside what the archive keeps.',
  why: 'Every merge and deletion that is carried out in full ends like this: no indexer event deletes that file, only the archive’s staff can. `report` makes these items `legacy` without a review.',
  policies: ['review_last', 'review', 'report', 'ignore'],
  *differences({ expected, files }) {
    const { gid } = expected.key;
    const xml = files?.byName.get(xmlFileName(gid));
    if (files === null || xml === undefined) return;
    if (files.all.every((file) => file === xml || isArchivesOwnFile(gid, file.name))) yield left('orphan.xml', xml);
  },
};

const orphanLeftovers: Check<ItemInput> = {
  name: 'orphan.leftovers',
  title: 'derivatives left over',
  wrong: 'The MBID was merged or deleted, and thumbnails or logs of its images are left.',
  steps: [
    'Collect them for the archive’s staff: `artwork-reconciler export purge`.',
    'Resolve when that is done; or won’t fix, where it won’t be.',
  ],
  family: 'orphan',
  audience: 'archive_staff',
  sentence: 'No derivatives or logs are left on it of images that are gone.',
  why: 'No indexer event deletes these, nor the XML that is left beside them, so a person asks the archive, once nothing is left to repair.',
  policies: ['review_last', 'review', 'report', 'ignore'],
  *differences({ expected, files }) {
    if (files === null) return;
    const xml = xmlFileName(expected.key.gid);
    const found = files.all.filter((file) => isLeftover(expected, files, file));
    // The XML alone is for orphan.xml.
    if (found.every(({ name }) => name === xml)) return;
    for (const file of found) yield left('orphan.leftovers', file);
  },
};

const orphanNeverIndexed: Check<ItemInput> = {
  name: 'orphan.never_indexed',
  title: 'never indexed',
  wrong: 'MusicBrainz doesn’t know the MBID, and no indexer ever wrote an index.json on its item.',
  steps: [
    'See at the archive who uploaded it, and when.',
    'A test: ask the archive’s staff to purge the item. Otherwise: won’t fix.',
  ],
  family: 'orphan',
  audience: 'operators',
  sentence: 'Where something is left on it, there is or was an index.json.',
  why: 'An item that never had one was probably uploaded from a test server, and is not ours to mend.',
  policies: policiesWithoutRepair,
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

export const orphanChecks: readonly Check<ItemInput>[] = [
  orphanIndexJson,
  orphanXml,
  orphanLeftovers,
  orphanNeverIndexed,
];

/** What goes when an original that is still there is deleted is not left over, nor that one; nor is what may be one. */
function isLeftover(expected: ExpectedState, files: ItemFiles, file: ObservedFile): boolean {
  const { gid } = expected.key;
  if (file.name === indexFileName || isArchivesOwnFile(gid, file.name)) return false;
  return !isUnknownFile(expected, file) && !isOriginalThere(gid, files, file);
}

function left(check: string, { name, md5 }: ObservedFile): Difference {
  return { check, subject: name, expected: 'no file', found: 'the file', ...(md5 === null ? {} : { md5 }) };
}
