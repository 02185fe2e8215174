import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

// Pages of docs/ that are written from the code. A test compares them, so that they can't be stale.
const compiled = new URL('../dist/domain/checks/checks-page.js', import.meta.url);
if (!existsSync(fileURLToPath(compiled))) {
  process.stderr.write(`There is no ${fileURLToPath(compiled)}: compile first (npm run build)\n`);
  process.exit(1);
}
const { checksPage } = await import(compiled.href);
const docs = new URL('../docs/', import.meta.url);
await mkdir(docs, { recursive: true });
await writeFile(new URL('checks.md', docs), checksPage());
