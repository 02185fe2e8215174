/** The configuration can't be used. Its message lists everything that is wrong with it, in one line. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly errors: readonly string[];

  /** @param file null where everything comes from the environment */
  constructor(file: string | null, errors: readonly string[]) {
    super(`Wrong configuration${file === null ? '' : ` (${file})`}: ${errors.join('; ')}`);
    this.errors = errors;
  }
}

/** A key of the file as it stands there, its name in lower case. */
export interface IniEntry {
  readonly section: string;
  readonly key: string;
  readonly value: string;
  readonly line: number;
}

interface IniFile {
  readonly entries: readonly IniEntry[];
  /** What could not be read, each with its line. */
  readonly errors: readonly string[];
}

/**
 * Reads the form of INI that artwork-indexer's file is in, that of Python's configparser: `=` or `:` after the key,
 * comments on lines of their own only, `%%` for `%`, nothing quoted. An INI reader that cuts a value at `#` or `;`, or
 * takes quotes off, would change a password that the daemon has always read as it stands.
 *
 * Stricter in one thing: a value goes over one line. An indented line would silently become part of the value before.
 */
export function parseIni(text: string): IniFile {
  const entries: IniEntry[] = [];
  const errors: string[] = [];
  let section: string | null = null;
  /** How far the last key was indented; a line that is further in would continue its value. */
  let keyIndent: number | null = null;
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .entries()) {
    const line = index + 1;
    const content = raw.trim();
    if (content === '' || content.startsWith('#') || content.startsWith(';')) continue;
    const indent = raw.length - raw.trimStart().length;
    if (keyIndent !== null && indent > keyIndent) {
      errors.push(`line ${line} is indented, and would continue the value above it: a value is on one line`);
      continue;
    }
    const header = /^\[([^\]]+)\]$/.exec(content);
    if (header !== null) {
      section = header[1]!.trim();
      keyIndent = null;
      continue;
    }
    const [, name, value] = /^([^=:]+)[=:](.*)$/.exec(content) ?? [];
    if (name === undefined || value === undefined) {
      errors.push(`line ${line} is neither a [section], nor a key with = and a value, nor a comment`);
    } else if (section === null) {
      errors.push(`line ${line} sets a key before any [section]`);
    } else {
      const key = name.trim().toLowerCase();
      const earlier = entries.find((entry) => entry.section === section && entry.key === key);
      if (earlier !== undefined) errors.push(`line ${line} sets [${section}] ${key} again, after line ${earlier.line}`);
      else entries.push({ section, key, value: value.trim().replaceAll('%%', '%'), line });
      keyIndent = indent;
    }
  }
  return { entries, errors };
}
