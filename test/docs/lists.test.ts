import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const { lists, listsPage } = (await import(join(root, 'scripts/lists-page.js'))) as {
  readonly lists: readonly { readonly module: string }[];
  readonly listsPage: (load: (module: string) => Promise<Record<string, unknown>>) => Promise<string>;
};

test('docs/lists.md is as `npm run build && node scripts/write-docs.js` writes it', async () => {
  const page = await listsPage((module) => import(join(root, `src/${module}.ts`)) as Promise<Record<string, unknown>>);
  expect(page).toContain('| `regressed` | `--regressed` |');
  expect(readFileSync(join(root, 'docs/lists.md'), 'utf8')).toBe(page);
});

test('docs/lists.md has every list that there is', () => {
  const folder = join(root, 'src/database');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const found = files.filter((name) => /: List<\w+, typeof /.test(readFileSync(join(folder, name), 'utf8')));
  expect(found.map((name) => `database/${name.replace(/\.ts$/, '')}`).sort()).toEqual(
    lists.map(({ module }) => module).sort(),
  );
});
