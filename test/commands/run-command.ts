import { AsyncLocalStorage } from 'node:async_hooks';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { runProgram } from '../../src/cli.ts';
import type { Outcome } from '../support/run-source.ts';

/** The program's source, for `startSource`. */
export const cli = resolve(import.meta.dirname, '../../src/cli.ts');

/** The surroundings of a command that runs in this process, and what it has printed. */
interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: Readable;
  stdout: string;
  stderr: string;
}

const running = new AsyncLocalStorage<Surroundings>();

/**
 * Runs the program in this process, with these variables as its whole environment and `input` as its standard input:
 * where only what it prints, its exit code and its effects are at stake. Several may run side by side. What depends on a
 * process (signals, pipes, how it ends) starts one: `startSource`, `startExecutable`.
 */
export async function runCommand(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  input: string | Iterable<string> = [],
): Promise<Outcome> {
  standIn();
  const { PATH, HOME, TMPDIR } = realEnv;
  const surroundings = { env: { PATH, HOME, TMPDIR, ...env }, stdin: Readable.from(input), stdout: '', stderr: '' };
  const code = await running.run(surroundings, () => runProgram(args));
  return { code, signal: null, stdout: surroundings.stdout, stderr: surroundings.stderr };
}

const realEnv = process.env;
let standsIn = false;

/** From now on, who runs in a command's surroundings sees those, everybody else this process'. */
function standIn(): void {
  if (standsIn) return;
  standsIn = true;
  const realStdin = Object.getOwnPropertyDescriptor(process, 'stdin')!;
  Object.defineProperty(process, 'env', { configurable: true, get: () => running.getStore()?.env ?? realEnv });
  Object.defineProperty(process, 'stdin', {
    configurable: true,
    get: () => running.getStore()?.stdin ?? (realStdin.get?.call(process) as NodeJS.ReadStream),
  });
  for (const name of ['stdout', 'stderr'] as const) {
    const stream = process[name];
    const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
    stream.write = (chunk: Uint8Array | string, ...rest: unknown[]): boolean => {
      const surroundings = running.getStore();
      if (surroundings === undefined) return write(chunk, ...rest);
      surroundings[name] += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
      return true;
    };
  }
}

/** What a command printed under `--json`, one object a line. */
export function parseLines<Line>({ stdout }: Outcome): Line[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
}
