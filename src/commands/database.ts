import type { Command } from 'commander';
import { type Config, type DatabaseConfig, readConfig } from '../config/config.ts';
import { type Database, openDatabase, type Queryable } from '../database/connection.ts';
import type { Mode } from '../database/pace/mode.ts';
import { isReplica, replicaInWords } from '../database/musicbrainz/art-tables.ts';
import { findUnmetNeeds, programNeeds, unmetInWords } from '../database/schema/needs.ts';
import { newClient } from '../database/servers.ts';
import { inOneLine } from '../terminal/terminal.ts';

/** The database can't be used, in one line that names where it was looked for. Its password is not part of it. */
class DatabaseUnreachableError extends Error {
  override readonly name = 'DatabaseUnreachableError';
  constructor(config: DatabaseConfig, cause: unknown) {
    super(`The database ${addressOf(config)} can't be reached: ${inOneLine(cause)}. Set [database] or DATABASE_URL`, {
      cause,
    });
  }
}

/** Host, port and database, as `pg` takes them from the configuration. */
export function addressOf(config: DatabaseConfig): string {
  const { database, host, port } = newClient(config);
  const servers = config.among?.servers ?? [{ host, port }];
  return `${database ?? ''} at ${servers.map((server) => `${server.host}:${server.port}`).join(', ')}`;
}

/** @throws {DatabaseUnreachableError} where nobody answers, or answers that this user may not come in */
export async function checkDatabase(config: DatabaseConfig): Promise<void> {
  const client = newClient({ connectionTimeoutMillis: 10_000, ...config });
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    throw new DatabaseUnreachableError(config, error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/**
 * Runs a command's work with the configured database, and closes it whatever happens.
 *
 * @param config.prepare whether it makes the same few statements for many, as workers do: see `openDatabase`
 * @param as what `pg_stat_activity` says of who is connected
 * @throws {DatabaseUnreachableError} before `work` is begun
 * @throws {Error} where the database lacks a table or a right that `work` needed: all that are missing
 */
export async function withDatabase<Result>(
  config: DatabaseConfig & { readonly prepare?: boolean },
  work: (db: Database) => Promise<Result>,
  as: 'command' | 'dashboard' | 'worker' = 'command',
): Promise<Result> {
  await checkDatabase(config);
  const db = openDatabase({ application_name: `artwork-reconciler ${as}`, prepare: as === 'worker', ...config });
  try {
    return await work(db);
  } catch (error) {
    // A table that isn't there is explained better by what would make it.
    if (missingObject.has((error as { code?: unknown }).code)) {
      await checkMigrated(config);
      await refuseUnmetNeeds(db);
    }
    throw error;
  } finally {
    await db.close();
  }
}

/** undefined_table, undefined_column, invalid_schema_name, insufficient_privilege. */
const missingObject: ReadonlySet<unknown> = new Set(['42P01', '42703', '3F000', '42501']);

/**
 * Checks every column of MusicBrainz' that is read, and every right, rather than have one step after the other fail
 * on them later.
 *
 * @throws {Error} that names all that is missing
 */
export async function refuseUnmetNeeds(q: Queryable): Promise<void> {
  const unmet = await findUnmetNeeds(q, await programNeeds(q));
  if (unmet.length === 0) return;
  throw new Error(
    `The database lacks what this program needs: ${unmet.map(unmetInWords).join('; ')}. ` +
      'See docs/install.md (Rights) and docs/schema-changes.md; nothing was started',
  );
}

/** @throws {Error} where the database lacks a table of this version's, or is of a newer one */
export async function checkMigrated(config: DatabaseConfig): Promise<void> {
  await checkDatabase(config);
  const { migrationStatus } = await import('../database/schema/migrate.ts');
  const { migrations, unknown } = await migrationStatus(config);
  const missing = migrations.filter(({ applied }) => !applied);
  if (missing.length > 0) {
    throw new Error(
      `The database ${addressOf(config)} lacks ${missing.length} migrations (${missing.map(({ name }) => name).join(', ')}): ` +
        'run `artwork-reconciler migrate` first; nothing was started',
    );
  }
  if (unknown.length > 0) {
    throw new Error(
      `The database ${addressOf(config)} is newer than this program (${unknown.join(', ')}): install the newer version`,
    );
  }
}

/**
 * Nothing must be written to the archive from a replica of MusicBrainz, neither repairs nor events; there is no harm in
 * reporting what repairs would be.
 *
 * @returns a warning, or null where it is none
 * @throws {Error} in any mode but report, and where events are carried out
 */
export async function refuseReplica(
  q: Queryable,
  { mode, events }: { readonly mode: Mode; readonly events: boolean },
): Promise<string | null> {
  if (!(await isReplica(q))) return null;
  if (mode !== 'report' || events) {
    throw new Error(`${replicaInWords}, or stay in report mode with [events] enabled = false; nothing was changed`);
  }
  return `${replicaInWords}; until then most of what is found is wrong`;
}

/**
 * The configuration that a command runs with: of `--config`, wherever it stands on the line, and the environment.
 *
 * @throws {ConfigError}
 */
export function configOf(command: Command): Config {
  const { config: file } = command.optsWithGlobals<{ config?: string }>();
  return readConfig({ file, env: process.env });
}
