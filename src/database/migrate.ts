import { setTimeout as sleep } from 'node:timers/promises';
import { runner } from 'node-pg-migrate';
import pg from 'pg';
import { migrationsFolder, readMigrationStatus, type MigrationStatus } from './migration-status.ts';

export { migrationsFolder, type MigrationStatus } from './migration-status.ts';

/** Nobody else's key: `art_reco` in ASCII. */
const lockKey = '6172745f7265636f';

export interface MigrateOptions {
  /** Told each migration as it starts. */
  readonly log?: (line: string) => void;
}

/** The database was migrated by a newer version of this code, which this one must not touch. */
export class NewerDatabaseError extends Error {
  constructor(unknown: readonly string[]) {
    super(
      `The database is newer than this program: it has ${unknown.join(', ')}, which this version doesn't know. ` +
        'Nothing was changed; run a version that has it',
    );
    this.name = 'NewerDatabaseError';
  }
}

/**
 * Brings the database up to this code; returns the names of what was applied. An artwork-indexer schema that exists is
 * adopted, else made.
 *
 * @throws NewerDatabaseError
 */
export function migrateUp(connection: pg.ClientConfig, options: MigrateOptions = {}): Promise<string[]> {
  return migrate(connection, 'up', options);
}

/** Undoes the newest migration only; returns its name in a list, or an empty one where there is none. */
export function migrateDown(connection: pg.ClientConfig, options: MigrateOptions = {}): Promise<string[]> {
  return migrate(connection, 'down', options);
}

/** What is applied and what isn't; changes nothing. */
export async function migrationStatus(connection: pg.ClientConfig): Promise<MigrationStatus> {
  return withClient(connection, readMigrationStatus);
}

/**
 * The runner's own lock belongs to a session, which pgbouncer in transaction mode hands to somebody else between two
 * statements. Ours belongs to a transaction, kept open on a connection of its own while the runner works on another:
 * that holds through pgbouncer too. Between statements it has no snapshot, so that indexes can be made concurrently
 * meanwhile.
 */
async function migrate(
  connection: pg.ClientConfig,
  direction: 'up' | 'down',
  options: MigrateOptions,
): Promise<string[]> {
  return withClient(connection, async (lock) => {
    for (let tries = 1; !(await tryLock(lock)); tries += 1) {
      if (tries === 1) options.log?.('Another process is migrating this database; waiting for it …');
      await sleep(500);
    }
    const applied = await withClient(connection, (client) => runMigrations(client, direction, options));
    await lock.query('commit');
    return applied;
  });
}

/**
 * Tries instead of waiting inside PostgreSQL: a statement that waits has a snapshot, and an index that is made
 * concurrently under the lock would wait for that snapshot for ever.
 */
async function tryLock(client: pg.Client): Promise<boolean> {
  await client.query('begin');
  await client.query('set local idle_in_transaction_session_timeout = 0');
  const { rows } = await client.query<{ locked: boolean }>(
    `select pg_try_advisory_xact_lock(x'${lockKey}'::bigint) as locked`,
  );
  const locked = rows[0]!.locked;
  if (!locked) await client.query('rollback');
  return locked;
}

async function runMigrations(client: pg.Client, direction: 'up' | 'down', { log }: MigrateOptions): Promise<string[]> {
  const { unknown } = await readMigrationStatus(client);
  if (unknown.length > 0) throw new NewerDatabaseError(unknown);
  // It warns of every migration without a transaction, which indexes made concurrently need; what fails is thrown.
  const silent = (): void => undefined;
  const ran = await runner({
    dbClient: client,
    dir: migrationsFolder,
    migrationsSchema: 'artwork_reconciler',
    createMigrationsSchema: true,
    migrationsTable: 'migration',
    direction,
    ...(direction === 'down' ? { count: 1 } : {}),
    noLock: true,
    logger: { debug: silent, info: silent, warn: silent, error: silent },
  });
  for (const { name } of ran) log?.(`${direction === 'up' ? 'Applied' : 'Undone'}: ${name}`);
  return ran.map(({ name }) => name);
}

async function withClient<Result>(
  connection: pg.ClientConfig,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client({
    application_name: 'artwork-reconciler migrate',
    connectionTimeoutMillis: 10_000,
    ...connection,
  });
  // Reported by the statement that fails; without a listener a cut connection would end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}
