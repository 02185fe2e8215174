import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { expect, vi } from 'vitest';
import { runCommand } from '../commands/run-command.ts';
import { patience } from '../support/patience.ts';
import type { Sandbox } from './sandbox.ts';
import { substitutions } from './tables.ts';

/** A line of the docs that is being run. */
export interface RunningLine {
  /** What it has printed so far, on both streams. */
  printed(): string;
  /** Waits until it has printed what matches; gives up when it ends before. */
  untilPrinted(what: RegExp): Promise<RegExpExecArray>;
  kill(signal: NodeJS.Signals): void;
  /** Waits for its end, and expects that it is a good one. */
  expectDone(): Promise<void>;
}

/** Those that this test file has started and that may still run. */
const started = new Set<ChildProcess>();

/**
 * A line that is a command of ours and asks nothing of a shell is run in this process, in the folder with the files that
 * the docs name: what it prints and does is at stake, and most lines are of this kind. Expects that it ends well.
 *
 * @returns false where the line is none of these, and nothing was run
 */
export async function runPlainLine(
  line: string,
  sandbox: Sandbox,
  env: Readonly<Record<string, string>>,
): Promise<boolean> {
  const args = /^(?:npx )?artwork-reconciler ((?:[^'"|&;<>$]|'[^']*')*)$/.exec(substituted(line))?.[1];
  if (args === undefined) return false;
  const before = process.cwd();
  process.chdir(sandbox.folder);
  try {
    const words = [...args.matchAll(/'([^']*)'|\S+/g)].map(([word, quoted]) => quoted ?? word);
    const outcome = await runCommand(words, env);
    expect(outcome.code, `${line}\n${outcome.stdout}${outcome.stderr}`).toBe(0);
  } finally {
    process.chdir(before);
  }
  return true;
}

function substituted(line: string): string {
  return substitutions.reduce((text, { written, run }) => text.replace(written, run), line);
}

/** Runs a line as a shell does, in a folder with the files that the docs name. */
export function startLine(line: string, sandbox: Sandbox, env: Readonly<Record<string, string>>): RunningLine {
  const run = substituted(line);
  const { PATH, HOME, TMPDIR } = process.env;
  // A signal is for the program, not for a shell around it.
  const child = spawn('sh', ['-c', /[|&;]/.test(run) ? run : `exec ${run}`], {
    cwd: sandbox.folder,
    env: { HOME, TMPDIR, PATH: `${sandbox.programs}:${PATH}`, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.add(child);
  let printed = '';
  const take = (text: string): void => void (printed += text);
  child.stdout.setEncoding('utf8').on('data', take);
  child.stderr.setEncoding('utf8').on('data', take);
  const closed = once(child, 'close').finally(() => started.delete(child));
  return {
    printed: () => printed,
    kill: (signal) => void child.kill(signal),
    async expectDone() {
      const [code, signal] = (await closed) as [number | null, NodeJS.Signals | null];
      expect({ code, signal }, `${run}\n${printed}`).toEqual({ code: 0, signal: null });
    },
    untilPrinted: (what) =>
      vi.waitFor(
        () => {
          const match = what.exec(printed);
          if (match === null && child.exitCode !== null) {
            expect.fail(`${run} ended without having printed ${what}:\n${printed}`);
          }
          if (match === null) throw new Error(`${run} has not printed ${what} yet; so far:\n${printed}`);
          return match;
        },
        { timeout: 170_000, interval: 20 },
      ),
  };
}

/** Kills what a failed test has left running. */
export async function endLines(): Promise<void> {
  for (const child of started) child.kill('SIGKILL');
  await vi.waitFor(() => expect(started.size).toBe(0), patience);
}
