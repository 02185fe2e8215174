import type { ExpectedState } from '../expected-state.ts';
import { expectedIndex, type IndexDocument, type IndexImage } from '../documents/index-document.ts';
import { isObject } from '../documents/index-reading.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** A listed image of the entity: what it should be, and what was found at its first listing. */
export interface ListedPair {
  readonly image: IndexImage;
  readonly fields: Fields;
}

/** What the checks of a well-formed index.json look at. */
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
