import { setTimeout as wait } from 'node:timers/promises';
import { Argument, type Command } from 'commander';
import { backfillSources, type BackfillProgress, type BackfillSource } from '../activities/backfill.ts';
import { startBackfill } from '../starters/backfill.ts';
import { openTemporal, readTemporalConfig } from '../temporal.ts';
import { configOf } from './configuration.ts';

interface Options {
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly detach?: boolean;
}

/** How often a running backfill is asked how far it is. Milliseconds. */
const askInterval = 500;

export function addBackfill(program: Command): void {
  program
    .command('backfill')
    .description(
      'Adds what MusicBrainz names: `musicbrainz`, every release and event that has art or had it; `redirects`, MBIDs ' +
        'that were merged or deleted. Runs in the workers: stopping this command stops watching it, and no more. What is ' +
        'known already is left alone.',
    )
    .addArgument(new Argument('<source>').choices(backfillSources))
    .option('--dry-run', 'count what would be added, and add nothing')
    .option('--detach', 'start it and do not wait')
    .option('--json', 'print one JSON object at the end')
    .action(async (source: BackfillSource, options: Options, command: Command) => {
      configOf(command);
      const temporal = await openTemporal(readTemporalConfig());
      try {
        const handle = await startBackfill(temporal, { source, dryRun: options.dryRun ?? false });
        if (options.detach) return void process.stdout.write(`started: workflow ${handle.workflowId}\n`);
        let ended = false;
        const result = handle.result().finally(() => (ended = true));
        const watch = async (): Promise<void> => {
          while (!ended) {
            const progress = await handle.query<BackfillProgress, []>('progress').catch(() => null);
            if (progress !== null) process.stderr.write(`${describe(progress)}\n`);
            await Promise.race([result.catch(() => undefined), wait(askInterval)]);
          }
        };
        const [total] = await Promise.all([result, watch()]);
        process.stdout.write(options.json ? `${JSON.stringify(total)}\n` : `${describe(total)}: done\n`);
      } finally {
        await temporal.connection.close();
      }
    });
}

function describe({ seen, added, known }: BackfillProgress): string {
  return `${seen} seen, ${added} new, ${known} known`;
}
