import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toPythonJson } from '../../src/domain/documents/python-json.ts';
import { jsonValue } from './json-values.ts';

/** Pairs written once by a real Python 3.11: the JSON text that it read, and the bytes that it dumped. */
const stored: readonly (readonly [json: string, python: string])[] = [
  ['{}', '{}'],
  ['[]', '[]'],
  ['{"b": [1, true, false, null], "a": {"d": "", "c": []}}', '{"a": {"c": [], "d": ""}, "b": [1, true, false, null]}'],
  ['"\\"\\\\/\\b\\f\\n\\r\\t"', '"\\"\\\\/\\b\\f\\n\\r\\t"'],
  ['"\\u0000\\u001f \\u007e\\u007f\\u0080"', '"\\u0000\\u001f ~\\u007f\\u0080"'],
  ['"Bj\u00f6rk \u65e5\u672c \u2028"', '"Bj\\u00f6rk \\u65e5\\u672c \\u2028"'],
  ['"\u{1f600}\u{10ffff}"', '"\\ud83d\\ude00\\udbff\\udfff"'],
  ['"\\ud83d alone, \\ude00 too"', '"\\ud83d alone, \\ude00 too"'],
  [
    '{"\uff01": 1, "\u{1f600}": 2, "Z": 3, "a": 4, "": 5}',
    '{"": 5, "Z": 3, "a": 4, "\\uff01": 1, "\\ud83d\\ude00": 2}',
  ],
  [
    '{"\\ud83d\\ude01": 1, "\\ud83d\\ude00": 2, "\\ud83d": 3}',
    '{"\\ud83d": 3, "\\ud83d\\ude00": 2, "\\ud83d\\ude01": 1}',
  ],
  // Where a lone half meets a whole character, and where two lone halves are alike.
  ['{"\u{1f600}": 1, "\\ud83d\uff01": 2}', '{"\\ud83d\\uff01": 2, "\\ud83d\\ude00": 1}'],
  ['{"\u{10000}": 1, "\\ud800\uff01": 2}', '{"\\ud800\\uff01": 2, "\\ud800\\udc00": 1}'],
  ['{"\u{10ffff}": 1, "\\udbff\uff01": 2}', '{"\\udbff\\uff01": 2, "\\udbff\\udfff": 1}'],
  ['{"\\ud83dB": 1, "\\ud83dA": 2, "\\ud83d": 3}', '{"\\ud83d": 3, "\\ud83dA": 2, "\\ud83dB": 1}'],
  // Parted behind a character that is no half, and where one key is the beginning of the other.
  ['{"x\\ud83d\\ude00": 1, "x\\uff01": 2}', '{"x\\uff01": 2, "x\\ud83d\\ude00": 1}'],
  ['{"\\uff01\\ud83d\\ude00": 1, "\\uff01\\uff02": 2}', '{"\\uff01\\uff02": 2, "\\uff01\\ud83d\\ude00": 1}'],
  ['{"ab": 1, "aa": 2, "a": 3, "b": 4}', '{"a": 3, "aa": 2, "ab": 1, "b": 4}'],
  ['[9007199254740991, -9007199254740991, 0, 12345678901]', '[9007199254740991, -9007199254740991, 0, 12345678901]'],
  ['{"250": "a", "1200": "b", "large": "c"}', '{"1200": "b", "250": "a", "large": "c"}'],
];

describe('JSON as Python writes it', () => {
  it.each(stored)('writes %s as Python did', (json, python) => {
    expect(toPythonJson(JSON.parse(json))).toBe(python);
  });

  it('escapes each unit that stands alone but the printable ones of ASCII, DEL too', () => {
    const short: Readonly<Record<string, string>> = {
      '"': '\\"',
      '\\': '\\\\',
      '\b': '\\b',
      '\f': '\\f',
      '\n': '\\n',
      '\r': '\\r',
      '\t': '\\t',
    };
    for (let code = 0; code <= 0xffff; code += 1) {
      const unit = String.fromCharCode(code);
      const long = code >= 0x20 && code <= 0x7e ? unit : `\\u${code.toString(16).padStart(4, '0')}`;
      if (toPythonJson(unit) !== `"${short[unit] ?? long}"`) expect([code, toPythonJson(unit)]).toEqual([code, long]);
    }
  });

  it('is JSON that reads back as the same value', () => {
    fc.assert(
      fc.property(jsonValue(), (value) => {
        expect(JSON.parse(toPythonJson(value))).toEqual(value);
      }),
    );
  });

  it('refuses numbers that Python would write otherwise, and what JSON cannot hold', () => {
    for (const number of [1.5, 2 ** 53, NaN, Infinity]) {
      expect(() => toPythonJson([number])).toThrow(
        new RangeError(`cannot be written as Python does: the number ${number} is no safe integer`),
      );
    }
    for (const [value, type] of [
      [undefined, 'undefined'],
      [() => 1, 'function'],
      [Symbol('a'), 'symbol'],
      [1n, 'bigint'],
    ]) {
      expect(() => toPythonJson({ a: value })).toThrow(
        new TypeError(`cannot be written as JSON: a value of type ${String(type)}`),
      );
    }
  });
});
