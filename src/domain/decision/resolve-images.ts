import type { Difference } from '../checks/finding.ts';
import type { PolicyTable } from '../checks/policies.ts';
import { originalFileName } from '../documents/file-names.ts';
import {
  compareContents,
  type ExtraImage,
  type ImageCopy,
  type ImageEvidence,
  type ImageOwner,
  isEmpty,
  isRecognizable,
  type MissingImage,
} from '../documents/image-content.ts';
import type { ExpectedState } from '../expected-state.ts';

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
  /** Why some of it is unknown just now, else null; then nothing of the plan is to be carried out. */
  readonly notNow: string | null;
}

type Resolution<Order> =
  | { readonly kind: 'not_now'; readonly reason: string }
  | { readonly kind: 'repair'; readonly order: Order; readonly expected: string; readonly found: string }
  | { readonly kind: 'review'; readonly expected: string; readonly found: string };

/**
 * What becomes of images that the item lacks, and of originals on it that aren't the entity's (catalogue page, "Extra
 * images"). Nothing is deleted unless another copy was seen, or is made before. What couldn't be seen is "not now".
 */
export function resolveImages(expected: ExpectedState, evidence: ImageEvidence, policies: PolicyTable): ImagePlan {
  const copies = new Map(evidence.copies.map((copy) => [copyKey(copy.gid, copy.artworkId, copy.suffix), copy]));
  const missing = evidence.missing.map((image) => ({ image, resolution: resolveMissing(expected, image, copies) }));
  const extra = evidence.extra.map((image) => ({
    image,
    resolution: resolveExtra(expected, image, evidence.owners.get(image.artworkId), copies),
  }));

  // Where an operator decided that such images are only reported, nothing needs to be seen elsewhere.
  const waits = [
    ...(policies['files.image'] === 'copy_image' ? missing : []),
    ...(policies['files.extra_image'] === 'delete_image' ? extra : []),
  ].flatMap(({ resolution }) => (resolution.kind === 'not_now' ? [resolution.reason] : []));

  return {
    differences: [
      ...missing.map(({ image, resolution }) =>
        difference('files.image', `image ${image.artworkId}`, image, resolution),
      ),
      ...extra.map(({ image, resolution }) => difference('files.extra_image', image.fileName, image, resolution)),
    ],
    fetches: missing.flatMap(({ resolution }) => (resolution.kind === 'repair' ? [resolution.order] : [])),
    clearings: extra.flatMap(({ resolution }) => (resolution.kind === 'repair' ? [resolution.order] : [])),
    notNow: waits.length === 0 ? null : [...new Set(waits)].slice(0, 5).join('; '),
  };
}

function resolveMissing(expected: ExpectedState, image: MissingImage, copies: Copies): Resolution<ImageFetch> {
  const { artworkId, suffix } = image;
  const name = originalFileName(expected.key.gid, artworkId, suffix);
  const seen = expected.mergedFrom.map((gid) => ({ gid, copy: copies.get(copyKey(gid, artworkId, suffix)) }));
  const review = (found: string): Resolution<ImageFetch> => ({ kind: 'review', expected: name, found });
  const held = seen.flatMap(({ copy }) => (copy?.seen === 'held' ? [copy] : []));
  const [holder, ...others] = held.filter(({ size }) => size);
  if (holder !== undefined) {
    const differing = others.find((copy) => compareContents(holder, copy) !== 'same');
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

function resolveExtra(
  { key }: ExpectedState,
  image: ExtraImage,
  owner: ImageOwner | undefined,
  copies: Copies,
): Resolution<ImageClearing> {
  const { artworkId, suffix } = image;
  if (owner === undefined) {
    return { kind: 'review', expected: 'an image of this entity', found: 'an image of no entity in MusicBrainz' };
  }
  if (owner.gid === key.gid) {
    return { kind: 'not_now', reason: `MusicBrainz gave image ${artworkId} to this entity meanwhile` };
  }
  const expected = `only on the item of ${owner.gid}`;
  const review = (found: string): Resolution<ImageClearing> => ({ kind: 'review', expected, found });
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
        case 'unknown':
          return review('here, and whether it is the same there is unknown: no md5 or no size is listed');
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
  resolution: Resolution<unknown>,
): Difference {
  const repair = check === 'files.image' ? 'copy_image' : 'delete_image';
  const notSeen = { expected: 'to be known', found: 'unknown' };
  const { expected, found } = resolution.kind === 'not_now' ? notSeen : resolution;
  return {
    check,
    subject,
    expected,
    found,
    policy: resolution.kind === 'repair' ? repair : 'review',
    artworkId: image.artworkId,
    ...(typeof image.md5 === 'string' ? { md5: image.md5 } : {}),
  };
}
