import { exitCodes } from './commands/errors.ts';
import { runProgram } from './program.ts';

// Whoever reads our output may stop reading (`| head`): then there is nothing left to say.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitCodes.done);
  throw error;
});

// A worker's code takes a second to load, more on a busy machine. A SIGHUP then means: read the configuration, which it is
// about to do. Unless caught it would end the process.
if (process.argv.includes('worker')) process.on('SIGHUP', () => undefined);

process.exitCode = await runProgram(process.argv.slice(2));
