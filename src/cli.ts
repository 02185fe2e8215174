import { Command } from 'commander';
import { exitCodes, reportError, suggestWords } from './commands/errors.ts';
import { printLines, visible } from './terminal/terminal.ts';
import { commit, version } from './version.ts';

/** A command as the list of commands shows it; what it needs is loaded only where it is asked for. */
interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<(program: Command, named: readonly string[]) => Promise<void> | void>;
}

/** Help lists them in this order. */
const entries: readonly CommandEntry[] = [
  {
    name: 'worker',
    summary: 'carry out events and audits, until stopped',
    load: async () => (await import('./commands/worker.ts')).addWorker,
  },
  {
    name: 'migrate',
    summary: "make or update this program's tables",
    load: async () => (await import('./commands/migrate.ts')).addMigrate,
  },
  {
    name: 'adopt',
    summary: 'take a copied or moved database for what it is',
    load: async () => (await import('./commands/adopt.ts')).addAdopt,
  },
  {
    name: 'dashboard',
    summary: "the operators' pages",
    load: async () => (await import('./commands/dashboard.ts')).addDashboard,
  },
  {
    name: 'reload',
    summary: 'have a running worker or dashboard read its configuration again',
    load: async () => (await import('./commands/control.ts')).addReload,
  },
  {
    name: 'stop',
    summary: 'stop a running worker or dashboard',
    load: async () => (await import('./commands/control.ts')).addStop,
  },
  {
    name: 'demo',
    summary: 'see it work: everything embedded, nothing outside this machine',
    load: async () => (await import('./commands/demo.ts')).addDemo,
  },
  {
    name: 'audit',
    summary: 'audit entities here and now, and change nothing',
    load: async () => (await import('./commands/audit.ts')).addAudit,
  },
  {
    name: 'index',
    summary: 'queue an index event',
    load: async () => (await import('./commands/index-entity.ts')).addIndex,
  },
  {
    name: 'backfill',
    summary: 'add entities to those that are audited',
    load: async () => (await import('./commands/backfill.ts')).addBackfill,
  },
  {
    name: 'import',
    summary: 'add the entities that files name to those that are audited',
    load: async () => (await import('./commands/import.ts')).addImport,
  },
  {
    name: 'scan',
    summary: 'add the items that the archive lists',
    load: async () => (await import('./commands/scan.ts')).addScan,
  },
  {
    name: 'status',
    summary: 'show how everything stands, and what was done',
    load: async () => (await import('./commands/status.ts')).addStatus,
  },
  {
    name: 'schedule',
    summary: 'show and set the pace of audits, pause and resume them',
    load: async () => (await import('./commands/schedule.ts')).addSchedule,
  },
  {
    name: 'events',
    summary: 'list, requeue, dismiss, pause and resume indexer events',
    load: async () => (await import('./commands/events.ts')).addEvents,
  },
  {
    name: 'repairs',
    summary: 'pause and resume what audits queued',
    load: async () => (await import('./commands/repairs.ts')).addRepairs,
  },
  {
    name: 'undo',
    summary: 'take back what one recorded action did',
    load: async () => (await import('./commands/undo.ts')).addUndo,
  },
  {
    name: 'bulk',
    summary: 'list, show, follow and stop what is done to many rows at once',
    load: async () => (await import('./commands/bulk.ts')).addBulk,
  },
  {
    name: 'check',
    summary: 'check that everything this program needs is there',
    load: async () => (await import('./commands/check.ts')).addCheck,
  },
  {
    name: 'health',
    summary: 'ask a running process whether it is alive',
    load: async () => (await import('./commands/health.ts')).addHealth,
  },
  {
    name: 'entities',
    summary: 'list the entities that are audited',
    load: async () => (await import('./commands/entities.ts')).addEntities,
  },
  {
    name: 'reviews',
    summary: 'list, show, resolve and reopen what waits for a person',
    load: async () => (await import('./commands/reviews.ts')).addReviews,
  },
  {
    name: 'plan',
    summary: 'show what repair mode would do about what report mode has found',
    load: async () => (await import('./commands/plan.ts')).addPlan,
  },
  {
    name: 'export',
    summary: 'list entities by what their newest audit found',
    load: async () => (await import('./commands/export.ts')).addExport,
  },
  {
    name: 'simulator',
    summary: 'run a simulated archive.org',
    load: async () => (await import('./commands/simulator.ts')).addSimulator,
  },
];

/** The names of all commands. */
export const commandNames: readonly string[] = entries.map(({ name }) => name);

/** Runs the command that the arguments name, as a shell would: what it prints is on the standard streams. Returns the exit code. */
export async function runProgram(args: readonly string[]): Promise<number> {
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

/**
 * The program with its commands, to be given the arguments. Only what stands among `named` can be run; of the other
 * commands there is no more than the list shows: loading all of them takes most of a second.
 */
export async function openProgram(named: readonly string[]): Promise<Command> {
  const program = new Command('artwork-reconciler')
    .description('Keeps the Cover Art Archive and the Event Art Archive in step with MusicBrainz.')
    .version(named.includes('--version') || named.includes('-V') ? `${version} (commit ${commit()})` : version)
    .option('--config <file>', 'the configuration; config.ini of the working folder otherwise')
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
    .configureOutput({
      // A suggestion comes on a line of its own; an error is one line.
      outputError: (text, write) =>
        write(
          `${visible(
            text
              .replace(/^error: /, 'Error: ')
              .trim()
              .replace(/\n/g, ' '),
          )}\n`,
        ),
    });
  for (const { name, summary, load } of entries) {
    if (named.includes(name)) await (await load())(program, named);
    else program.command(name);
    program.commands.at(-1)?.summary(summary);
  }
  suggestWords(program);
  return program;
}

// Whoever reads our output may stop reading (`| head`): then there is nothing left to say.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitCodes.done);
  printLines(
    [`Error: the output can't be written (${error.code ?? error.message}): it is not complete`],
    process.stderr,
  );
  process.exit(exitCodes.failed);
});
// Then nothing more can be said at all; what is being done continues.
process.stderr.on('error', () => undefined);

// A worker's code takes a second to load, more on a busy machine. A SIGHUP then means: read the configuration, which it is
// about to do. Unless caught it would end the process.
if (process.argv.includes('worker')) process.on('SIGHUP', () => undefined);

process.exitCode = await runProgram(process.argv.slice(2));
