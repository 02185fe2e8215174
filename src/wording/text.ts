import type { CappedCount } from '../database/lists/walk.ts';
import { jsonText } from '../domain/json-text.ts';

/** `1 entity`, `1,200 entities`: a number of things with their name. */
export function numberOf(count: number, one: string, many: string): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

/** Thousands apart by commas, or by a space of any kind. */
const grouped = /^\d{1,3}(?:(?:,\d{3})+|(?:[ \u00a0\u2009\u202f]\d{3})+)(?:\.\d+)?$/;

/** A number as people write it, `1,200` or `1 200`, as programs do; another text as it is. */
export function ungrouped(text: string): string {
  const trimmed = text.trim();
  return grouped.test(trimmed) ? trimmed.replace(/[^\d.]/g, '') : trimmed;
}

/** `12`, or `10,000+` where there may be more. */
export function countInWords({ count, exact }: CappedCount): string {
  return `${count.toLocaleString('en')}${exact ? '' : '+'}`;
}

/** A share from 0 to 1: `93 %`, and near the ends with a decimal, `99.6 %`. */
export function percent(share: number): string {
  return `${(100 * share).toLocaleString('en', { maximumFractionDigits: share > 0.1 && share < 0.99 ? 0 : 1 })} %`;
}

/** A share from 0 to 1 in two digits, for shares of all sizes: `0.012 %`, `1.2 %`, `94 %`. */
export function roundShare(share: number): string {
  return `${(100 * share).toLocaleString('en', { maximumSignificantDigits: 2 })} %`;
}

/** One value that differs between what was and what is. */
interface Change {
  /** Where it stands, e.g. `set_per_hour` or `outcome.done`. */
  readonly name: string;
  /** In words; null where there was or is none. */
  readonly before: string | null;
  readonly after: string | null;
}

/** Members of a list that are shown; it may have thousands. */
const longestList = 20;
/** Levels of members that are told apart; deeper ones are shown as JSON. */
const deepest = 3;

/** What changed from one recorded state to another, value by value; what stayed the same is left out. */
export function changesBetween(before: unknown, after: unknown): readonly Change[] {
  const [old, now] = [valuesOf(before), valuesOf(after)];
  const names = [...new Set([...old.keys(), ...now.keys()])];
  return names
    .map((name) => ({ name, before: old.get(name) ?? null, after: now.get(name) ?? null }))
    .filter((change) => change.before !== change.after);
}

function valuesOf(state: unknown, path = '', depth = 1): Map<string, string> {
  if (state === null || state === undefined) return new Map();
  if (typeof state !== 'object' || Array.isArray(state) || depth > deepest) return new Map([[path, inWords(state)]]);
  return new Map(
    Object.entries(state).flatMap(([name, value]) => [
      ...valuesOf(value, path === '' ? name : `${path}.${name}`, depth + 1),
    ]),
  );
}

function inWords(value: unknown): string {
  if (Array.isArray(value)) {
    const shown = value.slice(0, longestList).map(inWords).join(', ');
    const more = value.length - longestList;
    return value.length === 0 ? 'none' : more > 0 ? `${shown} and ${more} more` : shown;
  }
  return typeof value === 'string' ? value : jsonText(value);
}

/** A text of several lines in one. */
export function oneLine(text: string): string {
  return text.trim().replace(/\s+/g, ' ');
}

/** A text as lists show it: in one line, and cut where it is longer than `most` characters. */
export function shortened(text: string, most = 200): string {
  const characters = [...oneLine(text.slice(0, 4 * most))];
  return characters.length > most ? `${characters.slice(0, most - 1).join('')}…` : characters.join('');
}

/** As the database has it. */
interface Named {
  readonly name: string;
  readonly artist: string | null;
  readonly mergedInto: string | null;
}

/** What an entity is called, for people: `Harbour Songs, by The Swells`, `merged into Harbour Songs, by The Swells`. */
export function nameInWords({ name, artist, mergedInto }: Named): string {
  const own = name.trim() === '' ? '(no name)' : name;
  const whole = artist === null ? own : `${own}, by ${artist}`;
  return shortened(mergedInto === null ? whole : `merged into ${whole}`, 100);
}

/** ` “Harbour Songs, by The Swells”`, as it follows what is named; nothing where MusicBrainz has no name. */
export function quotedName(name: Named | null | undefined): string {
  return name ? ` “${oneLine(nameInWords(name))}”` : '';
}
