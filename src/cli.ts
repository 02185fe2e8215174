import { exitCodes } from './commands/errors.ts';
import { runProgram } from './program.ts';
import { printLines } from './terminal/terminal.ts';

// Whoever reads our output may stop reading (`| head`): then there is nothing left to say.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitCodes.done);
  printLines(
    [`Error: the output can't be written (${error.code ?? error.message}): it is not complete`],
    process.stderr,
  );
  process.exit(exitCodes.failed);
});
// Then nothing more can be said at all; what is being done goes on.
process.stderr.on('error', () => undefined);

// A worker's code takes a second to load, more on a busy machine. A SIGHUP then means: read the configuration, which it is
// about to do. Unless caught it would end the process.
if (process.argv.includes('worker')) process.on('SIGHUP', () => undefined);

process.exitCode = await runProgram(process.argv.slice(2));
