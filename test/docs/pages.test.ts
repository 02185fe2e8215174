import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { keyNames, sectionNames } from '../../src/config/schema.ts';
import { createTestDatabase } from '../support/database.ts';
import { documentedPages } from './documented-lines.ts';

const root = resolve(import.meta.dirname, '../..');
const atTheRoot = readdirSync(root).filter((name) => name.endsWith('.md'));
const pages = [...new Set([...atTheRoot, ...documentedPages])]
  .map((page) => ({ page, file: join(root, page) }))
  .map(({ page, file }) => ({ page, file, text: readFileSync(file, 'utf8') }));

describe.each(pages)('$page', ({ file, text }) => {
  test('links to files that there are', () => {
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, target]) => target!);
    expect(links.filter((target) => !existsSync(join(dirname(file), target)))).toEqual([]);
  });

  test('names settings that there are', () => {
    const known = sectionNames.flatMap((section) => keyNames(section).map((key) => `[${section}] ${key}`));
    // artwork-indexer's own of old, which the page on it says are ignored.
    const retired = ['[s3] access'];
    const sections = sectionNames.join('|');
    const named = [...text.matchAll(new RegExp(String.raw`\[(?:${sections})\] [a-z_]+`, 'g'))].map(
      ([setting]) => setting,
    );
    expect(named.filter((setting) => ![...known, ...retired].includes(setting))).toEqual([]);
  });
});

const { db } = await createTestDatabase();

describe('the SQL in the docs', () => {
  // The grants name a role that a server has or has not: test/database/needs.test.ts carries them out.
  const statements = pages
    .flatMap(({ page, text }) =>
      [...text.matchAll(/```sql\n([\s\S]*?)```/g)].map(([, sql]) => ({ page, sql: sql!.trim() })),
    )
    .filter(({ sql }) => !sql.includes('to reconciler_user'));

  test.each(statements)('of $page can be run: $sql', async ({ sql }) => {
    await expect(db.query(sql)).resolves.toBeDefined();
  });
});
