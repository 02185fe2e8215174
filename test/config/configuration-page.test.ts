import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import { configurationPage } from '../../src/config/configuration-page.ts';
import { defaultText, environmentVariable, keyNames, sectionNames } from '../../src/config/schema.ts';
import { catalogue } from '../../src/domain/checks/catalogue.ts';

const root = resolve(import.meta.dirname, '../..');
const page = configurationPage(readFileSync(resolve(root, 'config.default.ini'), 'utf8'));

/** The rows of a section's table, cell by cell. */
function rowsOf(section: string): string[][] {
  const part = page.split(/^## /m).find((each) => each.startsWith(`[${section}]`)) ?? '';
  const rows = part.split('\n').filter((line) => line.startsWith('| `'));
  return rows.map((row) => row.split(/(?<!\\)\|/).map((cell) => cell.trim()));
}
const cellOf = (section: string, key: string, at: number): string | undefined =>
  rowsOf(section).find(([, name]) => name === `\`${key}\``)?.[at];

describe('the docs page of the configuration', () => {
  test('is docs/configuration.md, as `npm run build && node scripts/write-docs.js` writes it', () => {
    expect(readFileSync(resolve(root, 'docs/configuration.md'), 'utf8')).toBe(page);
  });

  test('has every key with its default and its environment variable, section by section', () => {
    for (const section of sectionNames) {
      const expected = keyNames(section).map((key) => [
        `\`${key}\``,
        defaultText(section, key) && `\`${defaultText(section, key)}\``,
        `\`${environmentVariable(section, key)}\``,
      ]);
      expect(rowsOf(section).map(([, key, initial, , variable]) => [key, initial, variable])).toEqual(expected);
    }
  });

  test('has every check with its default policy, and a variable that sets it', () => {
    const rows = rowsOf('policy');
    expect(rows.map(([, name, policy]) => [name, policy])).toEqual(
      catalogue.map(({ name, policies }) => [`\`${name}\``, `\`${policies[0]}\``]),
    );
    const env = Object.fromEntries(rows.map(([, , , variable]) => [variable!.replaceAll('`', ''), 'ignore']));
    const { policy } = readConfig({ file: '/dev/null', env });
    expect(new Set(Object.values(policy))).toEqual(new Set(['ignore']));
  });

  test('says what a key takes in the words of its error', () => {
    expect(cellOf('audit', 'mode', 3)).toBe('report or repair');
    expect(cellOf('audit', 'breaker_share', 3)).toBe('a number above 0, 1 at most');
    expect(cellOf('database', 'dbname', 3)).toBe('a text');
    const refused = (): unknown => readConfig({ file: '/dev/null', env: { HOUSEKEEPING_SECONDS: 'x' } });
    expect(refused).toThrow(cellOf('housekeeping', 'seconds', 3));
  });

  test('says which keys a worker only reads when it starts', () => {
    expect(cellOf('archive', 'concurrency', 5)).toBe('restart');
    expect(cellOf('database', 'host', 5)).toBe('restart');
    expect(cellOf('audit', 'per_hour', 5)).toBe('SIGHUP');
  });

  test('explains a key with what stands above it in config.default.ini', () => {
    expect(cellOf('housekeeping', 'keep_completed_days', 6)).toBe(
      'Completed events are deleted after that. Failed ones stay for ever.',
    );
  });
});
