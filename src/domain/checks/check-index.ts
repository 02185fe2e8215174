import { expectedIndexBytes } from '../documents/index-document.ts';
import { isObject, readIndex } from '../documents/index-reading.ts';
import { sameBytes } from '../documents/xml-document.ts';
import type { ExpectedState } from '../expected-state.ts';
import { type Check, type CheckEntry, cut, runChecks, show } from './check.ts';
import type { Difference } from './finding.ts';
import {
  entityUrl,
  extraImage,
  type Fields,
  imageDuplicate,
  imageMissing,
  indexCheck,
  indexInput,
  type IndexInput,
  type ListedPair,
  order,
} from './index-checks.ts';

const imageShape: Check<IndexInput> = {
  ...indexCheck,
  name: 'index.image_shape',
  title: 'wrong fields in index.json',
  wrong: 'An image in index.json lacks a field, or has one too many.',
  sentence: 'Each listed image, and its thumbnails, have exactly the fields that they should have.',
  *differences({ pairs }) {
    for (const { image, fields } of pairs) {
      const found = fields['thumbnails'];
      yield* otherKeys(image.id, 'fields', image, fields);
      if (isObject(found)) yield* otherKeys(image.id, 'thumbnails', image.thumbnails, found);
    }
  },
};

type Field = keyof ListedPair['image'];

const valueType: Check<IndexInput> = {
  ...indexCheck,
  name: 'index.value_type',
  title: 'wrong types in index.json',
  wrong: 'A value in index.json has the wrong JSON type.',
  sentence:
    'Values have the right JSON type: numbers are not text, true and false not 0 and 1. A value of the wrong type is not compared further.',
  *differences({ expected, pairs, entries, entityUrl }) {
    const { entityType } = expected.key;
    if (typeof entityUrl !== 'string') {
      yield { check: 'index.value_type', subject: entityType, expected: 'text', found: show(entityUrl) };
    }
    for (const [position, entry] of entries.entries()) {
      if (isObject(entry)) continue;
      const subject = `entry ${position + 1} of images`;
      yield { check: 'index.value_type', subject, expected: 'an object', found: show(entry) };
    }
    for (const { image, fields } of pairs) {
      for (const [field, value] of heldFields(image, fields)) {
        if (hasType(field, value)) continue;
        yield about(image.id, 'index.value_type', field, typeNames[field], show(value));
      }
      for (const [size, value] of thumbnailsOf({ image, fields })) {
        if (typeof value === 'string') continue;
        yield about(image.id, 'index.value_type', `thumbnails.${size}`, 'text', show(value));
      }
    }
  },
};

const value: Check<IndexInput> = {
  ...indexCheck,
  name: 'index.value',
  title: 'wrong values in index.json',
  wrong: 'A value in index.json is not as MusicBrainz has it.',
  sentence: 'front, back, comment, approved and edit are as MusicBrainz has them, and so are the types, in any order.',
  *differences({ pairs }) {
    for (const { image, fields } of pairs) {
      for (const [field, found] of heldFields(image, fields)) {
        const expected: unknown = image[field];
        if (!comparedFields.has(field) || !hasType(field, found) || sameValue(expected, found)) continue;
        yield about(image.id, 'index.value', field, JSON.stringify(expected), show(found));
      }
    }
  },
};

const url: Check<IndexInput> = {
  ...indexCheck,
  name: 'index.url',
  title: 'wrong image address',
  wrong: 'index.json gives a wrong address for an image or thumbnail.',
  sentence: 'The addresses of each image and its thumbnails are right, https or http apart.',
  *differences({ pairs }) {
    for (const pair of pairs) {
      for (const { field, expected, found } of addresses(pair)) {
        if (withoutScheme(expected) === withoutScheme(found)) continue;
        yield about(pair.image.id, 'index.url', field, expected, show(found));
      }
    }
  },
};

