import {
  indexFileName,
  isArchivesOwnFile,
  originalFileName,
  thumbnailFileName,
  thumbnailSizes,
  xmlFileName,
} from '../documents/file-names.ts';
import { isEmpty } from '../documents/image-content.ts';
import { artworkIdOf, isOriginalThere, isUnknownFile, type ItemFiles } from '../documents/item-files.ts';
import { type Check, type CheckEntry, policiesWithoutRepair, show } from './check.ts';
import type { Difference } from './finding.ts';
import type { ItemInput } from './item-checks.ts';

const imageUnique: Check<ItemInput> = {
  name: 'files.image_unique',
  title: 'two files of one image',
  wrong: 'An image was uploaded under two suffixes: MusicBrainz serves the one that it names.',
  steps: [
    'Compare the two files.',
    'The expected one is right: ask the archive’s staff to remove the other.',
    'The other one is better: upload it at MusicBrainz as a new image, remove the old one there, and ask the archive’s staff to remove what is left.',
  ],
  showsImages: true,
  family: 'item',
  audience: 'musicbrainz_editors',
  sentence: 'Each image has one original only, not a .jpg and a .png. Not judged where the expected one is missing.',
  why: 'One of the two may be the only copy of what somebody uploaded, so a person decides which stays.',
  policies: policiesWithoutRepair,
  *differences({ expected, files }) {
    if (files === null) return;
    const suffixes = new Map(expected.images.map(({ id, suffix }) => [id, suffix]));
    for (const { artworkId, suffix, fileName, md5 } of files.originals) {
      const right = suffixes.get(artworkId);
      if (right === undefined || right === suffix) continue;
      const name = originalFileName(expected.key.gid, artworkId, right);
      if (!isOriginal(files, name)) continue;
      yield {
        check: 'files.image_unique',
        subject: `image ${artworkId}`,
        expected: `only ${name}`,
        found: `${fileName} as well`,
        artworkId,
        ...(md5 === null ? {} : { md5 }),
      };
    }
  },
};

export const unknownFile: Check<ItemInput> = {
  name: 'files.unknown',
  title: 'original under another name',
  wrong: 'The item holds an original under a name that is not the indexer’s: it may be the last copy of an image.',
  steps: [
    'Open the file.',
    'Worth keeping: add it at MusicBrainz as a new image first.',
    'Ask the archive’s staff to remove or rename the file, and resolve; or leave it there: won’t fix.',
  ],
  showsImages: true,
  family: 'item',
  audience: 'musicbrainz_editors',
  sentence:
    'The item, also that of a merged, deleted or unknown MBID, holds no original under another name than the indexer’s, such as cover.jpg or a suffix in capitals.',
  why: 'It may be the last copy of what somebody uploaded. Events name files by artwork id and suffix, so no repair could mean this one: a person decides. Even `ignore` records it: what may be an original is never in a list for purging.',
  policies: policiesWithoutRepair,
  alwaysRecorded: true,
  *differences({ expected, files }) {
    for (const file of files?.all ?? []) {
      if (!isUnknownFile(expected, file)) continue;
      yield {
        check: 'files.unknown',
        subject: file.name,
        expected: 'no file of such a name',
        found: `the file, which the archive lists as ${show(file.source)}`,
        ...(file.md5 === null ? {} : { md5: file.md5 }),
      };
    }
  },
};

const indexJson: Check<ItemInput> = {
  name: 'files.index_json',
  title: 'index.json missing',
  wrong: 'index.json is missing, so the archives’ API cannot list the images.',
  steps: [
    'Check the entity’s events: an upload that failed is the usual cause, and can be requeued.',
    'Otherwise resolve: the audit queues an index event again.',
  ],
  family: 'item',
  audience: 'operators',
  sentence: 'index.json exists, where MusicBrainz lists images.',
  why: 'Without it the archives’ API cannot list the images; each one is still served, since the API looks it up in MusicBrainz’ database. It is made again from MusicBrainz.',
  policies: ['index', ...policiesWithoutRepair],
  differences: (input) => missingFile(input, 'files.index_json', indexFileName),
};

const mbMetadata: Check<ItemInput> = {
  name: 'files.mb_metadata',
  title: 'XML missing',
  wrong: 'The XML by which the archive describes the item is missing.',
  steps: [
    'Check the entity’s events: an upload that failed is the usual cause, and can be requeued.',
    'Otherwise resolve: the audit queues an index event again.',
  ],
  family: 'item',
  audience: 'operators',
  sentence: 'The item has the XML of the MusicBrainz web service, where MusicBrainz lists images.',
  why: 'The archive describes the item by it; it is uploaded with index.json.',
  policies: ['index', ...policiesWithoutRepair],
  differences: (input) => missingFile(input, 'files.mb_metadata', xmlFileName(input.expected.key.gid)),
};

const thumbnail: Check<ItemInput> = {
  name: 'files.thumbnail',
  title: 'thumbnail missing',
  wrong: 'The original is there, and a thumbnail that the archive should have derived from it is missing.',
  steps: ['Ask the archive’s staff to have the item derived again.', 'When that is done, resolve.'],
  showsImages: true,
  family: 'item',
  audience: 'archive_staff',
  sentence: 'Each image that is there has its thumbnails of 250, 500 and 1200 pixels.',
  why: 'The archive derives them, and only its staff can have that done again.',
  policies: ['report', 'review', 'review_last', 'ignore'],
  *differences({ expected, files }) {
    if (files === null) return;
    const { gid } = expected.key;
    for (const { id, suffix } of expected.images) {
      if (!isOriginal(files, originalFileName(gid, id, suffix))) continue;
      for (const size of thumbnailSizes) {
        const name = thumbnailFileName(gid, id, size);
        if (files.byName.has(name)) continue;
        yield {
          check: 'files.thumbnail',
          subject: `image ${id}`,
          expected: name,
          found: 'no such file',
          artworkId: id,
        };
      }
    }
  },
};

