import { closeSync, existsSync, openSync } from 'node:fs';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findFreePort } from '../../src/embedded/free-port.ts';
import { outcome, runSource, startSource, type Outcome } from '../support/run-source.ts';
import { cli, runCommand as run } from './run-command.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ar-cli-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** One line on standard error, nothing on standard output. */
function expectOneLine({ stdout, stderr }: Outcome): string {
  expect(stdout).toBe('');
  expect(stderr).toMatch(/^Error: [^\n]+\n$/);
  return stderr;
}

// A device on which there is never any room; Linux has it.
describe.runIf(existsSync('/dev/full'))('a full disk', () => {
  const onFullDisk = async (file: string, ...args: string[]): Promise<Outcome> => {
    const full = openSync('/dev/full', 'w');
    try {
      return await outcome(startSource(file, args, {}, undefined, full));
    } finally {
      closeSync(full);
    }
  };

  test('under what a command prints: one line, and exit code 1', async () => {
    const { code, stderr } = await onFullDisk(cli, '--help');
    expect([code, stderr]).toEqual([1, "Error: the output can't be written (ENOSPC): it is not complete\n"]);
  });

  test('under the log: what writes it continues', async () => {
    const file = join(folder, 'logs.mjs');
    const log = pathToFileURL(resolve(import.meta.dirname, '../../src/logging/log.ts')).href;
    await writeFile(
      file,
      `import { log } from '${log}';
       for (let line = 0; line < 3; line += 1) log.info('a line');
       process.exitCode = 7;`,
    );
    expect(await onFullDisk(file)).toMatchObject({ code: 7, stderr: '' });
  });
});

describe('wrong usage ends with exit code 2 and one line', () => {
  test.each([
    [['migrat'], "unknown command 'migrat' (Did you mean migrate?)"],
    [['--cofnig', 'x', 'migrate'], "unknown option '--cofnig'"],
    [['migrate', 'staus'], 'Did you mean status?'],
    [['reviews', 'list', '--status', 'wont-fix'], 'Did you mean wont_fix?'],
    [['events', 'list', '--state', 'failed', 'runing'], 'Did you mean running?'],
    [['schedule', 'release', 'braeker'], 'Did you mean breaker?'],
    [['migrate', 'sideways'], "'sideways' is invalid for argument 'direction'"],
    [['migrate', 'up', 'down'], 'too many arguments'],
    [['migrate', '--config'], 'argument missing'],
    [['simulator', '--listen', 'everywhere'], '--listen takes host:port'],
    [['simulator', '--seed', 'x'], '--seed takes a whole number'],
  ])('%j', async (args, message) => {
    const outcome = await run(args);
    expect(expectOneLine(outcome)).toContain(message);
    expect(outcome.code).toBe(2);
  });

  test('no command at all: what there is, on standard error', async () => {
    const { code, stdout, stderr } = await run([]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^Usage: artwork-reconciler[\s\S]*\n {2}migrate /);
  });
});

test('--help of the program and of a command, and --version, are answers and no errors', async () => {
  const outcomes = await Promise.all([run(['--help']), run(['migrate', '--help']), run(['--version'])]);
  expect(outcomes.map(({ code, stderr }) => [code, stderr])).toEqual([
    [0, ''],
    [0, ''],
    [0, ''],
  ]);
  expect(outcomes[1].stdout).toMatch(/^Usage: artwork-reconciler migrate/);
  expect(outcomes[2].stdout).toMatch(/^\d+\.\d+\.\d+ \(commit ([0-9a-f]{40}|unknown)\)\n$/);
});

describe('what can’t be done ends with exit code 1 and one line', () => {
  test('a wrong configuration value: key, what it got, what it takes', async () => {
    const file = join(folder, 'config.ini');
    await writeFile(file, '[audit]\nmode = everything\n');
    const outcome = await run(['migrate', 'status', '--config', file]);
    expect(expectOneLine(outcome)).toContain(`(${file}): [audit] mode takes report or repair; it got "everything"`);
    expect(outcome.code).toBe(1);
  });

  test('a configuration that isn’t there', async () => {
    const outcome = await run(['--config', join(folder, 'none.ini'), 'migrate']);
    expect(expectOneLine(outcome)).toContain("none.ini): can't be read: ENOENT");
    expect(outcome.code).toBe(1);
  });

  test('a database that nobody answers for: its address, not its password', async () => {
    const port = await findFreePort();
    for (const host of ['127.0.0.1', 'localhost']) {
      const outcome = await run(['migrate'], { DATABASE_URL: `postgres://me:sesame@${host}:${port}/mb` });
      const line = expectOneLine(outcome);
      expect(line).toContain(`The database mb at ${host}:${port} can't be reached: connect ECONNREFUSED`);
      expect(line).not.toContain('sesame');
      expect(outcome.code).toBe(1);
    }
  });

  test('DEBUG adds where it happened', async () => {
    const { stderr } = await run(['--config', join(folder, 'none.ini'), 'migrate'], { DEBUG: '1' });
    expect(stderr).toMatch(/\n {4}at /);
  });
});

test('as a process: the same lines, and the exit code is the shell’s', async () => {
  expect(await runSource(cli, ['migrat'])).toEqual({ ...(await run(['migrat'])), code: 2, signal: null });
  expect(await runSource(cli, ['--version'])).toEqual({ ...(await run(['--version'])), code: 0, signal: null });
});

test('the executable without a build says how to build', async () => {
  await cp(resolve(import.meta.dirname, '../../bin'), join(folder, 'bin'), { recursive: true });
  await cp(resolve(import.meta.dirname, '../../package.json'), join(folder, 'package.json'));
  const outcome = await runSource(join(folder, 'bin', 'artwork-reconciler.js'), ['--version']);
  expect(expectOneLine(outcome)).toContain('npm run build');
  expect(outcome.code).toBe(1);
});

// Who is not root can't become somebody else.
test.runIf(process.getuid?.() === 0)(
  'a user without a name is called what its environment says, or its number',
  async () => {
    const file = join(folder, 'nameless.ts');
    const module = pathToFileURL(resolve(import.meta.dirname, '../../src/config/config.ts')).href;
    await writeFile(
      file,
      `import { loginName } from ${JSON.stringify(module)};
     process.setuid(54321);
     console.log([loginName({}), loginName({ USER: 'user' }), loginName({ LOGNAME: 'login', USER: 'user' })].join());`,
    );
    expect(await runSource(file)).toMatchObject({ code: 0, stdout: 'user 54321,user,login\n', stderr: '' });
  },
);
