import { setTimeout as sleep } from 'node:timers/promises';
import { runner } from 'node-pg-migrate';
import type pg from 'pg';
import type { DatabaseConfig } from '../../config/config.ts';
import type { Queryable } from '../connection.ts';
import { newClient } from '../servers.ts';
import {
  type Loss,
  migrationsFolder,
  type MigrationStatus,
  readLosses,
  readMigrationStatus,
} from './migration-status.ts';

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

/** The user of the database lacks rights that the migrations need. Nothing was changed. */
class MigrationRefusedError extends Error {
  override readonly name = 'MigrationRefusedError';
  constructor(problems: readonly string[]) {
    super(
      `The database can't be migrated by this user: ${problems.join('; ')}. ` +
        'Nothing was changed; use a user who may (docs/install.md, Rights)',
    );
  }
}

/**
 * Brings the database up to this code; returns the names of what was applied. An artwork-indexer schema that exists is
 * adopted, else made.
 *
 * @throws {NewerDatabaseError}
 * @throws {MigrationRefusedError} where something is to be applied that this user may not
 */
export function migrateUp(connection: DatabaseConfig, options: MigrateOptions = {}): Promise<string[]> {
  return migrate(connection, 'up', options);
}

/** Undoes migrations, the newest first: that one alone, or, with `to`, all above a number. Returns their names. */
export function migrateDown(
  connection: DatabaseConfig,
  options: MigrateOptions & { readonly to?: number } = {},
): Promise<string[]> {
  return migrate(connection, 'down', options);
}

/** Which migrations `migrateDown` would undo, the newest first, and what would be lost with them; changes nothing. */
export async function planMigrateDown(
  connection: DatabaseConfig,
  to?: number,
): Promise<{ readonly names: readonly string[]; readonly losses: readonly Loss[] }> {
  return withClient(connection, async (client) => {
    const names = toUndo(await knownStatus(client), to);
    return { names, losses: await readLosses(client, names) };
  });
}

/** @throws {NewerDatabaseError} */
async function knownStatus(q: Queryable): Promise<MigrationStatus> {
  const status = await readMigrationStatus(q);
  if (status.unknown.length > 0) throw new NewerDatabaseError(status.unknown);
  return status;
}

function toUndo({ migrations }: MigrationStatus, to?: number): readonly string[] {
  const applied = migrations.filter(({ applied }) => applied).map(({ name }) => name);
  const undone = to === undefined ? applied.slice(-1) : applied.filter((name) => Number.parseInt(name, 10) > to);
  return undone.toReversed();
}

/** What is applied and what isn't; changes nothing. */
export async function migrationStatus(connection: DatabaseConfig): Promise<MigrationStatus> {
  return withClient(connection, readMigrationStatus);
}

/**
 * The runner's own lock belongs to a session, which pgbouncer in transaction mode hands to somebody else between two
 * statements. Ours belongs to a transaction, kept open on a connection of its own while the runner works on another:
 * that holds through pgbouncer too. Between statements it has no snapshot, so that indexes can be made concurrently
 * meanwhile.
 */
async function migrate(
  connection: DatabaseConfig,
  direction: 'up' | 'down',
  options: MigrateOptions & { readonly to?: number },
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
  // With any other level the lock's own snapshot would be waited for. Its time is that of the migrations.
  await client.query('begin isolation level read committed');
  await client.query(
    `select set_config(name, '0', true) from pg_settings where name in (${untimed.map((name) => `'${name}'`).join(', ')})`,
  );
  const { rows } = await client.query<{ locked: boolean }>(
    `select pg_try_advisory_xact_lock(x'${lockKey}'::bigint) as locked`,
  );
  const locked = rows[0]!.locked;
  if (!locked) await client.query('rollback');
  return locked;
}

