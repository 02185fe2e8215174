import type { ExpectedState } from '../expected-state.ts';
import type { ItemFiles } from '../documents/item-files.ts';
import type { ObservedItem } from '../observed-item.ts';
import type { ChangedContent } from '../remembered-content.ts';
import { type Check, peoplesPolicies } from './check.ts';

/** What the checks of an item look at; `files` only where it is present. */
export interface ItemInput {
  readonly expected: ExpectedState;
  readonly item: ObservedItem;
  readonly files: ItemFiles | null;
  /** Its originals with another content than an earlier audit saw. */
  readonly contents: readonly ChangedContent[];
}

export const itemExists: Check<ItemInput> = {
  name: 'item.exists',
  family: 'item',
  audience: 'musicbrainz_editors',
  sentence: 'The item exists, where MusicBrainz lists images.',
  why: 'A missing item lacks every image, and only people can bring them back. Where all of them are found on the items of merged MBIDs, copying them decides instead.',
  policies: peoplesPolicies,
  *differences({ expected, item }) {
    if (item.kind !== 'missing' || expected.images.length === 0) return;
    const ids = expected.images.map(({ id }) => id).join(', ');
    yield { check: 'item.exists', subject: 'the item', expected: `an item with the images ${ids}`, found: 'no item' };
  },
};

export const itemDark: Check<ItemInput> = {
  name: 'item.dark',
  family: 'item',
  audience: 'operators',
  sentence: 'The item is dark exactly when MusicBrainz says that the art is darkened.',
  why: 'Whether images may be public is for people to say. Of an orphan a dark item shows nothing in public: that is only reported.',
  policies: peoplesPolicies,
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
