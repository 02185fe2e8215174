import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const script = join(root, 'scripts/licences.js');
const run = promisify(execFile);

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function licencesOf(folder: string): Promise<Outcome> {
  try {
    return { code: 0, ...(await run(process.execPath, [script, folder])) };
  } catch (error) {
    return error as Outcome;
  }
}

/** A project that depends on these, by path. */
async function projectWith(packages: Readonly<Record<string, object>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ar-licences-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const lock = { packages: { '': { name: 'project' }, ...packages } };
  await writeFile(join(folder, 'package-lock.json'), JSON.stringify(lock));
  return folder;
}

test('what this project ships can be combined with GPL-2.0-or-later, Apache-2.0 included', async () => {
  const { code, stdout, stderr } = await licencesOf(root);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^pg +\S+ +MIT$/m);
  expect(stdout).toMatch(/^@temporalio\/worker +\S+ +MIT$/m);
  expect(stdout).toMatch(/ Apache-2\.0$/m);
  expect(stdout).not.toMatch(/^vitest /m);
});

test.each([
  ['MIT OR SSPL-1.0', 0],
  ['(SSPL-1.0 AND MIT) OR (ISC AND Apache-2.0)', 0],
  ['MIT AND SSPL-1.0', 1],
  ['GPL-2.0-only', 1],
  ['FSL-1.1-Apache-2.0', 1],
  ['SEE LICENSE IN LICENSE.md', 1],
  ['MIT OR', 1],
  ['', 1],
])('a package under "%s": exit code %i', async (license, code) => {
  const folder = await projectWith({ 'node_modules/dep': { version: '1.0.0', license } });
  expect((await licencesOf(folder)).code).toBe(code);
});

test('one that can’t be combined is named, in one line; one that is for development only is not looked at', async () => {
  const folder = await projectWith({
    'node_modules/@some/dep/node_modules/inner': { version: '2.0.0', license: 'SSPL-1.0' },
    'node_modules/tool': { version: '1.0.0', license: 'SSPL-1.0', dev: true },
  });
  const { code, stderr } = await licencesOf(folder);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^Error: inner 2\.0\.0 is under SSPL-1\.0, [^\n]+\n$/);
});

test('where the lock file says nothing, the package’s own file is read, in its older form too', async () => {
  const folder = await projectWith({
    'node_modules/old': { version: '1.0.0' },
    'node_modules/bare': { version: '1.0.0' },
  });
  for (const [name, manifest] of [
    ['old', { licenses: [{ type: 'MIT' }] }],
    ['bare', {}],
  ] as const) {
    await mkdir(join(folder, 'node_modules', name), { recursive: true });
    await writeFile(join(folder, 'node_modules', name, 'package.json'), JSON.stringify(manifest));
  }
  const { stdout, stderr } = await licencesOf(folder);
  expect(stdout).toMatch(/^old +1\.0\.0 +MIT$/m);
  expect(stderr).toMatch(/^Error: bare 1\.0\.0 is under unknown/);
});
