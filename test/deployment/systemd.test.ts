import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testsNeed } from '../support/needed-programs.ts';

// Whether the units work under a systemd: systemd.image.test.ts.
const run = promisify(execFile);
const units = resolve(import.meta.dirname, '../../deployment/systemd');
testsNeed('systemd-analyze');

let folder: string;
let paths: readonly string[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ar-units-'));
  const names = await readdir(units);
  paths = names.map((name) => join(folder, name));
  // Node may be elsewhere on this machine.
  for (const name of names) {
    const text = readFileSync(join(units, name), 'utf8');
    await writeFile(join(folder, name), text.replace('/usr/bin/node', process.execPath));
  }
});
afterAll(() => rm(folder, { recursive: true }));

test('systemd knows all that they say', async () => {
  expect(paths.length).toBe(2);
  expect(await run('systemd-analyze', ['verify', ...paths])).toEqual({ stdout: '', stderr: '' });
});

test('they are exposed as little as systemd’s own measure calls OK', async () => {
  for (const path of paths) {
    // Tenths, of 100; what is above ends with an exit code of its own.
    await run('systemd-analyze', ['security', '--offline=true', '--threshold=20', '--no-pager', path]);
  }
});
