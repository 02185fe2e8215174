import { Argument, type Command } from 'commander';
import type { ClientConfig } from 'pg';
import { migrateDown, migrateUp, migrationStatus } from '../database/migrate.ts';
import { configOf } from './configuration.ts';
import { checkDatabase, withDatabase } from './database.ts';
import { installed, removed, triggerLines, type Report } from './migrate-triggers.ts';
import { printJson, printLines } from '../terminal.ts';

type Direction = 'down' | 'status' | 'up';

export function addMigrate(program: Command): void {
  program
    .command('migrate')
    .description(
      "Makes or updates this program's tables in MusicBrainz' database. artwork-indexer's tables are used as they are, " +
        'or made where there are none.',
    )
    .addArgument(
      new Argument('[direction]', 'up: all that is missing; status: what is applied; down: undoes the newest one')
        .choices(['up', 'status', 'down'])
        .default('up'),
    )
    .option(
      '--with-triggers',
      "up: also install triggers on MusicBrainz' tables that fill the queue, unless artwork-indexer's are there; " +
        'status: also say which are there; down: take ours away, and undo no migration',
    )
    .option('--json', 'print one JSON object')
    .action(async (direction: Direction, options: { json?: boolean; withTriggers?: boolean }, command: Command) => {
      const { database } = configOf(command);
      await checkDatabase(database);
      const { lines, json } = await directions[direction](database, options.withTriggers ?? false);
      if (options.json) printJson([json]);
      else printLines(lines);
    });
}

const directions: Record<Direction, (database: ClientConfig, withTriggers: boolean) => Promise<Report>> = {
  async up(database, withTriggers) {
    const applied = await migrateUp(database, { log });
    const triggers = withTriggers ? await withDatabase(database, (db) => installed(db, log)) : { lines: [], json: {} };
    const migrations = applied.length === 0 ? ['Nothing to do: the database is up to date'] : [];
    return { lines: [...migrations, ...triggers.lines], json: { applied, ...triggers.json } };
  },

  async down(database, withTriggers) {
    if (withTriggers) return withDatabase(database, (db) => removed(db, log));
    const undone = await migrateDown(database, { log });
    if (undone.length === 0) return { lines: ['Nothing to do: no migration is applied'], json: { undone } };
    const { migrations } = await migrationStatus(database);
    if (migrations.some(({ applied }) => applied)) return { lines: [], json: { undone } };
    // With the last migration goes all that is ours.
    const triggers = await withDatabase(database, (db) => removed(db, log));
    return { lines: triggers.lines, json: { undone, ...triggers.json } };
  },

  async status(database, withTriggers) {
    const status = await migrationStatus(database);
    const lines = status.migrations.map(({ name, applied }) => `${applied ? 'applied' : 'missing'}  ${name}`);
    for (const name of status.unknown) lines.push(`unknown  ${name} (the database is newer than this program)`);
    if (!withTriggers) return { lines, json: { ...status } };
    const triggers = await withDatabase(database, triggerLines);
    return { lines: [...lines, ...triggers.lines], json: { ...status, ...triggers.json } };
  },
};

function log(line: string): void {
  printLines([line], process.stderr);
}
