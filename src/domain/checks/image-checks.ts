import type { CheckEntry } from './check.ts';
import { peoplesPolicies } from './check.ts';

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
