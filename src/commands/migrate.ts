import { Argument, type Command } from 'commander';
import type { ClientConfig } from 'pg';
import { migrateDown, migrateUp, migrationStatus } from '../database/migrate.ts';
import { configOf } from './configuration.ts';
import { checkDatabase } from './database.ts';

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
    .option('--json', 'print one JSON object')
    .action(async (direction: Direction, options: { json?: boolean }, command: Command) => {
      const { database } = configOf(command);
      await checkDatabase(database);
      const { lines, json } = await migrate(direction, database);
      process.stdout.write(options.json ? `${JSON.stringify(json)}\n` : lines.map((line) => `${line}\n`).join(''));
    });
}

async function migrate(direction: Direction, database: ClientConfig): Promise<{ lines: string[]; json: unknown }> {
  if (direction === 'status') return status(database);
  const log = (line: string): void => void process.stderr.write(`${line}\n`);
  const names = await (direction === 'up' ? migrateUp : migrateDown)(database, { log });
  if (direction === 'up') {
    return { lines: names.length === 0 ? ['Nothing to do: the database is up to date'] : [], json: { applied: names } };
  }
  return { lines: names.length === 0 ? ['Nothing to do: no migration is applied'] : [], json: { undone: names } };
}

async function status(database: ClientConfig): Promise<{ lines: string[]; json: unknown }> {
  const json = await migrationStatus(database);
  const lines = json.migrations.map(({ name, applied }) => `${applied ? 'applied' : 'missing'}  ${name}`);
  for (const name of json.unknown) lines.push(`unknown  ${name} (the database is newer than this program)`);
  return { lines, json };
}
