import { jsonText } from '../json-text.ts';
import type { ObservedFile, ObservedItem } from './observed-item.ts';

/**
 * An answer of the archive or the web service that cannot be judged. It is never read as "absent" or
 * "different": whoever asked gives up this attempt and asks again later.
 */
export class UnreadableAnswerError extends Error {
  override readonly name = 'UnreadableAnswerError';
}

/** A metadata answer of an item of 1,000 images is over 1 MB (domain page scale.md); many times that is no answer. */
export const maxMetadataBytes = 16 * 1024 * 1024;

type Fields = Readonly<Record<string, unknown>>;

/**
 * What the answer to `GET /metadata/{identifier}` says of an item (domain page internet-archive.md, "Reading").
 * Numbers may come as strings, and single values as lists or lists as single values: the archive does both.
 * `missing` is what an empty answer says at first: the caller confirms it by a second kind of request.
 *
 * @param body the parsed JSON of the answer.
 * @param identifier the item that was asked for; an answer that names another item is unreadable.
 * @throws {UnreadableAnswerError} where the answer reports a fault, lacks `files` or `metadata`, or isn't of this form;
 * also where `files` is empty: the archive keeps files of its own in every item that exists.
 */
export function parseMetadata(body: unknown, identifier?: string): ObservedItem {
  const answer = fieldsOf(body);
  if (answer === null) throw unreadable(`is ${kindOf(body)}: expected an object`);
  if (answer['error'] !== undefined) throw unreadable(`reports a fault: ${shortText(answer['error'])}`);
  if (Object.keys(answer).length === 0) return { kind: 'missing' };
  if (isTrue(answer['is_dark'])) return { kind: 'dark' };

  const { files, metadata } = answer;
  if (!Array.isArray(files)) throw unreadable(`has ${kindOf(files)} as its files: expected a list`);
  if (files.length === 0) throw unreadable('lists no files at all, and every item has the archive’s own');
  const itemMetadata = metadataOf(metadata);
  const named = itemMetadata['identifier']?.[0];
  if (identifier !== undefined && named !== undefined && named !== identifier) {
    throw unreadable(`is about ${shortText(named)}: expected ${identifier}`);
  }
  return {
    kind: 'present',
    files: files.map(fileOf),
    metadata: itemMetadata,
    lastUpdated: numberOf(answer['item_last_updated']),
    nodes: nodesOf(answer),
    dir: textOf(answer['dir']),
  };
}

function fileOf(value: unknown, position: number): ObservedFile {
  const file = fieldsOf(value);
  const name = file && textOf(file['name']);
  const source = file && textOf(file['source']);
  // A file that is passed over would count as absent, one of an unknown source perhaps as no original.
  if (!file || name === null || source === null || name === '' || source === '') {
    throw unreadable(`names no file and source at position ${position} of its files`);
  }
  return {
    name,
    source,
    original: textOf(file['original']),
    md5: hashOf(file['md5'], 32),
    sha1: hashOf(file['sha1'], 40),
    size: numberOf(file['size']),
    mtime: numberOf(file['mtime']),
  };
}

/** A hash of the given number of hexadecimal digits; null for anything else. */
function hashOf(value: unknown, digits: number): string | null {
  const text = textOf(value)?.toLowerCase() ?? '';
  return text.length === digits && /^[0-9a-f]+$/.test(text) ? text : null;
}

function metadataOf(value: unknown): Record<string, readonly string[]> {
  const fields = fieldsOf(value);
  if (fields === null) throw unreadable(`has ${kindOf(value)} as its metadata: expected an object`);
  const metadata: [string, string[]][] = Object.entries(fields).map(([key, held]) => [
    key,
    (Array.isArray(held) ? held : [held]).map(textOf).filter((text) => text !== null),
  ]);
  return Object.fromEntries(metadata);
}

function nodesOf(answer: Fields): readonly string[] {
  const workable = answer['workable_servers'];
  const named = [answer['d1'], answer['d2'], ...(Array.isArray(workable) ? (workable as unknown[]) : [workable])];
  return [...new Set(named.map(textOf).filter((node) => node !== null && node !== ''))] as string[];
}

function fieldsOf(value: unknown): Fields | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null;
}

/** A value as text, whether it came as text, number or boolean, or as the only one of a list. */
function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value) && value.length === 1 && !Array.isArray(value[0])) return textOf(value[0]);
  return null;
}

function numberOf(value: unknown): number | null {
  const text = textOf(value);
  const number = text === null || text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(number) && number >= 0 ? number : null;
}

function isTrue(value: unknown): boolean {
  const text = textOf(value)?.toLowerCase();
  return text === 'true' || text === '1';
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : `a value of type ${typeof value}`;
}

function shortText(value: unknown): string {
  return jsonText(value).slice(0, 200);
}

function unreadable(what: string): UnreadableAnswerError {
  return new UnreadableAnswerError(`the metadata answer ${what}; the item cannot be judged`);
}
