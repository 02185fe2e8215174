import { expect, vi } from 'vitest';
import { runCommand } from '../commands/run-command.ts';
import { patience } from '../support/patience.ts';
import type { Outcome } from '../support/run-source.ts';
import { sectionsOf } from './documented-lines.ts';

/** The lines of a situation of docs/on-call.md, which a story says one after the other. */
export interface Situation {
  /** Those that are left to be said. */
  readonly left: readonly string[];
  /** The next line, which is to begin so. */
  readonly next: (beginning: string) => string;
  /** Says the next line, one of ours, which ends well. @param written what of it stands for something else here */
  readonly say: (beginning: string, written?: readonly [string, string]) => Promise<Outcome>;
  /** The same, with another exit code than 0. */
  readonly sayInVain: (beginning: string) => Promise<Outcome>;
}

const situations = sectionsOf('docs/on-call.md');

/** @param env where all of it is, as the settings' environment variables */
export function beginSituation(name: string, env: () => Readonly<Record<string, string>>): Situation {
  const found = situations.get(name);
  expect(found, `docs/on-call.md has no situation “${name}”`).toBeDefined();
  const left = [...found!];
  const next = (beginning: string): string => {
    const line = left.shift();
    expect(line?.startsWith(beginning), `${line}: expected ${beginning}`).toBe(true);
    return line!;
  };
  return {
    left,
    next,
    async say(beginning, [from, to] = ['', '']) {
      const line = next(`artwork-reconciler ${beginning}`).replace(from, to);
      // `check` gives Temporal three seconds, which is not always enough for a busy machine.
      return beginning === 'check' ? vi.waitFor(() => runLine(line, env()), patience) : runLine(line, env());
    },
    sayInVain: async (beginning) => runLine(next(`artwork-reconciler ${beginning}`), env(), 1),
  };
}

/** A command of ours, as a shell takes it, in this process. */
export async function runLine(line: string, env: Readonly<Record<string, string>>, code = 0): Promise<Outcome> {
  const words = [...line.matchAll(/'([^']*)'|\S+/g)].map(([word, quoted]) => quoted ?? word);
  const outcome = await runCommand(words.slice(1), env);
  expect(outcome.code, `${line}\n${outcome.stdout}${outcome.stderr}`).toBe(code);
  return outcome;
}
