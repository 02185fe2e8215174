import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';

const hooks = resolve(import.meta.dirname, '../../.githooks');
const run = promisify(execFile);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ar-hook-'));
  await git('init', '--quiet');
  await git('config', 'core.hooksPath', hooks);
  await write('package.json', manifest('true'));
});
afterEach(() => rm(folder, { recursive: true }));

/** A project whose checks are this shell command. */
const manifest = (check: string): string => `${JSON.stringify({ scripts: { check } })}\n`;

const write = (file: string, text: string): Promise<void> => writeFile(join(folder, file), text);

async function git(...args: string[]): Promise<string> {
  const author = { GIT_AUTHOR_NAME: 'A', GIT_AUTHOR_EMAIL: 'a@example.org' };
  const committer = { GIT_COMMITTER_NAME: 'A', GIT_COMMITTER_EMAIL: 'a@example.org' };
  // Nothing of the user's own git.
  const env = { PATH: process.env.PATH, HOME: folder, GIT_CONFIG_NOSYSTEM: '1', ...author, ...committer };
  return (await run('git', args, { cwd: folder, env })).stdout;
}

/** What the hook says against a commit of all there is; null where it is made. */
async function commit(): Promise<string | null> {
  await git('add', '--all', '--force');
  return git('commit', '--quiet', '--message', 'A state').then(
    () => null,
    ({ stdout, stderr }: { stdout: string; stderr: string }) => stdout + stderr,
  );
}

test('a commit whose checks pass is made', async () => {
  expect(await commit()).toBeNull();
});

test('one whose checks fail is not', async () => {
  await write('package.json', manifest('echo a type is wrong; exit 1'));
  expect(await commit()).toContain('a type is wrong');
});

test.each(['config.ini', '.env'])('%s, which may hold keys, stays out', async (file) => {
  await write(file, 'secret\n');
  expect(await commit()).toContain(`${file} may hold keys or passwords`);
});

test('marks of a conflict stay out', async () => {
  await write('file.txt', '<<<<<<< ours\n=======\n>>>>>>> theirs\n');
  expect(await commit()).toContain('marks of a conflict');
});
