import { expectedIndex, type IndexDocument, type IndexImage } from '../documents/index-document.ts';
import { isObject } from '../documents/index-reading.ts';
import type { ExpectedState } from '../expected-state.ts';
import { type Check, cut, policiesWithoutRepair, show, stepsAfterUpload } from './check.ts';

/** index.json is made from MusicBrainz alone: whatever is wrong with it, making it again mends it and loses nothing. */
const indexWhy = 'index.json is made from MusicBrainz alone; making it again mends it and loses nothing.';

/** What every check of index.json is, its name, sentence and function apart. */
export const indexCheck = {
  family: 'index',
  audience: 'operators',
  why: indexWhy,
  steps: stepsAfterUpload,
  policies: ['index', ...policiesWithoutRepair],
} as const;

export const entityUrl: Check<IndexInput> = {
  ...indexCheck,
  name: 'index.entity_url',
  title: 'wrong address in index.json',
  wrong: 'index.json names the entity by another address than its https address at MusicBrainz.',
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
  title: 'image not in index.json',
  wrong: 'An image of the entity is not listed in index.json.',
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
  title: 'image listed twice',
  wrong: 'index.json lists an image more than once.',
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
  title: 'foreign image in index.json',
  wrong: 'index.json lists an image that MusicBrainz doesn’t have for this entity.',
  sentence: 'No image is listed that MusicBrainz doesn’t have for this entity.',
  why: 'Listed only, there is nothing to lose: making index.json again mends it. Where the item also holds the file, this is named only, and files.extra_image decides.',
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
  title: 'images out of order',
  wrong: 'index.json lists the images in another order than MusicBrainz.',
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

function aboutImage(id: number): { subject: string; artworkId: number } {
  return { subject: `image ${id}`, artworkId: id };
}

export type Fields = Readonly<Record<string, unknown>>;

/** A listed image of the entity: what it should be, and what was found at its first listing. */
export interface ListedPair {
  readonly image: IndexImage;
  readonly fields: Fields;
}

/** What the checks of a well-formed index.json read. */
export interface IndexInput {
  readonly expected: ExpectedState;
  readonly document: IndexDocument;
  readonly entityUrl: unknown;
  /** The list of images as it was found. */
  readonly entries: readonly unknown[];
  /** The artwork ids in the order of the list, each as often as it is listed; entries that tell none are left out. */
  readonly listedIds: readonly number[];
  /** The expected images that are listed, in MusicBrainz' order. */
  readonly pairs: readonly ListedPair[];
  /** Artwork ids that aren't the entity's, but whose originals the item holds. */
  readonly heldExtraIds: ReadonlySet<number>;
}

export function indexInput(
  expected: ExpectedState,
  { images, entityUrl }: { images: readonly unknown[]; entityUrl: unknown },
  heldExtraIds: readonly number[],
): IndexInput {
  const document = expectedIndex(expected);
  const listedIds: number[] = [];
  const firstListings = new Map<number, Fields>();
  for (const entry of images) {
    const id = isObject(entry) ? listedId(entry) : null;
    if (id === null) continue;
    listedIds.push(id);
    if (!firstListings.has(id)) firstListings.set(id, entry as Fields);
  }
  const pairs = document.images.flatMap((image) => {
    const fields = firstListings.get(image.id);
    return fields === undefined ? [] : [{ image, fields }];
  });
  return { expected, document, entityUrl, entries: images, listedIds, pairs, heldExtraIds: new Set(heldExtraIds) };
}

/**
 * The image that an entry is about: an `id` of the wrong type, or none, is a finding of its own check, and must not
 * make the image a missing one as well.
 */
function listedId({ id, image }: Fields): number | null {
  if (typeof id === 'number') return id;
  if (typeof id === 'string' && /^[1-9][0-9]*$/.test(id)) return Number(id);
  const inUrl = typeof image === 'string' ? /\/([1-9][0-9]*)\.[a-z]+$/.exec(image)?.[1] : undefined;
  return inUrl === undefined ? null : Number(inUrl);
}
