import { Argument, type Command } from 'commander';
import { type BackfillProgress, type BackfillSource, backfillSources } from '../activities/backfill.ts';
import { startBackfill } from '../starters/backfill.ts';
import { configOf } from './configuration.ts';
import { openFeedingProgress, sayIfNoWorker, watchFeeding } from './feeding.ts';
import { openOwnTemporal } from './own-temporal.ts';
import { printJson, printLines } from '../terminal/terminal.ts';

interface Options {
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly detach?: boolean;
}

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
      const { database } = configOf(command);
      const temporal = await openOwnTemporal(database);
      try {
        const handle = await startBackfill(temporal, { source, dryRun: options.dryRun ?? false });
        if (options.detach) return printLines([`started: workflow ${handle.workflowId}`]);
        const progress = openFeedingProgress(process.stderr);
        await sayIfNoWorker(temporal, (line) => progress.say(line));
        const total = await watchFeeding(handle, {
          progress,
          describe: (said) => ({ done: said.seen, share: said.share, text: describe(said) }),
        });
        if (options.json) printJson([total]);
        else printLines([`${describe(total)}: done`]);
      } finally {
        await temporal.connection.close();
      }
    });
}

function describe({ seen, added, known }: BackfillProgress): string {
  return `${seen} seen, ${added} new, ${known} known`;
}
