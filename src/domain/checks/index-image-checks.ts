import type { Difference } from './finding.ts';
import { isObject } from '../documents/index-reading.ts';
import { type Check, cut, show } from './check.ts';
import { indexCheck } from './index-checks.ts';
import type { Fields, IndexInput, ListedPair } from './index-input.ts';

export const imageShape: Check<IndexInput> = {
  ...indexCheck,
  name: 'index.image_shape',
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

export const valueType: Check<IndexInput> = {
  ...indexCheck,
  name: 'index.value_type',
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

export const value: Check<IndexInput> = {
  ...indexCheck,
  name: 'index.value',
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

export const url: Check<IndexInput> = {
  ...indexCheck,
  name: 'index.url',
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

export const urlScheme: Check<IndexInput> = {
  ...indexCheck,
  name: 'index.url_scheme',
  sentence: 'The addresses of each image and its thumbnails begin with https:.',
  why: 'The older indexer wrote http:, and most of the archive still has it; making index.json anew mends it.',
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
