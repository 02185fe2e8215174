import { type Check, cut, peoplesPolicies, show } from './check.ts';
import type { IndexInput } from './index-input.ts';

/** index.json is made from MusicBrainz alone: whatever is wrong with it, making it anew mends it and loses nothing. */
export const indexWhy = 'index.json is made from MusicBrainz alone; making it anew mends it and loses nothing.';

/** What every check of index.json is, its name, sentence and function apart. */
export const indexCheck = {
  family: 'index',
  audience: 'operators',
  why: indexWhy,
  policies: ['index', ...peoplesPolicies],
} as const;

export const entityUrl: Check<IndexInput> = {
  ...indexCheck,
  name: 'index.entity_url',
  sentence: 'index.json names the entity by its https address at MusicBrainz.',
  *differences({ expected, document, entityUrl: found }) {
    const { entityType } = expected.key;
    const right = document[entityType] as string;
    // One that is no text is for index.value_type.
    if (typeof found !== 'string' || found === right) return;
    yield { check: 'index.entity_url', subject: entityType, expected: right, found: show(found) };
  },
};

export const imageMissing: Check<IndexInput> = {
  ...indexCheck,
  name: 'index.image_missing',
  sentence: 'Each image of the entity is listed.',
  *differences({ expected, listedIds }) {
    const listed = new Set(listedIds);
    for (const { id } of expected.images) {
      if (listed.has(id)) continue;
      yield { check: 'index.image_missing', ...aboutImage(id), expected: 'listed', found: 'not listed' };
    }
  },
};

export const imageDuplicate: Check<IndexInput> = {
  ...indexCheck,
  name: 'index.image_duplicate',
  sentence: 'No image is listed twice.',
  *differences({ pairs, listedIds }) {
    const times = new Map<number, number>();
    for (const id of listedIds) times.set(id, (times.get(id) ?? 0) + 1);
    for (const { image } of pairs) {
      const count = times.get(image.id)!;
      if (count < 2) continue;
      yield {
        check: 'index.image_duplicate',
        ...aboutImage(image.id),
        expected: 'listed once',
        found: `listed ${count} times`,
      };
    }
  },
};

export const extraImage: Check<IndexInput> = {
  ...indexCheck,
  name: 'index.extra_image',
  sentence: 'No image is listed that MusicBrainz doesn’t have for this entity.',
  why: 'Listed only, there is nothing to lose: making index.json anew mends it. Where the item also holds the file, this is named only, and files.extra_image decides.',
  *differences({ expected, listedIds, heldExtraIds }) {
    const known = new Set(expected.images.map(({ id }) => id));
    for (const id of new Set(listedIds)) {
      if (known.has(id)) continue;
      const held = heldExtraIds.has(id);
      yield {
        check: 'index.extra_image',
        ...aboutImage(id),
        expected: 'not listed',
        found: held ? 'listed, and its file is there' : 'listed',
        ...(held ? { policy: 'report' } : {}),
      };
    }
  },
};

export const order: Check<IndexInput> = {
  ...indexCheck,
  name: 'index.order',
  sentence:
    'The images that both list stand in MusicBrainz’ order. An image listed twice counts where it first stands.',
  *differences({ pairs, listedIds }) {
    const right = pairs.map(({ image }) => image.id);
    const both = new Set(right);
    const found = [...new Set(listedIds)].filter((id) => both.has(id));
    const start = right.findIndex((id, position) => id !== found[position]);
    if (start === -1) return;
    yield {
      check: 'index.order',
      subject: `the order of images from position ${start + 1}`,
      expected: right.slice(start).join(', '),
      found: cut(found.slice(start).join(', '), 1000),
    };
  },
};

export function aboutImage(id: number): { subject: string; artworkId: number } {
  return { subject: `image ${id}`, artworkId: id };
}
