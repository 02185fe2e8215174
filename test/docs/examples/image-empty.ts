import { type Check, policiesWithoutRepair } from '../../../src/domain/checks/check.ts';
import type { ItemInput } from '../../../src/domain/checks/item-checks.ts';

export const imageEmpty: Check<ItemInput> = {
  name: 'files.image_empty',
  family: 'item',
  audience: 'musicbrainz_editors',
  sentence: 'No original is an empty file.',
  title: 'empty image',
  wrong: 'An original is an empty file.',
  steps: ['Ask the uploader for the image again.', 'Ask the archive’s staff to remove the file, then resolve.'],
  showsImages: true,
  why: 'An upload that broke off can leave one; the image has to be found elsewhere, which is for people.',
  policies: policiesWithoutRepair,
  *differences({ files }) {
    if (files === null) return;
    for (const { artworkId, fileName, md5 } of files.originals) {
      // Null is "the archive doesn't say": no finding.
      if (files.byName.get(fileName)?.size !== 0) continue;
      yield {
        check: 'files.image_empty',
        subject: fileName,
        expected: 'an image',
        found: 'an empty file',
        artworkId,
        ...(md5 === null ? {} : { md5 }),
      };
    }
  },
};
