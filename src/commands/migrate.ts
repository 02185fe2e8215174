import { Argument, type Command } from 'commander';
import type { DatabaseConfig } from '../config/config.ts';
import type { Database } from '../database/connection.ts';
import { migrateDown, migrateUp, migrationStatus, planMigrateDown } from '../database/schema/migrate.ts';
import { type Loss, mostRows } from '../database/schema/migration-status.ts';
import { readTriggerState } from '../database/schema/trigger-files.ts';
import { type InstalledTriggers, installTriggers, removeTriggers } from '../database/schema/triggers.ts';
import { countPollers } from '../temporal/connection.ts';
import { printJson, printLines } from '../terminal/terminal.ts';
import { countInWords } from '../wording/text.ts';
import { checkDatabase, configOf, withDatabase } from './database.ts';
import { wholeNumber } from './option-values.ts';
import { askTemporal } from './schedule/temporal.ts';

type Direction = 'down' | 'status' | 'up';

export function addMigrate(program: Command): void {
  program
    .command('migrate')
    .description(
      "Makes or updates this program's tables in MusicBrainz' database. artwork-indexer's tables are used as they are, " +
        'or made where there are none.',
    )
    .addArgument(
      new Argument(
        '[direction]',
        'up: all that is missing; status: what is applied; down: undoes the newest one, if nothing is lost with it',
      )
        .choices(['up', 'status', 'down'])
        .default('up'),
    )
    .option(
      '--with-triggers',
      "up: also install triggers on MusicBrainz' tables that fill the queue, unless artwork-indexer's are there; " +
        'status: also say which are there; down: take ours away, and undo no migration',
    )
    .option(
      '--to <number>',
      'down: undo all migrations above this number, instead of the newest one',
      wholeNumber(0, 9999),
    )
    .option('--force', 'down: also where rows are lost, or workers may be running')
    .option('--json', 'print one JSON object')
    .action(async (direction: Direction, options: Options & { json?: boolean }, command: Command) => {
      const { database } = configOf(command);
      await checkDatabase(database);
      const { lines, json } = await directions[direction](database, options);
      if (options.json) printJson([json]);
      else printLines(lines);
    });
}

interface Options {
  readonly withTriggers?: boolean;
  readonly to?: number;
  readonly force?: boolean;
}

const directions: Record<Direction, (database: DatabaseConfig, options: Options) => Promise<Report>> = {
  async up(database, { withTriggers }) {
    const applied = await migrateUp(database, { log });
    const triggers = withTriggers ? await withDatabase(database, (db) => installed(db, log)) : { lines: [], json: {} };
    const migrations = applied.length === 0 ? ['Nothing to do: the database is up to date'] : [];
    return { lines: [...migrations, ...triggers.lines], json: { applied, ...triggers.json } };
  },

  async down(database, { withTriggers, to, force }) {
    if (withTriggers) return withDatabase(database, (db) => removed(db, log));
    const plan = await planMigrateDown(database, to);
    if (plan.names.length === 0)
      return { lines: ['Nothing to do: no such migration is applied'], json: { undone: [] } };
    if (!force) await refuseLosses(plan);
    for (const line of plan.losses.map(lossInWords)) log(`Lost: ${line}`);
    const undone = await migrateDown(database, { log, ...(to === undefined ? {} : { to }) });
    const json = { undone, lost: plan.losses };
    const { migrations } = await migrationStatus(database);
    if (migrations.some(({ applied }) => applied)) return { lines: [], json };
    // With the last migration goes all that is ours.
    const triggers = await withDatabase(database, (db) => removed(db, log));
    return { lines: triggers.lines, json: { ...json, ...triggers.json } };
  },

  async status(database, { withTriggers }) {
    const status = await migrationStatus(database);
    const lines = status.migrations.map(({ name, applied }) => `${applied ? 'applied' : 'missing'}  ${name}`);
    for (const name of status.unknown) lines.push(`unknown  ${name} (the database is newer than this program)`);
    if (!withTriggers) return { lines, json: { ...status } };
    const triggers = await withDatabase(database, triggerLines);
    return { lines: [...lines, ...triggers.lines], json: { ...status, ...triggers.json } };
  },
};

/** @throws {Error} where rows would be lost, or a worker polls, or Temporal can't be asked whether one does */
async function refuseLosses({ names, losses }: Awaited<ReturnType<typeof planMigrateDown>>): Promise<void> {
  const reasons: string[] = [];
  if (losses.length > 0) reasons.push(`rows would be lost: ${losses.map(lossInWords).join(', ')}`);
  const pollers = await askTemporal(countPollers);
  if (pollers.kind === 'unreachable') reasons.push(`whether workers are running is unknown: ${pollers.reason}`);
  else if (pollers.answer > 0) reasons.push('a worker is running, or was a moment ago: stop all of them first');
  if (reasons.length === 0) return;
  throw new Error(
    `${names.join(', ')} would be undone, but ${reasons.join('; ')}. Nothing was changed; --force does it`,
  );
}

function lossInWords({ what, rows }: Loss): string {
  return `${what} (${countInWords({ count: Math.min(rows, mostRows), exact: rows <= mostRows })} rows)`;
}

function log(line: string): void {
  printLines([line], process.stderr);
}

/** What a direction of `migrate` has to say, for people and for programs. */
export interface Report {
  readonly lines: readonly string[];
  readonly json: Readonly<Record<string, unknown>>;
}

type Log = (line: string) => void;

export async function installed(db: Database, log: Log): Promise<Report> {
  const triggers = await installTriggers(db, { log });
  return {
    lines: triggers.map((of) => `Triggers for ${of.entityType}s: ${inWords(of)}`),
    json: {
      triggers: triggers.map(({ entityType, outcome, foreign }) => ({ entity_type: entityType, outcome, foreign })),
    },
  };
}

export async function removed(db: Database, log: Log): Promise<Report> {
  const gone = await removeTriggers(db, { log });
  return {
    lines: gone.length === 0 ? ['No triggers of ours were there'] : gone.map((trigger) => `Removed: ${trigger}`),
    json: { triggers_removed: gone },
  };
}

export async function triggerLines(db: Database): Promise<Report> {
  const triggers = (await readTriggerState(db)).map(({ entityType, present, missing, foreign }) => ({
    entity_type: entityType,
    present: present.map(({ name }) => name),
    missing: missing.map(({ name }) => name),
    foreign,
  }));
  const lines = triggers.map(({ entity_type: entityType, present, missing, foreign }) => {
    const others = foreign.length === 0 ? '' : `; somebody else's: ${foreign.join(', ')}`;
    return `triggers for ${entityType}s: ${present.length} of ours, ${missing.length} missing${others}`;
  });
  return { lines, json: { triggers } };
}

function inWords({ outcome, foreign }: InstalledTriggers): string {
  switch (outcome) {
    case 'installed':
      return 'installed';
    case 'present':
      return 'ours were there already; their functions are up to date';
    case 'foreign':
      return `left alone, since others fill the queue: ${foreign.join(', ')}`;
    case 'both':
      return (
        `both ours and others fill the queue (${foreign.join(', ')}), and theirs can make edits at MusicBrainz fail ` +
        'beside ours. Take ours away with `migrate down --with-triggers`'
      );
  }
}
