import { spawn, type ChildProcess } from 'node:child_process';

/** Lets plain Node run src/ as it is: processes that tests start don't depend on a build. */
export const loader = import.meta.resolve('tsx');

export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Starts a TypeScript file in a Node process of its own; `input` is what it reads from standard input, `output` the open
 * file that its standard output goes to instead of to us.
 */
export function startSource(
  file: string,
  args: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
  input?: string,
  output?: number,
): ChildProcess {
  const child = spawn(process.execPath, ['--import', loader, file, ...args], {
    // Nothing of the surroundings that would configure the program.
    env: { PATH: process.env.PATH, HOME: process.env.HOME, TMPDIR: process.env.TMPDIR, ...env },
    stdio: [input === undefined ? 'ignore' : 'pipe', output ?? 'pipe', 'pipe'],
  });
  child.stdin?.end(input);
  return child;
}

/** What such a process says and how it ends. */
export async function runSource(
  file: string,
  args: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
  input?: string,
): Promise<Outcome> {
  return outcome(startSource(file, args, env, input));
}

export async function outcome(child: ChildProcess): Promise<Outcome> {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}
