import type { Command } from 'commander';
import { queueIndex } from '../database/event-states/index.ts';
import { transactionWithRetry } from '../database/event-states/retry-on-conflict.ts';
import { configOf } from './configuration.ts';
import { withDatabase } from './database.ts';
import { resolveNamed } from '../database/musicbrainz/entity-kinds.ts';
import { joinPrinted, readNamed } from './mbid.ts';
import { printJson, printLines } from '../terminal.ts';

export function addIndex(program: Command): void {
  program
    .command('index')
    .description(
      'Queues an `index` event for each entity: its index.json and XML are uploaded again. One that is queued already is not queued twice.',
    )
    .argument('<mbid|url...>', 'MBIDs, item identifiers, or addresses of MusicBrainz or the archive')
    .option('--dry-run', 'say what would be queued, and queue nothing')
    .option('--json', 'print one JSON object a line')
    .action(async (texts: string[], options: { dryRun?: boolean; json?: boolean }, command: Command) => {
      // All are read before the first is queued: a typo in the last leaves nothing half-done.
      const named = joinPrinted(texts).map(readNamed);
      await withDatabase(configOf(command).database, async (db) => {
        for (const each of named) {
          const key = await resolveNamed(db, each);
          const event = options.dryRun ? null : (await transactionWithRetry(db, (tx) => queueIndex(tx, key))).id;
          if (options.json) printJson([{ ...key, event }]);
          else printLines([inWords(key, event)]);
        }
      });
    });
}

function inWords({ entityType, gid }: { entityType: string; gid: string }, event: number | null): string {
  return event === null ? `${entityType} ${gid} would be indexed` : `${entityType} ${gid}: event ${event}`;
}
