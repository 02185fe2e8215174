import { artworkIdOf } from './originals.ts';
import type { Content } from './content.ts';
import { contentOf } from './content.ts';
import { draw } from './draw.ts';
import type { FileSource, Item, StoredFile } from './item.ts';

const shared = new Map<string, Content>();

/** The same few bytes for all files of a format: what is in a derivative never matters here, its being there does. */
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
  const derive = (name: string, format: string, from = original.name, source: FileSource = 'derivative'): void => {
    files.push({ name, source, original: from, format, mtime, content: sharedContent(format) });
  };
  derive(`${stem}_thumb250.jpg`, 'JPEG 250px Thumb');
  derive(`${stem}_thumb500.jpg`, 'JPEG 500px Thumb');
  derive(`${stem}_thumb1200.jpg`, 'JPEG 1200px Thumb');
  derive(`${stem}_thumb.jpg`, 'JPEG Thumb');
  if (isFirstImage(item, original.name)) derive(`${stem}_itemimage.jpg`, 'Item Image');
  // Only items of some years have such logs.
  if (draw(original.name, 'log') < 0.3) derive(`${original.name}_meta.txt`, 'Metadata Log', original.name, 'metadata');
  if (original.name.endsWith('.pdf')) {
    derive(`${stem}_jp2.zip`, 'Single Page Processed JP2 ZIP');
    derive(`${stem}_djvu.xml`, 'Djvu XML', `${stem}_jp2.zip`);
    derive(`${stem}_djvu.txt`, 'DjVuTXT', `${stem}_djvu.xml`);
  }
  return files;
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
