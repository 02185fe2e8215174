import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';

const script = resolve(import.meta.dirname, '../../scripts/release.js');
const run = promisify(execFile);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ar-release-'));
  await git('init', '--quiet');
  await write('package.json', JSON.stringify({ name: 'x', version: '1.2.0' }));
  await write('package-lock.json', lock('1.2.0'));
  await mkdir(join(folder, 'test/releases'), { recursive: true });
  await write('test/releases/1.2.0.sql.gz', 'a dump');
  await write('.gitignore', '.cache\n.npm\n');
  await write('CHANGELOG.md', changelog);
  await commit();
});
afterEach(() => rm(folder, { recursive: true }));

const changelog = `# Changelog

## [Unreleased]

## [1.2.0] - 2027-01-31

### Added

- Something new.

### Upgrading

Nothing.

## [1.1.0] - 2027-01-01

- Something old.
`;

/** As npm has it, of a package that needs nothing. */
const lock = (version: string): string =>
  JSON.stringify({ name: 'x', version, lockfileVersion: 3, packages: { '': { name: 'x', version } } });

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function release(...args: string[]): Promise<Outcome> {
  try {
    return { code: 0, ...(await run(process.execPath, [script, ...args], { cwd: folder, env: surroundings() })) };
  } catch (error) {
    return error as Outcome;
  }
}

/** Nothing of the user's own git. */
function surroundings(): NodeJS.ProcessEnv {
  const author = { GIT_AUTHOR_NAME: 'A', GIT_AUTHOR_EMAIL: 'a@example.org' };
  const committer = { GIT_COMMITTER_NAME: 'A', GIT_COMMITTER_EMAIL: 'a@example.org' };
  return { PATH: process.env.PATH, HOME: folder, GIT_CONFIG_NOSYSTEM: '1', ...author, ...committer };
}

async function git(...args: string[]): Promise<string> {
  return (await run('git', args, { cwd: folder, env: surroundings() })).stdout.trim();
}

const write = (file: string, text: string): Promise<void> => writeFile(join(folder, file), text);

async function commit(): Promise<void> {
  await git('add', '--all');
  await git('commit', '--quiet', '--message', 'A state');
}

test('tags the commit with the notes of that version and no other, and says how image and tag get out', async () => {
  const { code, stdout, stderr } = await release();
  expect(stderr).toContain('git push origin v1.2.0');
  expect(stderr).toContain('--tag artwork-reconciler:1.2.0 .');
  expect(code).toBe(0);
  expect(stdout).toBe('### Added\n\n- Something new.\n\n### Upgrading\n\nNothing.\n');
  expect(await git('tag', '--list', '--format=%(contents)')).toBe(
    'artwork-reconciler 1.2.0\n\n### Added\n\n- Something new.\n\n### Upgrading\n\nNothing.',
  );
  expect(await git('rev-parse', 'v1.2.0^{commit}')).toBe(await git('rev-parse', 'HEAD'));
});

test('writes the sources as they are tagged, what they are made of, and checksums that fit', async () => {
  const { stderr } = await release();
  const files = join(folder, '.cache/release/1.2.0');
  expect(stderr).toContain('.cache/release/1.2.0/SHA256SUMS');
  await run('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd: files });
  const { stdout: listed } = await run('tar', ['-tzf', 'artwork-reconciler-1.2.0.tar.gz'], { cwd: files });
  expect(listed.split('\n')).toContain('artwork-reconciler-1.2.0/CHANGELOG.md');
  expect(JSON.parse(await readFile(join(files, 'artwork-reconciler-1.2.0.cdx.json'), 'utf8'))).toMatchObject({
    bomFormat: 'CycloneDX',
  });
});

test('without the files that later releases test their upgrade with, nothing is tagged', async () => {
  await rm(join(folder, 'test/releases/1.2.0.sql.gz'));
  await commit();
  expect(await release()).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('no test/releases/1.2.0.sql.gz') as string,
  });
});

test('--dry-run says the same, and changes nothing', async () => {
  const { code, stdout } = await release('--dry-run');
  expect(code).toBe(0);
  expect(stdout).toBe('### Added\n\n- Something new.\n\n### Upgrading\n\nNothing.\n');
  expect(await git('tag', '--list')).toBe('');
});

test('a second time is refused, and the tag stays where it is', async () => {
  await release();
  const before = await git('rev-parse', 'v1.2.0^{commit}');
  await write('more', '');
  await commit();
  expect(await release()).toMatchObject({ code: 1, stderr: expect.stringContaining('a tag v1.2.0 already') as string });
  expect(await git('rev-parse', 'v1.2.0^{commit}')).toBe(before);
});

test.each([
  ['CHANGELOG.md', changelog.replace('[1.2.0] - 2027-01-31', '[1.2.0]'), 'no heading "## [1.2.0] - YYYY-MM-DD"'],
  ['CHANGELOG.md', changelog.replace(/### Added[^]*Nothing\.\n/, ''), 'says nothing about 1.2.0'],
  ['CHANGELOG.md', changelog.replace('### Upgrading\n\nNothing.\n', ''), 'what operators have to do for 1.2.0'],
  ['package.json', JSON.stringify({ version: '1.3' }), 'expected one like 1.2.0'],
  ['package-lock.json', JSON.stringify({ version: '1.1.0' }), 'package-lock.json has the version 1.1.0'],
])('%s that is not ready: nothing is tagged', async (file, text, words) => {
  await write(file, text);
  await commit();
  const { code, stderr } = await release();
  expect([code, stderr]).toEqual([1, expect.stringContaining(words)]);
  expect(await git('tag', '--list')).toBe('');
});

test('with changes that are not committed, all that is amiss is said at once', async () => {
  await write('package.json', JSON.stringify({ version: '1.3.0' }));
  const { code, stderr } = await release();
  expect(code).toBe(1);
  expect(stderr).toMatch(/the tree is not clean: 1 files/);
  expect(stderr).toMatch(/no heading "## \[1\.3\.0\]/);
});

test('an option that there is not is wrong usage', async () => {
  expect(await release('--dryrun')).toMatchObject({ code: 2 });
});
