import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checksPage } from '../../../src/domain/checks/checks-page.ts';
import { catalogue } from '../../../src/domain/checks/index.ts';

describe('the docs page of checks', () => {
  it('has one row for each check of the catalogue, with its sentence and its default policy', () => {
    const rows = checksPage()
      .split('\n')
      .filter((line) => line.startsWith('| `'));
    expect(rows).toHaveLength(catalogue.length);
    for (const { name, sentence, policies } of catalogue) {
      const row = rows.find((line) => line.startsWith(`| \`${name}\` |`));
      expect(row).toContain(sentence);
      expect(row).toContain(`| \`${policies[0]}\``);
    }
  });

  it('is docs/checks.md, as `npm run build && node scripts/write-docs.js` writes it', () => {
    const file = resolve(import.meta.dirname, '../../../docs/checks.md');
    expect(readFileSync(file, 'utf8')).toBe(checksPage());
  });

  it('ends in a line break, as files do', () => {
    expect(checksPage()).toMatch(/[^\n]\n$/);
  });
});
