import type { PolicyTable } from '../checks/policies.ts';
import type { ExpectedState } from '../expected-state.ts';
import { originalFileName } from '../documents/file-names.ts';
import type { Difference } from '../checks/finding.ts';
import type { ExtraImage, ImageCopy, ImageEvidence, ImageOwner, MissingImage } from '../image-copy.ts';
import { compareContents, isEmpty, isRecognizable } from '../image-content.ts';

/** An image that is copied to the entity's item, from that of a gid merged into it. */
export interface ImageFetch {
  readonly artworkId: number;
  readonly suffix: string;
  readonly from: string;
}

/** An extra image that is deleted from the item; where its owner's item lacks it, it is copied there before. */
export interface ImageClearing {
  readonly artworkId: number;
  readonly suffix: string;
  readonly owner: string;
  readonly copyFirst: boolean;
}

/** What becomes of the images in question. */
export interface ImagePlan {
  /** Of `files.image` and `files.extra_image`, each with its policy. */
  readonly differences: readonly Difference[];
  readonly fetches: readonly ImageFetch[];
  readonly clearings: readonly ImageClearing[];
  /** Why some of it can't be told just now, else null; then nothing of the plan is to be carried out. */
  readonly notNow: string | null;
}

type Fate<Order> =
  | { readonly kind: 'not_now'; readonly reason: string }
  | { readonly kind: 'repair'; readonly order: Order; readonly expected: string; readonly found: string }
  | { readonly kind: 'review'; readonly expected: string; readonly found: string };

/**
 * What becomes of images that the item lacks, and of originals on it that aren't the entity's (catalogue page, "Extra
 * images"). Nothing is deleted unless another copy was seen, or is made before. What couldn't be seen is "not now".
 */
export function resolveImages(expected: ExpectedState, evidence: ImageEvidence, policies: PolicyTable): ImagePlan {
  const copies = new Map(evidence.copies.map((copy) => [copyKey(copy.gid, copy.artworkId, copy.suffix), copy]));
  const missing = evidence.missing.map((image) => ({ image, fate: fateOfMissing(expected, image, copies) }));
  const extra = evidence.extra.map((image) => ({
    image,
    fate: fateOfExtra(expected, image, evidence.owners.get(image.artworkId), copies),
  }));

  // Where an operator decided that such images are only looked at, nothing needs to be seen elsewhere.
  const waits = [
    ...(policies['files.image'] === 'copy_image' ? missing : []),
    ...(policies['files.extra_image'] === 'delete_image' ? extra : []),
  ].flatMap(({ fate }) => (fate.kind === 'not_now' ? [fate.reason] : []));

  return {
    differences: [
      ...missing.map(({ image, fate }) => difference('files.image', `image ${image.artworkId}`, image, fate)),
      ...extra.map(({ image, fate }) => difference('files.extra_image', image.fileName, image, fate)),
    ],
    fetches: missing.flatMap(({ fate }) => (fate.kind === 'repair' ? [fate.order] : [])),
    clearings: extra.flatMap(({ fate }) => (fate.kind === 'repair' ? [fate.order] : [])),
    notNow: waits.length === 0 ? null : [...new Set(waits)].slice(0, 5).join('; '),
  };
}

