import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keyNames, sectionNames } from '../../src/config/schema.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

const root = resolve(import.meta.dirname, '../..');
const pages = [root, join(root, 'docs')]
  .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
  .filter((file) => file.endsWith('.md'))
  .map((file) => ({ page: file.slice(root.length + 1), file, text: readFileSync(file, 'utf8') }));

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

describe('the SQL in the docs', () => {
  const statements = pages.flatMap(({ page, text }) =>
    [...text.matchAll(/```sql\n([\s\S]*?)```/g)].map(([, sql]) => ({ page, sql: sql!.trim() })),
  );
  let database: TestDatabase;
  beforeAll(async () => (database = await createTestDatabase()));
  afterAll(() => database.close());

  test.each(statements)('of $page can be run: $sql', async ({ sql }) => {
    await expect(database.db.query(sql)).resolves.toBeDefined();
  });
});