const urlScheme: Check<IndexInput> = {
  ...indexCheck,
  name: 'index.url_scheme',
  title: 'http in index.json',
  wrong: 'An address in index.json doesn’t begin with https:.',
  sentence: 'The addresses of each image and its thumbnails begin with https:.',
  why: 'The older indexer wrote http:, and most of the archive still has it; making index.json again mends it.',
  *differences({ pairs }) {
    for (const pair of pairs) {
      for (const { field, found } of addresses(pair)) {
        const scheme = schemeOf(found);
        // One that is no address at all is for index.url.
        if (scheme === null || scheme === 'https:') continue;
        yield about(pair.image.id, 'index.url_scheme', field, 'https:', scheme === '' ? 'no scheme' : scheme);
      }
    }
  },
};

/** What a field takes, in words. */
const typeNames = {
  approved: 'true or false',
  back: 'true or false',
  comment: 'text',
  edit: 'a number',
  front: 'true or false',
  id: 'a number',
  image: 'text',
  thumbnails: 'an object',
  types: 'a list of texts',
} as const satisfies Record<Field, string>;

const comparedFields: ReadonlySet<Field> = new Set<Field>(['approved', 'back', 'comment', 'edit', 'front', 'types']);

function hasType(field: Field, found: unknown): boolean {
  switch (typeNames[field]) {
    case 'true or false':
      return typeof found === 'boolean';
    case 'a number':
      return typeof found === 'number';
    case 'an object':
      return isObject(found);
    case 'a list of texts':
      return Array.isArray(found) && found.every((type) => typeof type === 'string');
    case 'text':
      return typeof found === 'string';
  }
}

/** The expected fields that are there; those that are not are for index.image_shape alone. */
function heldFields(image: ListedPair['image'], fields: Fields): [field: Field, found: unknown][] {
  return (Object.keys(image) as Field[])
    .filter((field) => Object.hasOwn(fields, field))
    .map((field) => [field, fields[field]]);
}

function thumbnailsOf({ image, fields }: ListedPair): [size: string, found: unknown][] {
  const found = fields['thumbnails'];
  if (!isObject(found)) return [];
  return Object.keys(image.thumbnails)
    .filter((size) => Object.hasOwn(found, size))
    .map((size) => [size, found[size]]);
}

function addresses(pair: ListedPair): { field: string; expected: string; found: string }[] {
  const { image, fields } = pair;
  const all: [field: string, expected: string, found: unknown][] = [['image', image.image, fields['image']]];
  for (const [size, found] of thumbnailsOf(pair)) {
    all.push([`thumbnails.${size}`, image.thumbnails[size as keyof typeof image.thumbnails], found]);
  }
  return all.flatMap(([field, expected, found]) => (typeof found === 'string' ? [{ field, expected, found }] : []));
}

function sameValue(expected: unknown, found: unknown): boolean {
  if (!Array.isArray(expected) || !Array.isArray(found)) return expected === found;
  // The order of types means nothing, in MusicBrainz neither: they are compared as sets.
  const [left, right] = [new Set<unknown>(expected), new Set<unknown>(found)];
  return left.size === right.size && [...left].every((type) => right.has(type));
}

function schemeOf(address: string): string | null {
  return /^([a-z][a-z0-9+.-]*:)?\/\//i.exec(address)?.[0].slice(0, -2).toLowerCase() ?? null;
}

function withoutScheme(address: string): string {
  return address.replace(/^(?:[a-z][a-z0-9+.-]*:)?\/\//i, '//');
}

function* otherKeys(artworkId: number, subject: string, expected: object, found: Fields): Iterable<Difference> {
  const [right, held] = [Object.keys(expected).sort(), Object.keys(found).sort()];
  if (right.length === held.length && right.every((key, position) => key === held[position])) return;
  yield about(artworkId, 'index.image_shape', subject, right.join(', '), cut(held.join(', '), 1000));
}

function about(artworkId: number, check: string, field: string, expected: string, found: string): Difference {
  return { check, subject: `image ${artworkId}: ${field}`, expected, found, artworkId };
}

/** The one check that is judged first: where it fails, there is nothing to judge the others by. */
export const indexWellFormed: CheckEntry = {
  ...indexCheck,
  name: 'index.well_formed',
  title: 'index.json unreadable',
  wrong: 'index.json can’t be read as the list of images that it should be.',
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
