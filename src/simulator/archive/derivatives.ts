import { XMLParser } from 'fast-xml-parser';
import { draw } from '../random.ts';
import { thumbnailContent } from '../images/image-content.ts';
import { type Content, contentOf, type ThumbnailSide } from '../content.ts';
import type { FileSource, Item, ItemMetadata, StoredFile } from './item.ts';

const imageOriginal = /^mbid-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}-(\d+)\.(jpg|png|gif|pdf)$/;

/** The artwork id in the name of an image original, else null: thumbnails and `history/…` are none. */
function artworkIdOf(fileName: string): number | null {
  const id = imageOriginal.exec(fileName)?.[1];
  return id === undefined ? null : Number(id);
}

/** An image original that once was, and where. */
export interface Original {
  readonly identifier: string;
  readonly name: string;
  readonly md5: string;
  readonly artworkId: number;
}

/**
 * Remembers every image original that ever was, so that the loss of a last copy can be told, whoever caused it.
 * A copy is a current original of the same artwork id with the same bytes, on any item, a dark one too; an older
 * version under `history/` is none, nor is another image that happens to have the same bytes.
 */
export class OriginalsLedger {
  readonly #ever: Copy[] = [];
  readonly #permitted: Omit<Copy, 'artworkId'>[] = [];
  readonly #permittedIds = new Set<number>();

  note(identifier: string, file: StoredFile): void {
    const artworkId = artworkIdOf(file.name);
    if (artworkId === null) return;
    this.#ever.push({ identifier, name: file.name, content: file.content, artworkId });
  }

  /** A person removed this copy: from here its loss is theirs. Other copies are not covered by their word. */
  permit(identifier: string, file: StoredFile): void {
    this.#permitted.push({ identifier, name: file.name, content: file.content });
  }

  /** A person had the image itself deleted (an editor at MusicBrainz, say), wherever its copies are. */
  permitImage(artworkId: number): void {
    this.#permittedIds.add(artworkId);
  }

  lost(items: Iterable<Item>): Original[] {
    const current = new Set<string>();
    for (const item of items) {
      for (const file of item.files.values()) {
        const artworkId = artworkIdOf(file.name);
        if (artworkId !== null) current.add(`${artworkId}/${file.content.md5}`);
      }
    }
    const permitted = new Set(this.#permitted.map(keyOf));
    const ever = new Map(this.#ever.map((copy) => [keyOf(copy), copy]));
    return [...ever].flatMap(
      ([
        key,
        {
          identifier,
          name,
          content: { md5 },
          artworkId,
        },
      ]) =>
        current.has(`${artworkId}/${md5}`) || permitted.has(key) || this.#permittedIds.has(artworkId)
          ? []
          : [{ identifier, name, md5, artworkId }],
    );
  }
}

/** As it came: what its md5 is, is found out when it matters. */
interface Copy extends Pick<Original, 'artworkId' | 'identifier' | 'name'> {
  readonly content: Content;
}

function keyOf({ identifier, name, content }: Omit<Copy, 'artworkId'>): string {
  return `${identifier}/${name}/${content.md5}`;
}

const shared = new Map<string, Content>();

/** The same few bytes for all files of a format: what is in those that nobody shows never matters here, their being there does. */
function sharedContent(format: string): Content {
  let content = shared.get(format);
  if (content === undefined) {
    content = contentOf(Buffer.from(`derived by the simulated archive: ${format}`));
    shared.set(format, content);
  }
  return content;
}

/** The files that the archive makes of an image original; none of another file. Those of a PDF come in a chain. */
export function derivativesOf(item: Item, original: StoredFile, mtime: number): StoredFile[] {
  if (artworkIdOf(original.name) === null || original.source !== 'original') return [];
  const stem = original.name.replace(/\.[a-z]+$/, '');
  const files: StoredFile[] = [];
  const derive = (
    name: string,
    format: string,
    { from = original.name, source = 'derivative', content = sharedContent(format) }: Partial<Derived> = {},
  ): void => {
    files.push({ name, source, original: from, format, mtime, content });
  };
  const small = thumbnailOf(original, 250);
  derive(`${stem}_thumb250.jpg`, 'JPEG 250px Thumb', { content: small });
  derive(`${stem}_thumb500.jpg`, 'JPEG 500px Thumb', { content: thumbnailOf(original, 500) });
  derive(`${stem}_thumb1200.jpg`, 'JPEG 1200px Thumb', { content: thumbnailOf(original, 1200) });
  derive(`${stem}_thumb.jpg`, thumbFormat, { content: small });
  if (isFirstImage(item, original.name)) derive(`${stem}_itemimage.jpg`, 'Item Image', { content: small });
  // Only items of some years have such logs.
  if (draw(original.name, 'log') < 0.3) derive(`${original.name}_meta.txt`, 'Metadata Log', { source: 'metadata' });
  if (original.name.endsWith('.pdf')) {
    derive(`${stem}_jp2.zip`, 'Single Page Processed JP2 ZIP');
    derive(`${stem}_djvu.xml`, 'Djvu XML', { from: `${stem}_jp2.zip` });
    derive(`${stem}_djvu.txt`, 'DjVuTXT', { from: `${stem}_djvu.xml` });
  }
  return files;
}

interface Derived {
  readonly from: string;
  readonly source: FileSource;
  readonly content: Content;
}

/** What the archive makes the tile of an item of, too. */
export const thumbFormat = 'JPEG Thumb';

/** Of bytes that say nothing of what they show, one of the image that the name says it is. */
function thumbnailOf({ name, content }: StoredFile, side: ThumbnailSide): Content {
  if (content.thumbnail) return content.thumbnail(side);
  const [, id, suffix] = imageOriginal.exec(name) ?? [];
  return thumbnailContent(Number(id), suffix ?? '', side);
}

/** The names of all files made from this one, directly or not. */
export function derivedFrom(item: Item, name: string): string[] {
  const found = new Set<string>();
  const origins = [name];
  for (let origin = origins.pop(); origin !== undefined; origin = origins.pop()) {
    for (const file of item.files.values()) {
      if (file.original !== origin || found.has(file.name)) continue;
      found.add(file.name);
      origins.push(file.name);
    }
  }
  return [...found];
}

function isFirstImage(item: Item, name: string): boolean {
  for (const other of item.files.keys()) {
    if (artworkIdOf(other) !== null) return other === name;
  }
  return false;
}

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
