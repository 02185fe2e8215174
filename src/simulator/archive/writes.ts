import type { Content } from '../content.ts';
import { derivativesOf, derivedFrom, derivedKeys, deriveMetadata, type OriginalsLedger } from './derivatives.ts';
import type { Item, ItemMetadata, StoredFile } from './item.ts';

/** What a PUT or a copy ordered, with the bytes as they were when it did. */
export interface PutOrder {
  readonly name: string;
  readonly content: Content;
  readonly keepOldVersion: boolean;
  /** Replaces all of the item's metadata; null where the item keeps its own. */
  readonly metadata: ItemMetadata | null;
}

export interface DeleteOrder {
  readonly name: string;
  readonly keepOldVersion: boolean;
  readonly cascade: boolean;
}

/** Puts a file in its place; everything that gives an item a file comes through here. `at`: ms since 1970. */
export function placeFile(item: Item, file: StoredFile, ledger: OriginalsLedger): void {
  item.files.set(file.name, file);
  ledger.note(item.identifier, file);
}

export function applyPut(item: Item, order: PutOrder, at: number, ledger: OriginalsLedger): void {
  const { name, content, metadata } = order;
  item.made = true;
  if (metadata !== null) item.metadata = { identifier: item.identifier, ...metadata };
  if (order.keepOldVersion) keepOldVersion(item, name);
  placeFile(item, { name, source: 'original', format: formatOf(name), mtime: Math.floor(at / 1000), content }, ledger);
}

export function applyDelete(item: Item, order: DeleteOrder): void {
  if (order.keepOldVersion) keepOldVersion(item, order.name);
  if (order.cascade) for (const derived of derivedFrom(item, order.name)) item.files.delete(derived);
  item.files.delete(order.name);
}

/** Makes what the archive makes of an item's files, long or short after they came: derivatives and item metadata. */
export function applyDerive(item: Item, at: number, ledger: OriginalsLedger): void {
  for (const original of [...item.files.values()]) {
    for (const file of derivativesOf(item, original, Math.floor(at / 1000))) {
      if (!item.files.has(file.name)) placeFile(item, file, ledger);
    }
  }
  const xml = item.files.get(`${item.identifier}_mb_metadata.xml`);
  const derived = xml === undefined ? null : deriveMetadata(xml.content.bytes);
  if (derived === null) return;
  for (const key of derivedKeys) delete item.metadata[key];
  Object.assign(item.metadata, derived);
}

/** The format that the archive shows for an uploaded file, by its name. */
export function formatOf(name: string): string {
  const formats: Record<string, string> = { jpg: 'JPEG', png: 'PNG', gif: 'Animated GIF', pdf: 'Image Container PDF' };
  const suffix = name.slice(name.lastIndexOf('.') + 1);
  return formats[suffix] ?? (suffix === 'json' ? 'JSON' : suffix === 'xml' ? 'Metadata' : 'Unknown');
}

function keepOldVersion(item: Item, name: string): void {
  const current = item.files.get(name);
  if (current === undefined) return;
  let version = 1;
  while (item.files.has(oldVersionName(name, version))) version += 1;
  const old: StoredFile = { ...current, name: oldVersionName(name, version) };
  item.files.set(old.name, old);
}

function oldVersionName(name: string, version: number): string {
  return `history/files/${name}.~${version}~`;
}
