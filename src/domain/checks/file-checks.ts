import { indexFileName, originalFileName, thumbnailFileName, thumbnailSizes, xmlFileName } from '../file-names.ts';
import type { Difference } from '../finding.ts';
import type { ItemFiles } from '../item-files.ts';
import { type Check, peoplesPolicies } from './check.ts';
import type { ItemInput } from './item-checks.ts';

export const imageUnique: Check<ItemInput> = {
  name: 'files.image_unique',
  family: 'item',
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

export const indexJson: Check<ItemInput> = {
  name: 'files.index_json',
  family: 'item',
  sentence: 'index.json exists, where MusicBrainz lists images.',
  why: 'Without it the images are not served; it is made anew from MusicBrainz.',
  policies: ['index', ...peoplesPolicies],
  differences: (input) => missingFile(input, 'files.index_json', indexFileName),
};

export const mbMetadata: Check<ItemInput> = {
  name: 'files.mb_metadata',
  family: 'item',
  sentence: 'The item has the XML of the MusicBrainz web service, where MusicBrainz lists images.',
  why: 'The archive describes the item by it; it is uploaded with index.json.',
  policies: ['index', ...peoplesPolicies],
  differences: (input) => missingFile(input, 'files.mb_metadata', xmlFileName(input.expected.key.gid)),
};

export const thumbnail: Check<ItemInput> = {
  name: 'files.thumbnail',
  family: 'item',
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

export const fileChecks: readonly Check<ItemInput>[] = [imageUnique, indexJson, mbMetadata, thumbnail];

function isOriginal(files: ItemFiles, name: string): boolean {
  return files.byName.get(name)?.source === 'original';
}

function missingFile({ expected, files }: ItemInput, check: string, name: string): Difference[] {
  if (files === null || expected.images.length === 0 || files.byName.has(name)) return [];
  return [{ check, subject: name, expected: 'the file', found: 'no such file' }];
}
