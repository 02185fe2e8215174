import { CommanderError } from 'commander';
import { inOneLine } from '../terminal/in-one-line.ts';
import { printLines } from '../terminal/terminal.ts';

/** What was asked for can't be understood or makes no sense: exit code 2, as for an unknown option. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Exit codes (interface page, "Commands"). */
export const exitCodes = { done: 0, failed: 1, wrongUsage: 2 } as const;

/**
 * Prints an error as one line on standard error and returns the exit code that fits. The stack is printed only where
 * the environment variable DEBUG is set: an operator's mistake is no crash.
 */
export function reportError(error: unknown, env: NodeJS.ProcessEnv): number {
  if (error instanceof CommanderError) {
    // --help and --version end this way too. What went wrong otherwise is printed already.
    return error.exitCode === 0 ? exitCodes.done : exitCodes.wrongUsage;
  }
  printLines([`Error: ${inOneLine(error)}`], process.stderr);
  if (env.DEBUG) printLines((error instanceof Error ? (error.stack ?? '') : String(error)).split('\n'), process.stderr);
  return error instanceof UsageError ? exitCodes.wrongUsage : exitCodes.failed;
}
