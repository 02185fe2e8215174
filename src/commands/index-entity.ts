import type { Command } from 'commander';
import { resolveNamed } from '../database/musicbrainz/entity-kinds.ts';
import { indexForPerson } from '../database/queue/queue-event.ts';
import { printJson, printLines } from '../terminal/terminal.ts';
import { addListOptions, carryOutList, isList, type ListOptions, listsLookLike } from './bulk/by-list.ts';
import { configOf, withDatabase } from './database.ts';
import { joinPrinted, operatorOf, readNamed } from './option-values.ts';

export function addIndex(program: Command): void {
  const index = program
    .command('index')
    .description(
      'Queues an `index` event for each entity: its index.json and XML are uploaded again. One that is queued already is not queued twice. ' +
        listsLookLike,
    )
    .argument(
      '[mbid|url|-...]',
      'MBIDs, item identifiers, or addresses of MusicBrainz or the archive; `-` reads them from standard input, one a line',
    );
  addListOptions(index).action(async (texts: string[], options: ListOptions, command: Command) => {
    if (texts.length === 0 || isList(texts, options) || (options.allOrNothing ?? options.entityType) !== undefined) {
      return carryOutList(command, texts, options, { kind: 'index_entities', outcome: 'queued', words: 'queued' });
    }
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
