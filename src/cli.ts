import { Command } from 'commander';
import { exitCodes, reportError } from './commands/errors.ts';
import { addAudit } from './commands/audit.ts';
import { addBackfill } from './commands/backfill.ts';
import { addDemo } from './commands/demo.ts';
import { addIndex } from './commands/index-entity.ts';
import { addMigrate } from './commands/migrate.ts';
import { addSimulator } from './commands/simulator.ts';
import { addWorker } from './commands/worker.ts';
import { version } from './version.ts';

/** Each adds one command; help lists them in this order. */
const commands: readonly ((program: Command) => void)[] = [
  addWorker,
  addMigrate,
  addDemo,
  addAudit,
  addIndex,
  addBackfill,
  addSimulator,
];

/** Runs the command that the arguments name; returns the exit code. */
async function main(args: readonly string[]): Promise<number> {
  const program = new Command('artwork-reconciler')
    .description('Keeps the Cover Art Archive and the Event Art Archive in step with MusicBrainz.')
    .version(version)
    .option('--config <file>', 'the configuration; config.ini of the working folder otherwise')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      // A suggestion comes on a line of its own; an error is one line.
      outputError: (text, write) =>
        write(
          `${text
            .replace(/^error: /, 'Error: ')
            .trim()
            .replace(/\n/g, ' ')}\n`,
        ),
    });
  for (const add of commands) add(program);
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

process.exitCode = await main(process.argv.slice(2));
