import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { runCommand } from '../commands/run-command.ts';
import { patience } from '../support/patience.ts';
import { loader } from '../support/run-source.ts';

let folder: string;
let file: string;
let children: ChildProcess[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ar-pid-'));
  file = join(folder, 'worker.pid');
  children = [];
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

const source = pathToFileURL(resolve(import.meta.dirname, '../../src/lifetime/pid-file.ts')).href;

interface Holder {
  readonly child: ChildProcess;
  /** Its lines so far: `taken`, `hup`, or why it is refused. */
  readonly lines: string[];
  readonly ended: Promise<unknown>;
}

/** A process that takes the file and stays until SIGTERM; `deaf` to that, until it is killed. */
async function hold({ deaf = false } = {}): Promise<Holder> {
  const child = spawn(
    process.execPath,
    [
      '--import',
      loader,
      '--input-type=module',
      '-e',
      `import { takePidFile } from ${JSON.stringify(source)};
       process.on('SIGHUP', () => console.log('hup'));
       process.on('SIGTERM', () => ${deaf ? "console.log('deaf')" : 'process.exit()'});
       try { takePidFile(${JSON.stringify(file)}, '[worker] pid_file'); } catch (error) { console.log(error.message); process.exit(1); }
       console.log('taken');
       setInterval(() => undefined, 1e6);`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  children.push(child);
  const lines: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => lines.push(...text.trimEnd().split('\n')));
  const ended = once(child, 'close');
  await vi.waitFor(() => expect(lines).not.toEqual([]), patience);
  return { child, lines, ended };
}

const control = (...args: string[]) => runCommand([...args, '--config', '/dev/null'], { WORKER_PID_FILE: file });

test('names the process while it runs, is refused to another one meanwhile, and is gone with it', async () => {
  const { child, ended } = await hold();
  expect(readFileSync(file, 'utf8')).toBe(`${child.pid}\n`);
  const other = await hold();
  expect(other.lines).toEqual([
    `[worker] pid_file: ${file} names process ${child.pid}, which is running; nothing was started`,
  ]);
  expect(readFileSync(file, 'utf8')).toBe(`${child.pid}\n`);
  child.kill('SIGTERM');
  await ended;
  expect(readdirSync(folder)).toEqual([]);
});

test.each([
  [
    'that a killed process left',
    async () => {
      const { child, ended } = await hold();
      child.kill('SIGKILL');
      await ended;
    },
  ],
  [
    'whose number another process has by now',
    async () => {
      await writeFile(file, `${process.pid}\n`);
      await utimes(file, 1, 1);
    },
  ],
  ['that is cut short', async () => writeFile(file, '')],
])('a file %s is replaced, by one of several that want it', async (_, leave) => {
  await leave();
  const holders = await Promise.all([hold(), hold(), hold()]);
  const taken = holders.filter(({ lines }) => lines[0] === 'taken');
  expect(taken.map(({ child }) => `${child.pid}\n`)).toEqual([readFileSync(file, 'utf8')]);
  expect(readdirSync(folder)).toEqual(['worker.pid']);
});

test('reload has the process read its configuration again; stop waits until it has ended', async () => {
  const { child, lines, ended } = await hold();
  expect(await control('reload')).toMatchObject({ code: 0, stderr: '' });
  await vi.waitFor(() => expect(lines).toEqual(['taken', 'hup']), patience);
  const stopped = await control('stop', '--timeout', '60');
  expect(stopped).toMatchObject({ code: 0, stdout: `The worker, process ${child.pid}, has ended\n`, stderr: '' });
  await ended;

  expect(await control('stop')).toMatchObject({
    code: 0,
    stdout: '',
    stderr: `No worker is running by ${file}: there is nothing to stop\n`,
  });
  expect(await control('reload', 'worker')).toMatchObject({
    code: 1,
    stderr: `Error: no worker is running by ${file}: nothing was read again\n`,
  });
});

test('stop says which process goes on after its patience, and kills nothing', async () => {
  const { child } = await hold({ deaf: true });
  const { code, stderr } = await control('stop', '--timeout', '1');
  expect(code).toBe(1);
  expect(stderr).toBe(
    `Error: the worker, process ${child.pid}, has not ended within 1 s: it is stopping still, and was not killed\n`,
  );
  expect(child.exitCode).toBeNull();
  expect(existsSync(file)).toBe(true);
});

test.each(['reload', 'stop'])(
  '%s where no file is configured, or none can be: says so, with exit code 1',
  async (name) => {
    const { code, stderr } = await runCommand([name, 'dashboard', '--config', '/dev/null']);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^Error: \[dashboard\] pid_file is not set, so that nothing tells which process is meant: .*\n$/,
    );
    expect(await control(name, 'wroker')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Did you mean worker?') as string,
    });
  },
);

test('a file that can’t be written is named', async () => {
  file = join(folder, 'no', 'such', 'folder.pid');
  expect((await hold()).lines).toEqual([`[worker] pid_file: ${file} can't be written (ENOENT); nothing was started`]);
});
