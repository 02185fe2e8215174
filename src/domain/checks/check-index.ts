import type { ExpectedState } from '../expected-state.ts';
import type { Difference } from './finding.ts';
import { expectedIndexBytes } from '../documents/index-document.ts';
import { readIndex } from '../documents/index-reading.ts';
import { sameBytes } from '../same-bytes.ts';
import { type CheckEntry, cut, runChecks } from './check.ts';
import { entityUrl, extraImage, imageDuplicate, imageMissing, indexCheck, order } from './index-checks.ts';
import { imageShape, url, urlScheme, value, valueType } from './index-image-checks.ts';
import { indexInput } from './index-input.ts';

/** The one check that is judged first: where it fails, there is nothing to judge the others by. */
export const indexWellFormed: CheckEntry = {
  ...indexCheck,
  name: 'index.well_formed',
  sentence:
    'index.json is UTF-8 JSON, an object with exactly its list of images and its entity. Where it isn’t, nothing else of it is judged.',
};

export const indexChecks = [
  entityUrl,
  imageMissing,
  imageDuplicate,
  extraImage,
  imageShape,
  valueType,
  value,
  url,
  urlScheme,
  order,
];

/**
 * What differs between the index.json of a live entity's item and the expected one. The same bytes are a short cut to
 * "nothing", never the criterion: many old ones differ only in spacing or in the order of types.
 *
 * @param body the file as downloaded, whole.
 * @param heldExtraIds the artwork ids of originals on the item that aren't the entity's (`imagesInQuestion`): that
 * these are listed is only named, `files.extra_image` decides.
 */
export function checkIndex(
  expected: ExpectedState,
  body: Uint8Array,
  heldExtraIds: readonly number[] = [],
): Difference[] {
  if (sameBytes(body, expectedIndexBytes(expected))) return [];
  const { entityType } = expected.key;
  const reading = readIndex(body, entityType);
  if (reading.kind === 'malformed') {
    const form = `UTF-8 JSON, an object with exactly images (a list) and ${entityType}`;
    return [{ check: indexWellFormed.name, subject: 'index.json', expected: form, found: cut(reading.problem, 1000) }];
  }
  return runChecks(indexChecks, indexInput(expected, reading, heldExtraIds));
}
