import { draw } from '../random.ts';
import { contentOf } from '../content.ts';
import { thumbFormat } from './derivatives.ts';
import type { FileSource, Item, ItemMetadata, StoredFile } from './item.ts';
import { escapeXml } from '../musicbrainz/xml.ts';

const ownSuffixes = ['_meta.xml', '_files.xml', '_meta.sqlite', '_archive.torrent', '_reviews.xml'];
/** The item's tile; the one own file whose name does not begin with the item's. */
const tileName = '__ia_thumb.jpg';

/** Whether the archive itself writes a file of this name into the item; nobody outside can change or remove it. */
export function isOwnFile(identifier: string, name: string): boolean {
  return name === tileName || ownSuffixes.some((suffix) => name === `${identifier}${suffix}`);
}

/**
 * The archive's own files of an item, made again at each call as they follow from the rest of it. Every item has some,
 * not all have the same, and their `source` differs between items.
 */
export function ownFilesOf(item: Item): StoredFile[] {
  if (!item.ownFiles) return [];
  const { identifier } = item;
  const source: FileSource = draw(identifier, 'own') < 0.5 ? 'original' : 'metadata';
  const mtime = Math.floor(item.lastUpdated / 1000);
  const file = (suffix: string, format: string, bytes: Buffer, of: FileSource = source): StoredFile => ({
    name: `${identifier}${suffix}`,
    source: of,
    format,
    mtime,
    content: contentOf(bytes),
  });
  const files = [
    file('_meta.xml', 'Metadata', metadataXml(item.metadata)),
    file('_files.xml', 'Metadata', filesXml(item)),
    file('_meta.sqlite', 'Metadata', Buffer.from(`SQLite format 3\0${identifier}`), 'original'),
  ];
  if (draw(identifier, 'torrent') < 0.8) {
    files.push(file('_archive.torrent', 'Archive BitTorrent', Buffer.from(`d4:name${identifier}e`), 'metadata'));
  }
  if (draw(identifier, 'reviews') < 0.2) {
    files.push(file('_reviews.xml', 'Metadata', Buffer.from('<reviews>\n</reviews>\n')));
  }
  const tile = [...item.files.values()].find(({ format }) => format === thumbFormat);
  if (tile) files.push({ name: tileName, source: 'original', format: 'Item Tile', mtime, content: tile.content });
  return files;
}

function metadataXml(metadata: ItemMetadata): Buffer {
  const elements = Object.entries(metadata).flatMap(([key, value]) =>
    (typeof value === 'string' ? [value] : value).map((text) => `  <${key}>${escapeXml(text)}</${key}>\n`),
  );
  return Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n<metadata>\n${elements.join('')}</metadata>\n`);
}

function filesXml(item: Item): Buffer {
  const elements = [...item.files.values()].map(
    ({ name, source, content }) =>
      `  <file name="${escapeXml(name)}" source="${source}"><md5>${content.md5}</md5></file>\n`,
  );
  return Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n<files>\n${elements.join('')}</files>\n`);
}
