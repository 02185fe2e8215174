import type { Command } from 'commander';
import type { Config } from '../config/config.ts';
import { requireContact } from '../config/contact.ts';
import { redactorFor, type Redactor } from '../config/secrets.ts';
import type { Database } from '../database/connection.ts';
import { tryKeysNow } from '../database/event-states/index.ts';
import { configureLog, endTemporalLog, log } from '../log.ts';
import type { Phase } from '../monitoring/health.ts';
import { startWorkerMonitoring } from '../monitoring/worker-monitoring.ts';
import { readTemporalConfig } from '../temporal.ts';
import { program as programName } from '../version.ts';
import { startWorker } from '../worker.ts';
import { configOf } from './configuration.ts';
import { checkMigrated, refuseReplica, withDatabase } from './database.ts';
import { inOneLine } from './errors.ts';
import { readAgain } from './reload.ts';
import { catchSignals, type CaughtSignals } from './signals.ts';

export function addWorker(program: Command): void {
  program
    .command('worker')
    .summary('carry out events and audits, until stopped')
    .description(
      'Runs the deployment: carries out indexer events, and audits entities at the configured pace. Any number may run. ' +
        'SIGTERM and SIGINT: finishes what is in hand, then ends. SIGHUP: reads the configuration again.',
    )
    .action(async (_options: object, command: Command) => {
      const signals = catchSignals();
      try {
        await work(command, signals);
      } finally {
        signals.release();
      }
    });
}

async function work(command: Command, signals: CaughtSignals): Promise<void> {
  let config = configOf(command);
  requireContact(config);
  const temporal = readTemporalConfig();
  const { apiKey } = temporal.connectionOptions;
  const redact = (): Redactor => redactorFor(config, [typeof apiKey === 'string' ? apiKey : undefined]);
  configureLog(config, redact());
  let phase: Phase = 'starting';
  const monitoring = await startWorkerMonitoring({
    config: () => config,
    temporal,
    phase: () => phase,
    // Of the configuration as it is then.
    redact: (text) => redact()(text),
  });
  try {
    await checkMigrated(config.database);
    await withDatabase(config.database, (db) => workWith(db));
  } catch (error) {
    monitoring.failed(error instanceof Error ? error : new Error(String(error)));
    await endTemporalLog();
    throw error;
  } finally {
    await monitoring.close();
  }

  async function workWith(db: Database): Promise<void> {
    const warning = await refuseReplica(db, config.audit.mode);
    if (warning !== null) log.warn(warning);
    const { meter, outcomes } = monitoring;
    const worker = await startWorker({ db, config: () => config, temporal, log, outcomes, meter });
    phase = 'running';
    log.info({ mode: config.audit.mode, archive: config.archive.url }, `${programName} works`);
    const requirement = async (wanted: Config): Promise<void> => {
      requireContact(wanted);
      // A database that is away for a moment is no reason to refuse anything else.
      if (wanted.audit.mode !== config.audit.mode) await refuseReplica(db, wanted.audit.mode);
    };
    const reload = async (): Promise<void> => {
      const changed = await readAgain(config, command, 'worker', requirement);
      if (changed === null) return;
      config = changed;
      configureLog(config, redact());
      try {
        await worker.reload();
        await tryKeysNow(db);
      } catch (error) {
        log.warn(`not all of the configuration is in force yet, send SIGHUP again: ${inOneLine(error)}`);
      }
    };
    let reloaded = Promise.resolve();
    signals.obey((signal) => {
      // One after the other: of two in a row, the later file stays in force.
      if (signal === 'SIGHUP') return void (reloaded = reloaded.then(reload));
      log.info({ signal }, 'stopping: what is in hand is finished');
      phase = 'stopping';
      worker.shutdown();
    });
    await worker.ended;
    log.info('stopped');
  }
}
