import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../src/domain/checks/catalogue.ts';
import { checksPage, withAdvice } from '../../src/domain/checks-page.ts';

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
    const file = resolve(import.meta.dirname, '../../docs/checks.md');
    expect(readFileSync(file, 'utf8')).toBe(checksPage());
  });

  it('ends in a line break, as files do', () => {
    expect(checksPage()).toMatch(/[^\n]\n$/);
  });
});

describe('the advice in docs/reviews.md', () => {
  const page = readFileSync(resolve(import.meta.dirname, '../../docs/reviews.md'), 'utf8');

  it('is the catalogue’s, as `npm run build && node scripts/write-docs.js` writes it', () => {
    expect(withAdvice(page)).toBe(page);
    expect(withAdvice(page.replace(/^\*\*What is wrong\.\*\* .*$/m, 'All is well.'))).toBe(page);
  });

  it('is there for each case, by names that the catalogue has', () => {
    const cases = [...page.matchAll(/^## (.*)\n\n```text (?!show)/gm)].map(([, heading = '']) => heading);
    const named = [...page.matchAll(/^<!-- advice: (.*) -->$/gm)].map(([, names = '']) => names.split(', '));
    expect(named).toHaveLength(cases.length);
    cases.forEach((heading, n) => {
      const checks = [...heading.matchAll(/`([a-z_.]+)`/g)].map(([, name]) => name);
      expect(checks.length === 0 ? [heading.toLowerCase()] : checks).toEqual(named[n]);
    });
    const names = catalogue.map(({ name }) => name);
    expect(named.flat().filter((name) => name.includes('.') && !names.includes(name))).toEqual([]);
    expect(page).not.toContain('Something else than a check');
  });

  it('says of several checks what is wrong with each, and once what to do', () => {
    const written = withAdvice('<!-- advice: meta.mediatype, meta.noindex -->\n<!-- /advice -->');
    expect(written).toMatch(/`meta.mediatype`: .* `meta.noindex`: /);
    expect(written.match(/^\d\. /gm)).toEqual(['1. ', '2. ']);
  });
});
