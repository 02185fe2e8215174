import { type Argument, type Command, CommanderError, InvalidArgumentError, type Option } from 'commander';
import { inOneLine, printLines } from '../terminal/terminal.ts';
import { didYouMean } from '../wording/did-you-mean.ts';

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

/** Has a command, and those below it, say which of its words was probably meant where it is given one that it doesn't take. */
export function suggestWords(command: Command): void {
  for (const each of [...command.options, ...command.registeredArguments]) suggestWordsOf(each);
  for (const below of command.commands) suggestWords(below);
}

function suggestWordsOf(given: Argument | Option): void {
  const { argChoices, parseArg } = given;
  if (argChoices === undefined || parseArg === undefined) return;
  given.argParser((text: string, before: unknown) => {
    try {
      return parseArg.call<unknown, [string, never], unknown>(given, text, before as never);
    } catch (error) {
      if (!(error instanceof InvalidArgumentError)) throw error;
      throw new InvalidArgumentError(`${error.message}${didYouMean(text, argChoices)}`);
    }
  });
}
