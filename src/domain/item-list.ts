import { readMbid } from './imports/line-reading.ts';
import type { LineReading } from './line-reading.ts';

/** Identifiers of archive.org: letters, digits, `.`, `_`, `-`, at most 100. */
const identifier = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/**
 * Reads a line of a list of items: `mbid-{mbid}`, or an MBID alone. Which kind of entity it is, the list doesn't tell:
 * both art archives name their items alike.
 */
export function readItemLine(line: string, priority: number): LineReading {
  const text = line.trim();
  const mbid = /^mbid-/i.test(text) ? text.slice('mbid-'.length) : text;
  const gid = readMbid(mbid);
  if (gid !== null) return { kind: 'named', gid, entityType: null, priority, wasUpperCase: gid !== mbid };
  if (identifier.test(text)) return { kind: 'refused', reason: 'an item of another collection: expected mbid-{mbid}' };
  return { kind: 'unreadable', reason: 'expected an identifier, as mbid-{mbid}' };
}
