import type { Command } from 'commander';
import { exitCodes, reportError } from './commands/errors.ts';
import { openProgram } from './program.ts';

/** Runs the command that the arguments name; returns the exit code. */
async function main(args: readonly string[]): Promise<number> {
  // The command that is meant stands somewhere among the arguments.
  const program = await openProgram(args);
  try {
    if (args.length === 0) return showHelp(program);
    await program.parseAsync(args, { from: 'user' });
    return exitCodes.done;
  } catch (error) {
    return reportError(error, process.env);
  }
}

function showHelp(program: Command): number {
  program.outputHelp({ error: true });
  return exitCodes.wrongUsage;
}

// Whoever reads our output may stop reading (`| head`): then there is nothing left to say.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitCodes.done);
  throw error;
});

// A worker's code takes a second to load, more on a busy machine. A SIGHUP then means: read the configuration, which it is
// about to do. Unless caught it would end the process.
if (process.argv.includes('worker')) process.on('SIGHUP', () => undefined);

process.exitCode = await main(process.argv.slice(2));
