import type { Config } from '../../config/config.ts';
import { type Database, openDatabase } from '../../database/connection.ts';
import { readMode } from '../../database/pace/mode.ts';
import { isReplica, replicaInWords } from '../../database/musicbrainz/art-tables.ts';
import { readIdentity } from '../../database/schema/deployment.ts';
import { readMigrationStatus } from '../../database/schema/migration-status.ts';
import { findUnmetNeeds, programNeeds, unmetInWords } from '../../database/schema/needs.ts';
import { differenceInWords, readSchemaDrift } from '../../database/schema/schema-drift.ts';
import { readTriggerState } from '../../database/schema/trigger-files.ts';
import { listenerName, listeningConfig, tryListening } from '../../database/servers.ts';
import { differingSettings, readWorkers } from '../../database/workers.ts';
import { inOneLine } from '../../terminal/terminal.ts';
import { modeAndWhoInWords, settingDifferenceInWords } from '../../wording/schedule.ts';
import { addressOf, checkDatabase } from '../database.ts';
import { type CheckOutcome, failed, notLooked, ok, warning } from './outcome.ts';

/**
 * Checks the database, its migrations, its schema, this user's rights, whether it is a replica, and what fills the queue.
 *
 * @returns the database too, open, where requests may be taken from its budget; null where it is away or not migrated
 */
export async function checkDatabaseAndSchema(
  config: Config,
): Promise<{ db: Database | null; outcomes: readonly CheckOutcome[] }> {
  try {
    await checkDatabase(config.database);
  } catch (error) {
    const away = (['migrations', 'schema', 'rights', 'edits', 'triggers', 'listening', 'workers'] as const).map(
      (name) => notLooked(name, 'the database is away'),
    );
    return { db: null, outcomes: [failed('database', inOneLine(error)), ...away] };
  }
  const db = openDatabase({ application_name: 'artwork-reconciler command', ...config.database, max: 2 });
  const database = await asked('database', async () => {
    const { rows } = await db.query<{ version: string; readOnly: boolean }>(
      `select current_setting('server_version') as version,
         current_setting('transaction_read_only')::boolean as "readOnly"`,
    );
    const found = `${addressOf(config.database)}, PostgreSQL ${rows[0]?.version ?? 'of an unknown version'}`;
    // Every turn at the archive is a write: else this would be said of the archive.
    if (rows[0]?.readOnly === true) return failed('database', `read-only: ${found}: a standby, or switched to that`);
    return ok('database', found);
  });
  const migrations = await asked('migrations', () => checkMigrations(db));
  const isUsable = database.state === 'ok' && migrations.state === 'ok';
  const schema = isUsable
    ? await asked('schema', () => checkSchema(db, config))
    : notLooked('schema', 'it is compared once all migrations are applied');
  const rights = await asked('rights', () => checkRights(db));
  const edits = await asked('edits', () => checkEdits(db, config));
  const triggers = await asked('triggers', () => checkTriggers(db));
  const listening = isUsable
    ? await asked('listening', () => checkListening(db, config))
    : notLooked('listening', 'it is tried once all migrations are applied');
  const workers = isUsable
    ? await asked('workers', () => checkWorkers(db, config))
    : notLooked('workers', 'they are known once all migrations are applied');
  if (!isUsable) await db.close();
  return {
    db: isUsable ? db : null,
    outcomes: [database, migrations, schema, rights, edits, triggers, listening, workers],
  };
}

async function checkMigrations(db: Database): Promise<CheckOutcome> {
  const { migrations, unknown } = await readMigrationStatus(db);
  const missing = migrations.filter(({ applied }) => !applied).map(({ name }) => name);
  if (unknown.length > 0) {
    return failed(
      'migrations',
      `the database is newer than this program (${unknown.join(', ')}): install that version`,
    );
  }
  if (missing.length === 0) return ok('migrations', `all ${migrations.length} are applied`);
  return failed(
    'migrations',
    `${missing.length} of ${migrations.length} are missing (${missing.join(', ')}): run migrate`,
  );
}

async function checkSchema(db: Database, config: Config): Promise<CheckOutcome> {
  const differences = await readSchemaDrift(db, config.monitoring.timeoutSeconds);
  const harmful = differences.filter(({ kind }) => kind !== 'unexpected');
  const lines = [...harmful, ...differences.filter(({ kind }) => kind === 'unexpected')].map(differenceInWords);
  if (lines.length === 0) return ok('schema', 'is as the migrations make it');
  if (harmful.length === 0) return warning('schema', `has ${lines.length} things that no migration made`, lines);
  return failed(
    'schema',
    `differs in ${harmful.length} things from what this program expects: somebody changed it (docs/schema-changes.md)`,
    lines,
  );
}

