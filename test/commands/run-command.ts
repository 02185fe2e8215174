import { resolve } from 'node:path';
import { runSource, type Outcome } from '../support/run-source.ts';

export const cli = resolve(import.meta.dirname, '../../src/cli.ts');

/** Runs the program in a process of its own, as a shell does. */
export function runCommand(args: readonly string[], env: NodeJS.ProcessEnv = {}, input?: string): Promise<Outcome> {
  return runSource(cli, args, env, input);
}

/** What a command printed under `--json`, one object a line. */
export function parseLines<Line>({ stdout }: Outcome): Line[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
}