async function runMigrations(
  client: pg.Client,
  direction: 'up' | 'down',
  { log, to }: MigrateOptions & { readonly to?: number },
): Promise<string[]> {
  const status = await knownStatus(client);
  const wanted =
    direction === 'up'
      ? status.migrations.filter(({ applied }) => !applied).map(({ name }) => name)
      : toUndo(status, to);
  // Then no right is needed but to read.
  if (wanted.length === 0) return [];
  const refused = await findMigrationProblems(client, wanted);
  if (refused.length > 0) throw new MigrationRefusedError(refused);
  // It warns of every migration without a transaction, which indexes made concurrently need; what fails is thrown.
  const silent = (): void => undefined;
  const ran = await runner({
    dbClient: client,
    dir: migrationsFolder,
    migrationsSchema: 'artwork_reconciler',
    // Asks for the right to make schemas also where there is nothing to make.
    createMigrationsSchema: await isSchemaMissing(client),
    migrationsTable: 'migration',
    direction,
    ...(direction === 'down' ? { count: wanted.length } : {}),
    noLock: true,
    logger: { debug: silent, info: silent, warn: silent, error: silent },
  });
  for (const { name } of ran) log?.(`${direction === 'up' ? 'Applied' : 'Undone'}: ${name}`);
  return ran.map(({ name }) => name);
}

async function isSchemaMissing(q: Queryable): Promise<boolean> {
  const { rows } = await q.query("select from pg_namespace where nspname = 'artwork_reconciler'");
  return rows.length === 0;
}

/**
 * What the current user may not do here, though some migrations need it: making our schemas (0002 asks for that right even
 * where ours is there), and changing tables, of ours and of the queue, which get indexes.
 */
async function findMigrationProblems(q: Queryable, names: readonly string[]): Promise<readonly string[]> {
  const { rows } = await q.query<{ problem: string }>(
    `select format('%s lacks CREATE on database %I', current_user, current_database()) as problem
     where $1 and not has_database_privilege(current_database(), 'CREATE')
     union all
     select format('%s lacks CREATE on schema %I', current_user, nspname) from pg_namespace
     where nspname in ('artwork_reconciler', 'artwork_indexer') and not has_schema_privilege(oid, 'CREATE')
     union all
     select format('%s is not the owner of %I.%I: %s is', current_user, nspname, relname, relowner::regrole)
     from pg_class join pg_namespace schema on schema.oid = relnamespace
     where relkind = 'r' and not pg_has_role(relowner, 'USAGE')
       and (nspname = 'artwork_reconciler'
         or nspname = 'artwork_indexer' and relname in ('event_queue', 'event_failure_reason'))`,
    [names.includes('0002_control')],
  );
  return rows.map(({ problem }) => problem);
}

/** What a role or a database may have set, for statements that are shorter than making an index is. */
const untimed = [
  'statement_timeout',
  'lock_timeout',
  'idle_in_transaction_session_timeout',
  'transaction_timeout',
] as const;

/**
 * Startup options under which migrations run whatever the role's settings are; the best first. PostgreSQL before 17 has no
 * `transaction_timeout`. pgbouncer may refuse options altogether: then the role's own settings hold.
 */
const startupOptions = [untimed, untimed.slice(0, 3)]
  .map((names) => names.map((name) => `-c ${name}=0`).join(' '))
  .map((timeouts) => `-c default_transaction_isolation=read\\ committed ${timeouts}`);

/** undefined_object: an unknown setting; protocol_violation: what pgbouncer says of a startup parameter. */
const optionsRefused: ReadonlySet<unknown> = new Set(['42704', '08P01']);

async function connect(connection: DatabaseConfig): Promise<pg.Client> {
  for (const options of [...startupOptions, undefined]) {
    const client = newClient({
      application_name: 'artwork-reconciler migrate',
      connectionTimeoutMillis: 10_000,
      ...(options === undefined ? {} : { options }),
      ...connection,
    });
    // Reported by the statement that fails; without a listener a cut connection would end the process.
    client.on('error', () => undefined);
    try {
      await client.connect();
      return client;
    } catch (error) {
      await client.end().catch(() => undefined);
      if (options === undefined || !optionsRefused.has((error as { code?: unknown }).code)) throw error;
    }
  }
  throw new Error('unreachable');
}

async function withClient<Result>(
  connection: DatabaseConfig,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = await connect(connection);
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}
