/**
 * The text that Python's `json.dumps(value, sort_keys=True)` writes. index.json has always been written this way, and
 * an index that is the same byte for byte needs no download to be known as good.
 *
 * @throws {RangeError} for a number that is no safe integer: Python writes other digits than JavaScript does.
 * @throws {TypeError} for what JSON has no form of.
 */
export function toPythonJson(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return quote(value);
    case 'number':
      return wholeNumber(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      if (value === null) return 'null';
      if (Array.isArray(value)) return `[${value.map(toPythonJson).join(', ')}]`;
      return object(value as Readonly<Record<string, unknown>>);
    case 'bigint':
    case 'function':
    case 'symbol':
    case 'undefined':
      throw new TypeError(`cannot be written as JSON: a value of type ${typeof value}`);
  }
}

function object(fields: Readonly<Record<string, unknown>>): string {
  const members = Object.keys(fields)
    .sort(byCodePoint)
    .map((key) => `${quote(key)}: ${toPythonJson(fields[key])}`);
  return `{${members.join(', ')}}`;
}

function wholeNumber(value: number): string {
  if (Number.isSafeInteger(value)) return String(value);
  throw new RangeError(`cannot be written as Python does: the number ${value} is no safe integer`);
}

/** JavaScript's own order is that of UTF-16 units, in which U+1F600 comes before U+FF01. */
function byCodePoint(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let i = 0; i < length; i++) {
    const a = left.charCodeAt(i);
    const b = right.charCodeAt(i);
    if (a === b) continue;
    // Where the strings part within a pair, the whole code points tell; the first halves are equal.
    const start = isLeadSurrogate(left.charCodeAt(i - 1)) ? i - 1 : i;
    return left.codePointAt(start)! - right.codePointAt(start)! || a - b;
  }
  return left.length - right.length;
}

function isLeadSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

/** Everything outside space…`~` is escaped, DEL too, one UTF-16 unit at a time; so are the quote and the backslash. */
const escapedUnits = /[^ !#-[\]-~]/g;

const shortEscapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

function quote(text: string): string {
  return `"${text.replace(escapedUnits, escape)}"`;
}

function escape(unit: string): string {
  return shortEscapes[unit] ?? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
