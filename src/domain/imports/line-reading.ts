import { type EntityType, isMbid } from '../entity.ts';
import { priorities } from '../priorities.ts';

/** A family of checks of the audit of 2021, and how much sooner what failed one is audited. */
interface CheckFamily {
  /** How the names of its checks begin. */
  readonly prefix: string;
  readonly priority: number;
}

const { suspicious, named } = priorities;

/**
 * What the audit of 2021 called its checks (domain page img-129.md), the first prefix that fits. It says which entities
 * to audit first, never what to do about them: its data is years old, and each is judged afresh.
 */
const families: readonly CheckFamily[] = [
  // The audit itself failed, so nothing is known.
  { prefix: 'InternalError::', priority: named },
  // MusicBrainz deleted the release, and its item still holds something.
  { prefix: 'DeletedItem::', priority: suspicious },
  // The release was merged, and its item still holds something.
  { prefix: 'MergedItem::', priority: suspicious },
  // The release has no art, and its item or index says otherwise.
  { prefix: 'EmptyItem::', priority: suspicious },
  // Files, index, XML or metadata of an item with art are wrong.
  { prefix: 'Item::', priority: suspicious },
];

/** The priority that a failed check gives its entity; null where the text is no check of the audit of 2021. */
export function priorityOfCheck(check: string): number | null {
  const family = families.find(({ prefix }) => check.startsWith(prefix) && check.length > prefix.length);
  return family?.priority ?? null;
}

/** Priorities of entities that are only on a list, by what the list says of them. */
export const listPriorities = {
  /** Something is to be done about each, or a person was to decide. */
  actionable: suspicious,
  /** Dark in 2021. */
  darkened: suspicious,
  /** Skipped, or found to be in order. */
  named,
} as const;

/** An MBID in canonical form from one that may be in upper case, or null. */
export function readMbid(text: string): string | null {
  const gid = text.toLowerCase();
  return isMbid(gid) ? gid : null;
}

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

/**
 * When an item was last written, by the search's `oai_updatedate`: the dates of its publication, addition and last update,
 * one or several, e.g. `["2018-06-05T16:18:12Z", "2020-07-07T15:02:03Z"]`.
 *
 * @returns null where there is none, or one of them can't be read: what is unknown is no change
 */
export function lastWritten(dates: unknown): Date | null {
  const texts: readonly unknown[] = Array.isArray(dates) ? dates : [dates];
  const moments = texts.map((text) =>
    typeof text === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(text) ? Date.parse(text) : Number.NaN,
  );
  const newest = Math.max(...moments);
  return Number.isFinite(newest) ? new Date(newest) : null;
}

/** What one line of an imported file tells. Nothing is passed over in silence: what isn't taken has its reason. */
export type LineReading =
  | {
      readonly kind: 'named';
      readonly gid: string;
      /** Null where the file doesn't tell: MusicBrainz is asked. */
      readonly entityType: EntityType | null;
      readonly priority: number;
      /** It was written in upper case, which no message of ours has. */
      readonly wasUpperCase: boolean;
    }
  /** About an entity of which the file says nothing that matters. */
  | { readonly kind: 'passed' }
  /** Understood, and not about an item of the art archives. */
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'unreadable'; readonly reason: string };
