import { createInstrumenter, type Instrumenter } from '@stryker-mutator/instrumenter';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { defineConfig } from 'vitest/config';
import { testFilesByProject } from './test/projects.ts';

const { files, tests, leftOut, mutantsFile } = JSON.parse(process.env['MUTANTS'] ?? '{}') as {
  readonly files: readonly string[];
  /** What the paths of test files begin with. */
  readonly tests: readonly string[];
  /** Test files that have said all they have to say. */
  readonly leftOut: readonly string[];
  readonly mutantsFile: string;
};

/** A mutant may make a loop endless that it is not part of: each place that is passed counts. */
const countPlaces = `function isActive(id) {
  if (--ns.placesLeft < 0) throw new Error('endless');`;
/** What is reached is known from the first run. Counting it is what takes longest. */
const countOnce = `function cover() {
  if (ns.isRepeating) return;`;

const planted = await plantMutants();
const { unit, database, temporal } = testFilesByProject();
// Those that read sources as text would see every mutant, and those of databases of many rows take too long for each.
const chosen = [...unit, ...database, ...temporal].filter(
  (file) =>
    tests.some((path) => file.startsWith(path)) &&
    !leftOut.includes(file) &&
    !/^test\/(docs\/|structure)|large-queue|indexes/.test(file),
);
const isPure = chosen.every((file) => unit.includes(file));

/** For `npm run mutants` (scripts/mutants.js): the chosen files with all their mutants in them, each behind a switch. */
export default defineConfig({
  plugins: [
    {
      name: 'mutants',
      enforce: 'pre',
      transform: (_code, id) => planted.get(id.replace(/\?.*/, '')),
    },
  ],
  test: {
    include: chosen,
    runner: './scripts/mutants-runner.ts',
    globalSetup: ['test/support/global-setup.ts'],
    setupFiles: isPure ? [] : ['test/support/each-file.ts'],
    isolate: chosen.some((file) => temporal.includes(file)),
    maxWorkers: 1,
    // One test is all of its mutants here.
    testTimeout: 3_600_000,
    hookTimeout: 60_000,
  },
});

/** StrykerJS's mutants, without those that only change what is written into a log or into an SQL statement. */
async function plantMutants(): Promise<Map<string, string>> {
  const silent = (): void => {};
  const injector = {
    provideValue: () => injector,
    injectClass: (made: typeof Instrumenter) =>
      new made({ debug: silent, info: silent, isDebugEnabled: () => false } as never),
  };
  const instrumenter = createInstrumenter(injector as never);
  const { files: written, mutants } = await instrumenter.instrument(
    files.map((name) => ({ name: resolve(name), mutate: true, content: readFileSync(name, 'utf8') })),
    {
      plugins: null,
      excludedMutations: files.every((file) => file.startsWith('src/database/')) ? ['StringLiteral'] : [],
      ignorers: [{ shouldIgnore: whyLeftOut }],
    },
  );
  const listed = mutants.map(({ id, fileName, mutatorName, replacement, location }) => ({
    id,
    file: fileName.slice(dirname(import.meta.filename).length + 1),
    mutatorName,
    replacement,
    location,
  }));
  writeFileSync(mutantsFile, JSON.stringify(listed));
  return new Map(written.map(({ name, content }) => [name, withCounters(content)]));
}

function withCounters(content: string): string {
  return content.replace('function isActive(id) {', countPlaces).replace('function cover() {', countOnce);
}

interface Path {
  readonly node: { readonly type: string; readonly callee?: { readonly object?: { readonly name?: string } } };
}

function whyLeftOut({ node }: Path): string | undefined {
  if (node.type === 'CallExpression' && node.callee?.object?.name === 'log') return 'log';
  return undefined;
}
