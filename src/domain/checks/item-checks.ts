import type { ChangedContent } from '../documents/image-content.ts';
import type { ItemFiles } from '../documents/item-files.ts';
import { projects } from '../entity.ts';
import type { ExpectedState } from '../expected-state.ts';
import type { ObservedItem } from '../observed-item.ts';
import { type Check, policiesWithoutRepair, show } from './check.ts';

/** What the checks of an item look at; `files` only where it is present. */
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