const strayThumbnail: Check<ItemInput> = {
  name: 'files.stray_thumbnail',
  title: 'thumbnail left over',
  wrong: 'A derivative of a removed image is still there, and public.',
  steps: ['Check that MusicBrainz lists no such image.', 'Ask the archive’s staff to delete the file, then resolve.'],
  showsImages: true,
  family: 'item',
  audience: 'archive_staff',
  sentence: 'No thumbnail or other derivative is left of an image that was removed.',
  why: 'Until May 2021 deletions did not take the derivatives along, so a removed image of 1200 pixels may still be public. No event could delete it; the archive’s staff can.',
  policies: ['report', 'review', 'review_last', 'ignore'],
  *differences({ expected, files }) {
    if (files === null) return;
    const { gid } = expected.key;
    const listed = new Set(expected.images.map(({ id }) => id));
    for (const file of files.all) {
      if (file.source !== 'derivative' || isArchivesOwnFile(gid, file.name) || isUnknownFile(expected, file)) continue;
      const artworkId = artworkIdOf(gid, file);
      if (artworkId === null || listed.has(artworkId) || isOriginalThere(gid, files, file)) continue;
      yield {
        check: 'files.stray_thumbnail',
        subject: file.name,
        expected: 'no file: MusicBrainz lists no such image here, and its original is gone',
        found: 'the file',
        artworkId,
        ...(file.md5 === null ? {} : { md5: file.md5 }),
      };
    }
  },
};

/** Of live entities' items; `unknownFile` is also for orphans'. */
export const imageContent: Check<ItemInput> = {
  name: 'files.image_content',
  title: 'image replaced',
  wrong: 'The original has another content than an earlier audit saw: it was replaced, or is damaged.',
  steps: [
    'Compare the original with the older versions under history/.',
    'The old content is right: ask the archive’s staff to bring it back, then resolve.',
    'The new one is right: won’t fix. A third content opens a new review.',
  ],
  showsImages: true,
  family: 'item',
  audience: 'archive_staff',
  sentence: 'Each original has the content (by its md5) that an earlier audit saw under its artwork id and suffix.',
  why: 'MusicBrainz never replaces the content of an image, so another one is a replaced or damaged file. Which of them is right, people say.',
  policies: policiesWithoutRepair,
  *differences({ expected, contents }) {
    for (const { artworkId, suffix, md5, since, first } of contents) {
      yield {
        check: 'files.image_content',
        subject: originalFileName(expected.key.gid, artworkId, suffix),
        expected: `md5 ${first.md5}`,
        // The dates stand here: what is expected is evidence, and the last day moves on.
        found: `md5 ${md5} since ${since}; the other was seen from ${first.firstSeen} to ${first.lastSeen}`,
        artworkId,
        md5,
      };
    }
  },
};

export const fileChecks: readonly Check<ItemInput>[] = [
  imageUnique,
  imageContent,
  unknownFile,
  indexJson,
  mbMetadata,
  thumbnail,
  strayThumbnail,
];

function isOriginal(files: ItemFiles, name: string): boolean {
  return files.byName.get(name)?.source === 'original';
}

function missingFile({ expected, files }: ItemInput, check: string, name: string): Difference[] {
  if (files === null || expected.images.length === 0 || files.byName.has(name)) return [];
  return [{ check, subject: name, expected: 'the file', found: 'no such file' }];
}

/*
 * The checks that other items decide: where copies of an image are seen. Their differences come from `resolveImages`.
 */

export const filesImage: CheckEntry = {
  name: 'files.image',
  title: 'image missing',
  wrong: 'MusicBrainz lists an image whose original is not on the item, nor on that of an MBID merged into it.',
  steps: [
    'Check the entity’s events: a copy or an upload that failed is the usual cause, and can be requeued.',
    'See whether the item has the image under another suffix, or an old version of it under history/.',
    'Otherwise ask the uploader for it again in the edit that added it, or remove the image at MusicBrainz.',
  ],
  showsImages: true,
  family: 'images',
  audience: 'musicbrainz_editors',
  sentence: 'Each image of the entity has its original file.',
  why: 'Where the original is seen on the item of an MBID merged into this entity, it is copied from there. Else only people can bring it back.',
  policies: ['copy_image', ...policiesWithoutRepair],
};

export const filesExtraImage: CheckEntry = {
  name: 'files.extra_image',
  title: 'image that should not be there',
  wrong: 'The item holds an original that MusicBrainz doesn’t list for this entity.',
  steps: [
    'Open the file. If it belongs to another entity, compare it with the file there.',
    'Of no entity and worth keeping: add it at MusicBrainz as a new image first.',
    'Ask the archive’s staff to remove the file, and resolve; or leave it there: won’t fix.',
  ],
  showsImages: true,
  family: 'images',
  audience: 'musicbrainz_editors',
  sentence: 'The item holds no original whose image MusicBrainz doesn’t list for this entity.',
  why: 'An image that belongs to another entity is deleted here once that entity’s item is seen to hold it, and copied there before where it doesn’t. What belongs to nobody may be the last copy, and is for people to preserve or purge. Even `ignore` records it: what may be an original is never in a list for purging.',
  policies: ['delete_image', ...policiesWithoutRepair],
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
