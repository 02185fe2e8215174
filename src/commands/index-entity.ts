import type { Command } from 'commander';
import { indexForPerson } from '../database/event-states/index.ts';
import { configOf } from './configuration.ts';
import { withDatabase } from './database.ts';
import { resolveNamed } from '../database/musicbrainz/entity-kinds.ts';
import { joinPrinted, readNamed } from './mbid.ts';
import { addOperatorOptions, operatorOf, type OperatorOptions } from './operator.ts';
import { printJson, printLines } from '../terminal/terminal.ts';

interface Options extends OperatorOptions {
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export function addIndex(program: Command): void {
  const index = program
    .command('index')
    .description(
      'Queues an `index` event for each entity: its index.json and XML are uploaded again. One that is queued already is not queued twice.',
    )
    .argument('<mbid|url...>', 'MBIDs, item identifiers, or addresses of MusicBrainz or the archive')
    .option('--dry-run', 'say what would be queued, and queue nothing')
    .option('--json', 'print one JSON object a line');
  addOperatorOptions(index).action(async (texts: string[], options: Options, command: Command) => {
    // All are read before the first is queued: a typo in the last leaves nothing half-done.
    const named = joinPrinted(texts).map(readNamed);
    await withDatabase(configOf(command).database, async (db) => {
      for (const each of named) {
        const key = await resolveNamed(db, each);
        const event = options.dryRun ? null : await indexForPerson(db, key, operatorOf(options));
        if (options.json) printJson([{ ...key, event }]);
        else printLines([inWords(key, event)]);
      }
    });
  });
}

function inWords({ entityType, gid }: { entityType: string; gid: string }, event: number | null): string {
  return event === null ? `${entityType} ${gid} would be indexed` : `${entityType} ${gid}: event ${event}`;
}
