import {
  indexFileName,
  isArchivesOwnFile,
  originalFileName,
  thumbnailFileName,
  thumbnailSizes,
  xmlFileName,
} from '../documents/file-names.ts';
import type { Difference } from './finding.ts';
import { artworkIdOf, isOriginalThere, isUnknownFile, type ItemFiles } from '../documents/item-files.ts';
import { type Check, peoplesPolicies, show } from './check.ts';
import type { ItemInput } from './item-checks.ts';

export const imageUnique: Check<ItemInput> = {
  name: 'files.image_unique',
  family: 'item',
  audience: 'musicbrainz_editors',
  sentence: 'Each image has one original only, not a .jpg and a .png. Not judged where the expected one is missing.',
  why: 'One of the two may be the only copy of what somebody uploaded, so a person decides which stays.',
  policies: peoplesPolicies,
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
  family: 'item',
  audience: 'musicbrainz_editors',
  sentence:
    'The item, also that of a merged, deleted or unknown MBID, holds no original under another name than the indexer’s, such as cover.jpg or a suffix in capitals.',
  why: 'It may be the last copy of what somebody uploaded. Events name files by artwork id and suffix, so no repair could mean this one: a person decides. Even `ignore` records it: what may be an original is never in a list for purging.',
  policies: peoplesPolicies,
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

export const indexJson: Check<ItemInput> = {
  name: 'files.index_json',
  family: 'item',
  audience: 'operators',
  sentence: 'index.json exists, where MusicBrainz lists images.',
  why: 'Without it the archives’ API cannot list the images; each one is still served, since the API looks it up in MusicBrainz’ database. It is made again from MusicBrainz.',
  policies: ['index', ...peoplesPolicies],
  differences: (input) => missingFile(input, 'files.index_json', indexFileName),
};

export const mbMetadata: Check<ItemInput> = {
  name: 'files.mb_metadata',
  family: 'item',
  audience: 'operators',
  sentence: 'The item has the XML of the MusicBrainz web service, where MusicBrainz lists images.',
  why: 'The archive describes the item by it; it is uploaded with index.json.',
  policies: ['index', ...peoplesPolicies],
  differences: (input) => missingFile(input, 'files.mb_metadata', xmlFileName(input.expected.key.gid)),
};

export const thumbnail: Check<ItemInput> = {
  name: 'files.thumbnail',
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

export const strayThumbnail: Check<ItemInput> = {
  name: 'files.stray_thumbnail',
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
  family: 'item',
  audience: 'archive_staff',
  sentence: 'Each original has the content (by its md5) that an earlier audit saw under its artwork id and suffix.',
  why: 'MusicBrainz never replaces the content of an image, so another one is a replaced or damaged file. Which of them is right, people say.',
  policies: peoplesPolicies,
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
