import { expect, test } from 'vitest';
import { jsonText, writable } from '../../src/domain/json-text.ts';

const deepList = JSON.parse(`${'['.repeat(50_000)}${']'.repeat(50_000)}`) as unknown;
const deepValue = { gid: deepList };

test('a value is shown as JSON, and one that can’t be written as what it is', () => {
  expect(jsonText({ a: [1, null] })).toBe('{"a":[1,null]}');
  expect(jsonText({ a: 1 }, 2)).toBe('{\n  "a": 1\n}');
  expect(jsonText(undefined)).toBe('undefined');
  expect(jsonText(deepList)).toBe('a list that is nested too deeply to be shown');
  expect(jsonText(deepValue)).toBe('a value that is nested too deeply to be shown');
});

test('what is written to the letter is the same value, or that', () => {
  const message = { gid: 'x' };
  expect(writable(message)).toBe(message);
  expect(writable(deepValue)).toBe('a value that is nested too deeply to be shown');
});