function fateOfMissing(expected: ExpectedState, image: MissingImage, copies: Copies): Fate<ImageFetch> {
  const { artworkId, suffix } = image;
  const name = originalFileName(expected.key.gid, artworkId, suffix);
  const seen = expected.mergedFrom.map((gid) => ({ gid, copy: copies.get(copyKey(gid, artworkId, suffix)) }));
  const review = (found: string): Fate<ImageFetch> => ({ kind: 'review', expected: name, found });
  const held = seen.filter(({ copy }) => copy?.seen === 'held');
  const [holder, ...others] = held.filter(({ copy }) => copy?.size);
  if (holder !== undefined) {
    const isSame = (copy: ImageCopy | undefined) =>
      copy !== undefined && holder.copy !== undefined && compareContents(holder.copy, copy) === 'same';
    const differing = others.find(({ copy }) => !isSame(copy));
    // Which of them is the image, people know.
    if (differing) return review(`not here; contents differ on the items of ${holder.gid} and ${differing.gid}`);
    return {
      kind: 'repair',
      order: { artworkId, suffix, from: holder.gid },
      expected: `${name}, as on the item of the merged ${holder.gid}`,
      found: 'no such file here',
    };
  }
  const unseen = seen.find(({ copy }) => copy === undefined || copy.seen === 'unreadable');
  if (unseen !== undefined) {
    return {
      kind: 'not_now',
      reason: `whether the item of the merged ${unseen.gid} holds image ${artworkId} could not be read`,
    };
  }
  const [doubtful] = held;
  if (doubtful) return review(`not here; an empty file, or one of unknown size, on the item of ${doubtful.gid}`);
  const elsewhere = seen.length === 0 ? '' : `, nor on the items of ${seen.length} merged MBIDs`;
  return review(`no such file${elsewhere}`);
}

function fateOfExtra(
  { key }: ExpectedState,
  image: ExtraImage,
  owner: ImageOwner | undefined,
  copies: Copies,
): Fate<ImageClearing> {
  const { artworkId, suffix } = image;
  if (owner === undefined) {
    return { kind: 'review', expected: 'an image of this entity', found: 'an image of no entity in MusicBrainz' };
  }
  if (owner.gid === key.gid) {
    return { kind: 'not_now', reason: `MusicBrainz gave image ${artworkId} to this entity meanwhile` };
  }
  const expected = `only on the item of ${owner.gid}`;
  const review = (found: string): Fate<ImageClearing> => ({ kind: 'review', expected, found });
  // What stands here under another suffix is not the file that MusicBrainz knows: it may be the only one of its kind.
  if (owner.suffix !== suffix) return review(`here, and it should be a .${owner.suffix}`);

  // An empty file is no image to be copied, and of what can't be recognized no copy ever counts as seen.
  if (isEmpty(image)) return review('here, and empty');
  if (!isRecognizable(image)) return review('here, and the archive lists no md5 or no size of it');

  const copy = copies.get(copyKey(owner.gid, artworkId, suffix));
  const order = { artworkId, suffix, owner: owner.gid };
  switch (copy?.seen) {
    case 'held':
      switch (compareContents(copy, image)) {
        case 'same':
          return { kind: 'repair', order: { ...order, copyFirst: false }, expected, found: 'here as well' };
        case 'other':
          // The same name with other content is no copy, and isn't copied over.
          return review(isEmpty(copy) ? 'here, and empty there' : 'here, with other content than there');
        case 'untold':
          return review('here, and whether it is the same there can’t be told: no md5 or no size is listed');
      }
    case 'lacking':
    case 'missing':
      if (owner.presence === 'darkened') return review('here only, and the owner’s art is darkened');
      return { kind: 'repair', order: { ...order, copyFirst: true }, expected, found: 'here only' };
    case 'dark':
      return review('here, and the owner’s item is dark');
    case 'unreadable':
    case undefined:
      return { kind: 'not_now', reason: `whether the item of ${owner.gid} holds image ${artworkId} could not be read` };
  }
}

type Copies = ReadonlyMap<string, ImageCopy>;

function copyKey(gid: string, artworkId: number, suffix: string): string {
  return `${gid} ${artworkId} ${suffix}`;
}

function difference(
  check: 'files.extra_image' | 'files.image',
  subject: string,
  image: Partial<ExtraImage> & MissingImage,
  fate: Fate<unknown>,
): Difference {
  const repair = check === 'files.image' ? 'copy_image' : 'delete_image';
  const notSeen = { expected: 'to be told', found: 'could not be told' };
  const { expected, found } = fate.kind === 'not_now' ? notSeen : fate;
  return {
    check,
    subject,
    expected,
    found,
    policy: fate.kind === 'repair' ? repair : 'review',
    artworkId: image.artworkId,
    ...(typeof image.md5 === 'string' ? { md5: image.md5 } : {}),
  };
}
