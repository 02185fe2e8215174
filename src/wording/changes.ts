/** One value that differs between what was and what is. */
export interface Change {
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
  return typeof value === 'string' ? value : JSON.stringify(value);
}
