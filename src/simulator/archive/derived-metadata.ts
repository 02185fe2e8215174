import { XMLParser } from 'fast-xml-parser';
import type { ItemMetadata } from './item.ts';

/** The metadata keys that the archive sets from a release's mb_metadata.xml, and removes where it gives nothing. */
export const derivedKeys = [
  'title',
  'creator',
  'creator-alt-script',
  'date',
  'language',
  'external-identifier',
] as const;

const parser = new XMLParser({
  ignoreAttributes: false,
  // Without it, numeric references stay as they are written.
  htmlEntities: true,
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  isArray: (name) => name === 'name-credit',
});

interface Element {
  readonly [key: string]: Element | readonly Element[] | string | undefined;
}

/**
 * What archive.org takes into an item's own metadata from the web service XML of a release (musicbrainz.md, last
 * section): strings where there is one value, lists where there are several. Null where nothing is taken: XML that
 * can't be read, or of an event, for which what it derives isn't known.
 */
export function deriveMetadata(xml: Uint8Array): ItemMetadata | null {
  const release = parseRelease(xml);
  if (release === null) return null;
  const credits = childrenOf(childOf(release, 'artist-credit'), 'name-credit');
  const artists = credits.map((credit) => childOf(credit, 'artist'));
  const barcode = textOf(release, 'barcode');
  const asin = textOf(release, 'asin');
  const identifiers = [
    `urn:mb_release_id:${textOf(release, '@_id')}`,
    ...artists.map((artist) => `urn:mb_artist_id:${textOf(artist, '@_id')}`),
    ...(barcode === '' ? [] : [`urn:upc:${barcode}`]),
    ...(asin === '' ? [] : [`urn:asin:${asin}`]),
  ];
  const derived: Record<(typeof derivedKeys)[number], readonly string[]> = {
    title: [textOf(release, 'title')],
    creator: artists.map((artist) => textOf(artist, 'name')),
    'creator-alt-script': artists.map((artist) => textOf(artist, 'sort-name')),
    date: [textOf(release, 'date')],
    language: [textOf(childOf(release, 'text-representation'), 'language')],
    'external-identifier': identifiers,
  };
  return Object.fromEntries(
    Object.entries(derived).flatMap(([key, all]) => {
      const values = all.filter((value) => value !== '');
      const [first] = values;
      return first === undefined ? [] : [[key, values.length === 1 ? first : values]];
    }),
  );
}

function parseRelease(xml: Uint8Array): Element | null {
  try {
    const document = parser.parse(Buffer.from(xml)) as Element;
    return childOf(childOf(document, 'metadata'), 'release');
  } catch {
    // The archive keeps whatever was uploaded and derives nothing from what it can't read.
    return null;
  }
}

function childOf(element: Element | null, name: string): Element | null {
  const child = element?.[name];
  return typeof child === 'object' && !Array.isArray(child) ? (child as Element) : null;
}

function childrenOf(element: Element | null, name: string): readonly Element[] {
  const children = element?.[name];
  return Array.isArray(children) ? (children as readonly Element[]) : [];
}

/** Of an element without attributes its text, of one with attributes likewise, else ''. */
function textOf(element: Element | null, name: string): string {
  const child = element?.[name];
  if (typeof child === 'string') return child;
  const text = typeof child === 'object' && !Array.isArray(child) ? (child as Element)['#text'] : undefined;
  return typeof text === 'string' ? text : '';
}
