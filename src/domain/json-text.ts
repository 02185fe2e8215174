/**
 * A value as JSON, to be shown: of one that is nested more deeply than can be written, that. What is parsed may be of any
 * depth, and what is written may not.
 */
export function jsonText(value: unknown, indent?: number): string {
  try {
    return JSON.stringify(value, null, indent) ?? String(value);
  } catch {
    return `${Array.isArray(value) ? 'a list' : 'a value'} that is nested too deeply to be shown`;
  }
}

/** The same value, or what is said of one that can't be written: for what has to be JSON to the letter. */
export function writable(value: unknown): unknown {
  try {
    JSON.stringify(value);
    return value;
  } catch {
    return jsonText(value);
  }
}
