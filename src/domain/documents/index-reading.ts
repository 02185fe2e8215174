import type { EntityType } from '../entity.ts';

/** What is read as index.json at most, in bytes; an image takes about 900. */
export const maxIndexBytes = 16 * 1024 * 1024;
/** How many entries its list of images may have. */
const maxImages = 20_000;
/** An index has four levels. JSON.parse takes any depth, what walks over its value does not. */
const maxDepth = 32;

/** A found index.json: its list of images and its entity's address, of whatever form they are. */
export type IndexReading =
  | { readonly kind: 'read'; readonly images: readonly unknown[]; readonly entityUrl: unknown }
  | { readonly kind: 'malformed'; readonly problem: string };

/**
 * Reads an index.json: UTF-8 JSON, an object with exactly `images`, a list, and the entity's key. Whatever the bytes
 * are, it answers: never an exception, never more memory than a document of {@link maxIndexBytes} takes.
 */
export function readIndex(body: Uint8Array, entityType: EntityType): IndexReading {
  if (body.length > maxIndexBytes) return malformed(`larger than ${maxIndexBytes} bytes`);
  let text: string;
  let value: unknown;
  try {
    // A byte order mark is kept, and so no JSON.
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return malformed('not UTF-8');
  }
  try {
    value = JSON.parse(text);
  } catch (error) {
    return malformed(`not JSON: ${(error as SyntaxError).message}`);
  }
  const { depth, members } = measure(text);
  if (depth > maxDepth) return malformed(`nested ${depth} levels deep`);
  if (members !== countMembers(value)) return malformed('a key stands twice in one object');
  return readFields(value, entityType);
}

function readFields(value: unknown, entityType: EntityType): IndexReading {
  if (!isObject(value)) return malformed(`no object but ${kindOf(value)}`);
  const keys = Object.keys(value);
  if (keys.length !== 2 || !Object.hasOwn(value, 'images') || !Object.hasOwn(value, entityType)) {
    return malformed(`keys ${keys.slice(0, 20).sort().join(', ') || 'none'}`);
  }
  const images: unknown = value['images'];
  if (!Array.isArray(images)) return malformed(`images is no list but ${kindOf(images)}`);
  if (images.length > maxImages) return malformed(`${images.length} images`);
  return { kind: 'read', images, entityUrl: value[entityType] };
}

/** How deep a JSON text goes, and how many members its objects have as written: repeated keys count each time. */
function measure(json: string): { depth: number; members: number } {
  let depth = 0;
  let deepest = 0;
  let members = 0;
  for (let i = 0; i < json.length; i++) {
    switch (json.charCodeAt(i)) {
      case quote:
        i = endOfString(json, i);
        break;
      case colon:
        members++;
        break;
      case openBrace:
      case openBracket:
        if (++depth > deepest) deepest = depth;
        break;
      case closeBrace:
      case closeBracket:
        depth--;
        break;
      default:
    }
  }
  return { depth: deepest, members };
}

const [quote, colon, openBrace, closeBrace, openBracket, closeBracket] = [0x22, 0x3a, 0x7b, 0x7d, 0x5b, 0x5d];

function endOfString(json: string, start: number): number {
  let end = start;
  let backslashes: number;
  do {
    end = json.indexOf('"', end + 1);
    backslashes = 0;
    while (json[end - 1 - backslashes] === '\\') backslashes++;
  } while (backslashes % 2 === 1);
  return end;
}

/** How many members the objects of a value have; only called once its depth is known to be small. */
function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let count = Array.isArray(value) ? 0 : Object.keys(value).length;
  for (const held of Object.values(value)) count += countMembers(held);
  return count;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : `a value of type ${typeof value}`;
}

function malformed(problem: string): IndexReading {
  return { kind: 'malformed', problem };
}
