import type { Queryable } from '../../database/connection.ts';
import { readContents } from '../../database/image-contents.ts';
import { findImageOwners } from '../../database/musicbrainz/image-owners.ts';
import type { EntityKey } from '../../domain/entity.ts';
import type { ExpectedImage, ExpectedState } from '../../domain/expected-state.ts';
import { thumbnailFileName } from '../../domain/documents/file-names.ts';
import type { ExtraImage, ImageOwner } from '../../domain/image-copy.ts';
import { compareContents } from '../../domain/image-content.ts';
import { findOriginal, itemFiles } from '../../domain/documents/item-files.ts';
import type { RememberedContent } from '../../domain/remembered-content.ts';
import type { ItemAnswer } from './ask-archive.ts';

/** What is seen of an image on the item of the entity that MusicBrainz lists it for. */
export type OwnersCopy =
  'dark' | 'held' | 'lacking' | 'missing' | 'not_asked' | 'other_content' | 'untold' | 'untold_content';

/** One image, as each side has it. */
export interface ComparedImage {
  readonly artworkId: number;
  readonly suffix: string;
  /** As MusicBrainz lists it for this entity; null where it doesn't. */
  readonly listed: ExpectedImage | null;
  /** The original on this entity's item; null where it is not there, or can't be told. */
  readonly held: ExtraImage | null;
  /** A small picture of it on the item; null where there is none to show. */
  readonly picture: string | null;
  /** Who MusicBrainz lists it for, where that is another entity. */
  readonly owner: ImageOwner | null;
  readonly ownersCopy: OwnersCopy | null;
  /** What audits saw of it, on whichever item; the first content before others. */
  readonly contents: readonly RememberedContent[];
}

export interface ImageComparison {
  readonly item: ItemAnswer;
  readonly images: readonly ComparedImage[];
}

/** Items of other entities that one look asks for; a merge of box sets may have more of them. */
const mostOwners = 5;

/**
 * What MusicBrainz lists beside what the archive holds, asked for now.
 *
 * @param ask one request, or two where the item seems to be missing
 */
export async function compareImages(
  q: Queryable,
  key: EntityKey,
  expected: ExpectedState | null,
  ask: (gid: string) => Promise<ItemAnswer>,
): Promise<ImageComparison> {
  const item = await ask(key.gid);
  const files = itemFiles(key.gid, item.kind === 'present' ? item.files : []);
  const listed = new Map((expected?.images ?? []).map((image) => [image.id, image]));
  const extra = files.originals.filter(({ artworkId }) => !listed.has(artworkId));
  const owners = await findImageOwners(
    q,
    key.entityType,
    extra.map(({ artworkId }) => artworkId),
  );
  const shownIds = [...listed.keys(), ...extra.map(({ artworkId }) => artworkId)];
  const known = await readContents(q, key.entityType, shownIds);
  const contentsOf = (id: number, suffix: string) =>
    known.filter((content) => content.artworkId === id && content.suffix === suffix);
  const items = new Map<string, ItemAnswer>();
  for (const gid of [...new Set([...owners.values()].map((owner) => owner.gid))].slice(0, mostOwners)) {
    items.set(gid, await ask(gid));
  }
  const pictureOf = (artworkId: number, held: ExtraImage | null): string | null => {
    const small = thumbnailFileName(key.gid, artworkId, 250);
    if (files.byName.has(small)) return small;
    return held !== null && held.suffix !== 'pdf' ? held.fileName : null;
  };
  const originals = new Map(files.originals.map((held) => [held.artworkId, held]));
  const ofListed = [...listed.values()].map((image): ComparedImage => {
    const held = originals.get(image.id) ?? null;
    const picture = pictureOf(image.id, held);
    const contents = contentsOf(image.id, image.suffix);
    return {
      artworkId: image.id,
      suffix: image.suffix,
      listed: image,
      held,
      picture,
      owner: null,
      ownersCopy: null,
      contents,
    };
  });
  const ofOthers = extra.map((held): ComparedImage => {
    const owner = owners.get(held.artworkId) ?? null;
    return {
      artworkId: held.artworkId,
      suffix: held.suffix,
      listed: null,
      held,
      picture: pictureOf(held.artworkId, held),
      owner,
      ownersCopy: owner && copyOn(items.get(owner.gid), owner.gid, held),
      contents: contentsOf(held.artworkId, held.suffix),
    };
  });
  return { item, images: [...ofListed, ...ofOthers] };
}

function copyOn(item: ItemAnswer | undefined, gid: string, image: ExtraImage): OwnersCopy {
  if (item === undefined) return 'not_asked';
  if (item.kind !== 'present') return item.kind;
  const copy = findOriginal(item, gid, image.artworkId, image.suffix);
  if (copy === null) return 'lacking';
  return copyStates[compareContents(copy, image)];
}

const copyStates = { same: 'held', other: 'other_content', untold: 'untold_content' } as const;
