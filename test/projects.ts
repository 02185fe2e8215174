import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

/**
 * The projects that vitest runs, named after what their tests need, the most expensive first. A test file belongs to the
 * first whose `needs` matches something that the file imports, by itself or by a module of test/ that it imports.
 *
 * What takes minutes by its nature is named `*.long.test.ts` and is the project `long`, what needs a Docker daemon
 * `*.image.test.ts` and the project `long-image`: `npm test` leaves out what begins with `long`.
 */
const projects = [
  // Programs and browsers in processes of their own.
  { name: 'system', needs: /^node:child_process$|^src\/(demo|embedded\/(?!free-port))|^test\/support\/browser\.ts$/ },
  { name: 'temporal', needs: /^test\/support\/(temporal|workflow-bundle)\.ts$/ },
  { name: 'database', needs: /^test\/support\/database\.ts$/ },
  // Starts nothing.
  { name: 'unit', needs: /^/ },
] as const;

export type ProjectName = 'long-image' | 'long' | (typeof projects)[number]['name'];

/** In the order in which their files are run. */
export const projectNames: readonly ProjectName[] = ['long-image', 'long', ...projects.map(({ name }) => name)];

const root = resolve(import.meta.dirname, '..');

/** All test files, by project, as paths below the project's root. */
export function testFilesByProject(): Record<ProjectName, string[]> {
  const files: Record<ProjectName, string[]> = {
    'long-image': [],
    long: [],
    system: [],
    temporal: [],
    database: [],
    unit: [],
  };
  for (const name of readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })) {
    const file = join('test', name);
    if (file.endsWith('.test.ts')) files[projectOf(file)].push(file);
  }
  return files;
}

/** @param file below the project's root */
function projectOf(file: string): ProjectName {
  if (file.endsWith('.long.test.ts')) return 'long';
  if (file.endsWith('.image.test.ts')) return 'long-image';
  const imports = [...importsBelow(file, new Set())];
  const found = projects.find(({ needs }) => imports.some((imported) => needs.test(imported)));
  return found?.name ?? 'unit';
}

/** What a test imports, by itself or by others that only tests, chaos, benches and scripts are made of; types left out. */
function importsBelow(file: string, seen: Set<string>): Set<string> {
  for (const imported of importsOf(file)) {
    if (seen.has(imported)) continue;
    seen.add(imported);
    if (/^(test|chaos|bench|scripts)\//.test(imported)) importsBelow(imported, seen);
  }
  return seen;
}

function importsOf(file: string): string[] {
  const statements = readFileSync(join(root, file), 'utf8').matchAll(
    /^(?:import|export) (?!type\b)(?:[^'";]*? from )?'([^']+)'/gm,
  );
  return [...statements].map(([, name]) =>
    name!.startsWith('.') ? relative(root, resolve(root, dirname(file), name!)) : name!,
  );
}
