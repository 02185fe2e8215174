import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { withActionsTable } from './api-page.js';
import { withLayersTable } from './layers.js';
import { listsPage } from './lists-page.js';

// Pages of docs/ that are written from the code. Tests compare them, so that they can't be stale.
async function compiled(module) {
  const url = new URL(`../dist/${module}`, import.meta.url);
  if (!existsSync(fileURLToPath(url))) {
    process.stderr.write(`There is no ${fileURLToPath(url)}: compile first (npm run build)\n`);
    process.exit(1);
  }
  return import(url.href);
}

const { checksPage, withAdvice } = await compiled('domain/checks-page.js');
const { configurationPage } = await compiled('config/configuration-page.js');
const { apiActions } = await compiled('dashboard/api/routes.js');
const defaultFile = await readFile(new URL('../config.default.ini', import.meta.url), 'utf8');
const docs = new URL('../docs/', import.meta.url);
await mkdir(docs, { recursive: true });
await writeFile(new URL('checks.md', docs), checksPage());
await writeFile(new URL('lists.md', docs), await listsPage((module) => compiled(`${module}.js`)));
await writeFile(new URL('configuration.md', docs), configurationPage(defaultFile));

const api = new URL('api.md', docs);
await writeFile(api, withActionsTable(await readFile(api, 'utf8'), apiActions));

const reviews = new URL('reviews.md', docs);
await writeFile(reviews, withAdvice(await readFile(reviews, 'utf8')));
const architecture = new URL('../ARCHITECTURE.md', import.meta.url);
await writeFile(architecture, withLayersTable(await readFile(architecture, 'utf8')));
