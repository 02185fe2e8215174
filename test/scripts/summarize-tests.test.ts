import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const script = resolve(import.meta.dirname, '../../scripts/summarize-tests.js');
const run = promisify(execFile);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ar-summary-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** What the script says about a run whose tests ended so, a list a file; its lines. */
async function summarize(files: readonly (readonly string[])[], exitCode: number): Promise<string[]> {
  const report = join(folder, 'report.json');
  const testResults = files.map((statuses, index) => ({
    name: `file${index}.test.ts`,
    status: statuses.includes('failed') ? 'failed' : 'passed',
    assertionResults: statuses.map((status, position) => ({
      fullName: `test ${position}`,
      status,
      failureMessages: status === 'failed' ? [`Error: wrong\n${'at one place\n'.repeat(40)}`] : [],
    })),
  }));
  await writeFile(report, JSON.stringify({ testResults }));
  const { stdout } = await run(process.execPath, [script, report, String(exitCode)]);
  return stdout.trimEnd().split('\n');
}

test('a run without failures: the numbers', async () => {
  expect(await summarize([['passed', 'passed'], ['passed']], 0)).toEqual(['3 0']);
});

test('what failed counts once, and is named with how its message begins', async () => {
  expect(await summarize([['passed', 'failed'], ['passed']], 1)).toEqual([
    'Failed: file0.test.ts: test 1',
    '    Error: wrong',
    ...Array.from({ length: 11 }, () => '    at one place'),
    '2 1',
  ]);
});

test('a file that could not be loaded counts as failed, and is named with the reason', async () => {
  const report = join(folder, 'unloadable.json');
  const file = { name: 'a.test.ts', status: 'failed', assertionResults: [], message: 'Cannot find module b' };
  await writeFile(report, JSON.stringify({ testResults: [file] }));
  const { stdout } = await run(process.execPath, [script, report, '1']);
  expect(stdout).toBe('Failed: a.test.ts\n    Cannot find module b\n0 1\n');
});

test('a file whose hooks failed counts as one failure, and is named with the reason', async () => {
  const report = join(folder, 'hooks.json');
  const assertionResults = [{ fullName: 'test 0', status: 'passed', failureMessages: [] }];
  const file = { name: 'a.test.ts', status: 'failed', assertionResults, message: 'lost an original' };
  await writeFile(report, JSON.stringify({ testResults: [file] }));
  const { stdout } = await run(process.execPath, [script, report, '1']);
  expect(stdout).toBe('Failed: a.test.ts, before or after its tests\n    lost an original\n1 1\n');
});

test.each(['skipped', 'todo', 'pending'])('a test that is %s counts as failed, and is named', async (status) => {
  expect(await summarize([['passed', status]], 0)).toEqual([`Did not run (${status}): file0.test.ts: test 1`, '1 1']);
});

test('a file without a test counts as failed', async () => {
  expect(await summarize([['passed'], []], 1)).toEqual(['Did not run (empty): file1.test.ts', '1 1']);
});

test('no test at all, no report at all, and a test command that failed by itself are failures', async () => {
  expect((await summarize([], 0)).at(-1)).toBe('0 1');
  expect((await summarize([['passed']], 1)).at(-1)).toBe('1 1');
  const { stdout } = await run(process.execPath, [script, join(folder, 'none.json'), '0']);
  expect(stdout.trimEnd().split('\n').at(-1)).toBe('0 1');
});
