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

type Files = Readonly<Record<string, readonly string[]>>;

/** The report of a run whose tests ended so, a list a file. */
async function report(name: string, files: Files): Promise<string> {
  const path = join(folder, name);
  const testResults = Object.entries(files).map(([file, statuses]) => ({
    name: file,
    status: statuses.includes('failed') ? 'failed' : 'passed',
    assertionResults: statuses.map((status, position) => ({
      fullName: `test ${position}`,
      status,
      failureMessages: status === 'failed' ? [`Error: wrong\n${'at one place\n'.repeat(40)}`] : [],
    })),
  }));
  await writeFile(path, JSON.stringify({ testResults }));
  return path;
}

async function said(...args: readonly string[]): Promise<string[]> {
  const { stdout } = await run(process.execPath, [script, ...args]);
  return stdout.trimEnd().split('\n');
}

/** What the script says about a run; its lines. */
async function summarize(files: readonly (readonly string[])[], exitCode: number): Promise<string[]> {
  const named = Object.fromEntries(files.map((statuses, index) => [`file${index}.test.ts`, statuses]));
  return said(await report('report.json', named), String(exitCode));
}

const beginning = ['    Error: wrong', ...Array.from({ length: 11 }, () => '    at one place')];

test('a run without failures: the numbers', async () => {
  expect(await summarize([['passed', 'passed'], ['passed']], 0)).toEqual(['3 0']);
});

test('what failed counts once, and is named with how its message begins', async () => {
  expect(await summarize([['passed', 'failed'], ['passed']], 1)).toEqual([
    'Failed: file0.test.ts: test 1',
    ...beginning,
    '2 1',
  ]);
});

test('a file that could not be loaded counts as failed, and is named with the reason', async () => {
  const path = join(folder, 'unloadable.json');
  const file = { name: 'a.test.ts', status: 'failed', assertionResults: [], message: 'Cannot find module b' };
  await writeFile(path, JSON.stringify({ testResults: [file] }));
  const { stdout } = await run(process.execPath, [script, path, '1']);
  expect(stdout).toBe('Failed: a.test.ts\n    Cannot find module b\n0 1\n');
});

test('a file whose hooks failed counts as one failure, and is named with the reason', async () => {
  const path = join(folder, 'hooks.json');
  const assertionResults = [{ fullName: 'test 0', status: 'passed', failureMessages: [] }];
  const file = { name: 'a.test.ts', status: 'failed', assertionResults, message: 'lost an original' };
  await writeFile(path, JSON.stringify({ testResults: [file] }));
  const { stdout } = await run(process.execPath, [script, path, '1']);
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

test('a file that passes when it runs again counts as passed; what failed in it is named all the same', async () => {
  const first = await report('first.json', { a: ['passed', 'failed'], b: ['failed'], c: ['passed'] });
  const second = await report('second.json', { a: ['passed', 'passed'], b: ['failed'] });
  expect(await said('--failed-files', first)).toEqual(['a', 'b']);
  expect(await said(first, '1', second, '1')).toEqual([
    'Not when its file ran again alone: Failed: a: test 1',
    ...beginning,
    'Failed: b: test 0',
    ...beginning,
    '3 1',
  ]);
  const good = await report('good.json', { a: ['passed', 'passed'], b: ['passed'] });
  expect((await said(first, '1', good, '0')).at(-1)).toBe('4 0');
});

test.each([
  ['wrote no report', 'none.json', '1'],
  ['ran something else', 'other.json', '0'],
  ['left the test out', 'skipped.json', '0'],
  ['passed, but ended with an error', 'passed.json', '1'],
])('a second run that %s settles nothing', async (_what, file, exitCode) => {
  const first = await report('first.json', { a: ['failed'] });
  await report('other.json', { b: ['passed'] });
  await report('skipped.json', { a: ['skipped'] });
  await report('passed.json', { a: ['passed'] });
  const [passed, failed] = (await said(first, '1', join(folder, file), exitCode)).at(-1)!.split(' ');
  expect({ failed }).toEqual({ failed: '1' });
  expect(Number(passed)).toBeLessThanOrEqual(1);
});
