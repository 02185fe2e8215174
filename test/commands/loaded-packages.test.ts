import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findFreePort } from '../../src/embedded/free-port.ts';
import { loader, outcome } from '../support/run-source.ts';

const cli = resolve(import.meta.dirname, '../../src/cli.ts');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ar-loaded-'));
  // Of what is imported, Node tells each file; of what is required, the cache at the end has them.
  await writeFile(
    join(folder, 'hooks.mjs'),
    `import { writeSync } from 'node:fs';
     export async function resolve(specifier, context, next) {
       const resolved = await next(specifier, context);
       writeSync(2, '\\nloaded ' + resolved.url + '\\n');
       return resolved;
     }`,
  );
  await writeFile(
    join(folder, 'register.mjs'),
    `import { createRequire, register } from 'node:module';
     import { writeSync } from 'node:fs';
     register('./hooks.mjs', import.meta.url);
     const { cache } = createRequire(import.meta.url);
     process.on('exit', () => Object.keys(cache).forEach((file) => writeSync(2, '\\nloaded ' + file + '\\n')));`,
  );
});
afterAll(() => rm(folder, { recursive: true }));

/** The packages of which the program loads anything when it runs with these arguments, as it would from a shell. */
async function loadedPackages(args: readonly string[], exitCode: number): Promise<readonly string[]> {
  const register = pathToFileURL(join(folder, 'register.mjs')).href;
  // A database that refuses: by then the command has loaded all that it needs.
  const DATABASE_URL = `postgres://nobody@127.0.0.1:${await findFreePort()}/none`;
  const child = spawn(process.execPath, ['--import', loader, '--import', register, cli, ...args], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, DATABASE_URL },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { code, stderr } = await outcome(child);
  expect(code, stderr).toBe(exitCode);
  const files = stderr.matchAll(/^loaded .*\/node_modules\/((?:@[^/\n]+\/)?[^/\n]+)/gm);
  return [...new Set([...files].map(([, name]) => name!))].filter((name) => !ofTests.test(name)).sort();
}

/** What runs TypeScript in tests. */
const ofTests = /^(tsx|@?esbuild|get-tsconfig|resolve-pkg-maps)$/;

/** What speaks with services, serves pages or writes a log: most of a second to load. */
const heavy = /temporal|grpc|undici|xml|pino|hono|sentry|prom-client|oauth|rxjs|embedded|webpack/;

test('the list of commands needs nothing but what reads arguments', async () => {
  expect(await loadedPackages(['--help'], 0)).toEqual(['commander']);
});

test.each(['events list', 'reviews show 1', 'entities list', 'bulk list'])(
  '`%s` loads what reads configuration and database, and no more',
  async (line) => {
    const loaded = await loadedPackages([...line.split(' '), '--config', '/dev/null'], 1);
    expect(loaded).toEqual(expect.arrayContaining(['commander', 'pg', 'zod']));
    expect(loaded.filter((name) => heavy.test(name))).toEqual([]);
  },
);
