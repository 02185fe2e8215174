import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

// Usage: node scripts/mutants.js PATH…
// Plants faults in the files of these paths, one at a time, and says which of them no test notices: StrykerJS. Faults in
// the pure core and in what decides in workflows are judged by the tests that start nothing, others by those with a
// database too.
const paths = process.argv.slice(2).map((path) => path.replace(/\/$/, ''));
const missing = paths.filter((path) => !existsSync(path));

if (paths.length === 0 || missing.length > 0) {
  const got = paths.length === 0 ? 'it got none' : `there is no ${missing.join(', ')}`;
  process.stderr.write(`Error: usage: npm run mutants -- PATH…, such as src/domain/decision/decision.ts; ${got}\n`);
  process.exit(2);
}

const isPure = paths.every((path) => /^src\/(domain|audit|workflows\/failures\.ts$)/.test(path));
const patterns = paths.map((path) => (statSync(path).isDirectory() ? `${path}/**/*.ts` : path));
const stryker = join(
  dirname(createRequire(import.meta.url).resolve('@stryker-mutator/core/package.json')),
  'bin/stryker.js',
);
const { status } = spawnSync(process.execPath, [stryker, 'run', '--mutate', patterns.join(',')], {
  stdio: 'inherit',
  env: { ...process.env, MUTANTS_PROJECTS: isPure ? 'unit' : 'unit,database' },
});
process.exit(status ?? 1);
