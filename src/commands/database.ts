import pg from 'pg';
import { openDatabase, type Database } from '../database/connection.ts';
import { migrationStatus } from '../database/migrate.ts';
import { inOneLine } from './errors.ts';

/** The database can't be used, in one line that names where it was looked for. Its password is not part of it. */
export class DatabaseUnreachableError extends Error {
  override readonly name = 'DatabaseUnreachableError';
  constructor(config: pg.ClientConfig, cause: unknown) {
    super(`The database ${addressOf(config)} can't be reached: ${inOneLine(cause)}. Set [database] or DATABASE_URL`, {
      cause,
    });
  }
}

/** Host, port and database, as `pg` takes them from the configuration. */
export function addressOf(config: pg.ClientConfig): string {
  const { database, host, port } = new pg.Client(config);
  return `${database ?? ''} at ${host}:${port}`;
}

/** @throws {DatabaseUnreachableError} where nobody answers, or answers that this user may not come in */
export async function checkDatabase(config: pg.ClientConfig): Promise<void> {
  const client = new pg.Client({ connectionTimeoutMillis: 10_000, ...config });
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
 * @throws {DatabaseUnreachableError} before `work` is begun
 */
export async function withDatabase<Result>(
  config: pg.ClientConfig,
  work: (db: Database) => Promise<Result>,
): Promise<Result> {
  await checkDatabase(config);
  const db = openDatabase(config);
  try {
    return await work(db);
  } finally {
    await db.close();
  }
}

/** @throws {Error} where the database lacks a table of this version's, or is of a newer one */
export async function checkMigrated(config: pg.ClientConfig): Promise<void> {
  await checkDatabase(config);
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
