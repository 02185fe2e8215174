import { spawn, type ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, vi } from 'vitest';
import { patience } from './patience.ts';

/** As `npm run build` left it: what a deployment runs. */
const executable = resolve(import.meta.dirname, '../../bin/artwork-reconciler.js');

export interface ExecutableOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** A process group of its own, which a signal can be sent to as a terminal's Ctrl-C is. */
  readonly group?: boolean;
  /** What the command begins with, whose place the process takes: `ip netns exec`. */
  readonly prefix?: readonly string[];
}

/** How a process ended. */
interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** `artwork-reconciler` as a process of its own. */
export interface Executable {
  readonly pid: number;
  readonly exit: Promise<Exit>;
  /** What it has printed so far. */
  stdout(): string;
  stderr(): string;
  kill(signal: NodeJS.Signals): void;
  /** To all processes of its group, where it has one of its own. */
  killGroup(signal: NodeJS.Signals): void;
  /** Waits until it has printed what matches, on either stream; gives up when it ends before. */
  untilPrinted(what: RegExp): Promise<RegExpExecArray>;
}

/** Those that this test file has started and that may still run. */
const started = new Set<ChildProcess>();

/** Starts `artwork-reconciler` with these arguments and none of this process' settings. */
export function startExecutable(
  args: readonly string[],
  { env, group, prefix = [] }: ExecutableOptions = {},
): Executable {
  const { PATH, HOME, TMPDIR } = process.env;
  const [command = '', ...words] = [...prefix, process.execPath, executable, ...args];
  const child = spawn(command, words, {
    env: { PATH, HOME, TMPDIR, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: group === true,
  });
  started.add(child);
  const printed = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (printed.stderr += text));
  const exit = new Promise<Exit>((done, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      started.delete(child);
      done({ code, signal });
    });
  });
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const pid = child.pid ?? 0;
  return {
    pid,
    exit,
    stdout: () => printed.stdout,
    stderr: () => printed.stderr,
    kill: (signal) => void child.kill(signal),
    killGroup: (signal) => void (hasEnded() || process.kill(-pid, signal)),
    untilPrinted: (what) =>
      vi.waitFor(
        () => {
          const all = `${printed.stdout}\n${printed.stderr}`;
          const match = what.exec(all);
          if (match === null && hasEnded()) expect.fail(`it ended without having printed ${what}:\n${all}`);
          if (match === null) throw new Error(`it has not printed ${what} yet; so far:\n${all}`);
          return match;
        },
        { timeout: 120_000, interval: 20 },
      ),
  };
}

/** Kills what a failed test has left running. */
export async function endExecutables(): Promise<void> {
  for (const child of started) child.kill('SIGKILL');
  await vi.waitFor(() => expect(started.size).toBe(0), patience);
}