/** What is absent is reported by the checks of migrations and schema. */
async function checkRights(db: Database): Promise<CheckOutcome> {
  const unmet = await findUnmetNeeds(db, await programNeeds(db));
  const refused = unmet.filter(({ kind }) => kind === 'refused').map(unmetInWords);
  if (refused.length === 0) return ok('rights', 'all that is needed');
  return failed('rights', `${refused.length} are missing (docs/install.md, Rights)`, refused);
}

async function checkEdits(db: Database, { audit, events }: Config): Promise<CheckOutcome> {
  if (!(await isReplica(db))) return ok('edits', 'no replica of MusicBrainz');
  const detail = `${replicaInWords}; a worker starts in report mode only, with [events] enabled = false`;
  const { mode } = await readMode(db, audit);
  return mode !== 'report' || events.enabled ? failed('edits', detail) : warning('edits', detail);
}

/** The mode that holds for all of them, and whether all else that they go by is the same. */
async function checkWorkers(db: Database, { audit }: Config): Promise<CheckOutcome> {
  const workers = await readWorkers(db);
  const mode = `mode ${modeAndWhoInWords(await readMode(db, audit))}`;
  const lines = differingSettings(workers).map(settingDifferenceInWords);
  if (lines.length > 0) return warning('workers', `${mode}; ${lines.length} other settings differ between them`, lines);
  return ok('workers', `${mode}; ${workers.length} run${workers.length > 1 ? ', with the same settings' : ''}`);
}

async function checkTriggers(db: Database): Promise<CheckOutcome> {
  const states = await readTriggerState(db);
  const words = states.map(({ entityType, present, missing, foreign }) => {
    if (present.length > 0 && foreign.length > 0) return `${entityType}: both artwork-indexer's and ours: queued twice`;
    if (present.length > 0 && missing.length > 0) return `${entityType}: ${missing.length} of ours are missing`;
    if (foreign.some((name) => name.endsWith(' (disabled)'))) return `${entityType}: artwork-indexer's, some disabled`;
    if (foreign.length > 0) return `${entityType}: artwork-indexer's`;
    return `${entityType}: ${present.length > 0 ? 'ours' : 'none'}`;
  });
  const detail = words.join('; ');
  const isWrong = states.some(
    ({ present, missing, foreign }) => present.length > 0 && (foreign.length > 0 || missing.length > 0),
  );
  if (isWrong) return failed('triggers', `${detail}: run \`migrate --with-triggers\`, or see docs/triggers.md`);
  if (/none|disabled/.test(detail)) return warning('triggers', `${detail}: not all changes at MusicBrainz are queued`);
  return ok('triggers', detail);
}

/** Whether new events are announced to the dispatcher. Without it they wait for its poll, and for nothing else. */
async function checkListening(db: Database, { database }: Config): Promise<CheckOutcome> {
  const at = listeningConfig(database);
  if (at === null) return ok('listening', 'nobody: new events are polled for ([database] listen_url is not set)');
  const where = addressOf(at);
  let others = 0;
  try {
    await tryListening(at, async (client) => {
      const [here, there] = [await readIdentity(db), await readIdentity(client)];
      if (here.id !== there.id) throw new Error('it is another database than [database] names');
      const { rows } = await client.query<{ announces: boolean; others: number }>(
        `select exists (
           select from pg_catalog.pg_trigger
           where tgrelid = to_regclass('artwork_indexer.event_queue') and tgname = 'artwork_reconciler_announce'
             and tgenabled <> 'D'
         ) as announces, (
           select count(*)::int from pg_catalog.pg_stat_activity
           where datname = current_database() and application_name = $1 and pid <> pg_backend_pid()
         ) as others`,
        [listenerName],
      );
      if (rows[0]?.announces !== true) {
        throw new Error('artwork_indexer.event_queue has no trigger artwork_reconciler_announce, or a disabled one');
      }
      others = rows[0].others;
    });
  } catch (error) {
    return failed('listening', `${where}: ${inOneLine(error)}; new events are polled for, as without listen_url`);
  }
  return ok(
    'listening',
    `${where} announces new events; ${others === 0 ? 'no worker listens' : 'a worker listens'} now`,
  );
}

async function asked(name: CheckOutcome['name'], look: () => Promise<CheckOutcome>): Promise<CheckOutcome> {
  try {
    return await look();
  } catch (error) {
    return failed(name, inOneLine(error));
  }
}
