import { originalFileName } from '../documents/file-names.ts';
import { isEmpty } from '../image-content.ts';
import { type Check, type CheckEntry, peoplesPolicies } from './check.ts';
import type { ItemInput } from './item-checks.ts';

/*
 * The checks that other items decide: where copies of an image are seen. Their differences come from `resolveImages`.
 */

export const filesImage: CheckEntry = {
  name: 'files.image',
  family: 'images',
  audience: 'musicbrainz_editors',
  sentence: 'Each image of the entity has its original file.',
  why: 'Where the original is seen on the item of an MBID merged into this entity, it is copied from there. Else only people can bring it back.',
  policies: ['copy_image', ...peoplesPolicies],
};

export const filesExtraImage: CheckEntry = {
  name: 'files.extra_image',
  family: 'images',
  audience: 'musicbrainz_editors',
  sentence: 'The item holds no original whose image MusicBrainz doesn’t list for this entity.',
  why: 'An image that belongs to another entity is deleted here once that entity’s item is seen to hold it, and copied there before where it doesn’t. What belongs to nobody may be the last copy, and is for people to preserve or purge. Even `ignore` records it: what may be an original is never in a list for purging.',
  policies: ['delete_image', ...peoplesPolicies],
  alwaysRecorded: true,
};

/** The part of `files.image` that the item alone tells: an empty original is neither the image nor its absence. */
export const imageEmpty: Check<ItemInput> = {
  ...filesImage,
  *differences({ expected, files }) {
    for (const { id, suffix } of files === null ? [] : expected.images) {
      const name = originalFileName(expected.key.gid, id, suffix);
      const file = files?.byName.get(name);
      if (file?.source !== 'original' || !isEmpty(file)) continue;
      const about = { subject: `image ${id}`, expected: name, found: 'an empty file', artworkId: id };
      yield { check: 'files.image', policy: 'review', ...about };
    }
  },
};
