import { Argument, type Command, Option } from 'commander';
import { type EntityType, entityTypes } from '../domain/entity.ts';
import { startBackfill } from '../starters/start.ts';
import { type BackfillProgress, type BackfillSource, backfillSources } from '../temporal/messages.ts';
import { printJson, printLines } from '../terminal/terminal.ts';
import { configOf } from './database.ts';
import { UsageError } from './errors.ts';
import { openIngestProgress, sayIfNoWorker, watchIngest } from './ingest-progress.ts';
import { openOwnTemporal } from './own-temporal.ts';

interface Options {
  readonly entityType?: EntityType;
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
    .addOption(
      new Option('--entity-type <which>', 'of `musicbrainz`: entities of this type alone').choices(entityTypes),
    )
    .option('--dry-run', 'count what would be added, and add nothing')
    .option('--detach', 'start it and do not wait')
    .option('--json', 'print one JSON object at the end')
    .action(async (source: BackfillSource, options: Options, command: Command) => {
      const { entityType } = options;
      if (entityType !== undefined && source !== 'musicbrainz') {
        throw new UsageError(`--entity-type goes with musicbrainz: ${source} names MBIDs of both types`);
      }
      const { database } = configOf(command);
      const temporal = await openOwnTemporal(database);
      try {
        const handle = await startBackfill(temporal, {
          source,
          dryRun: options.dryRun ?? false,
          ...(entityType !== undefined && { entityType }),
        });
        if (options.detach) return printLines([`started: workflow ${handle.workflowId}`]);
        const progress = openIngestProgress(process.stderr);
        await sayIfNoWorker(temporal, (line) => progress.say(line));
        const total = await watchIngest(handle, {
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
