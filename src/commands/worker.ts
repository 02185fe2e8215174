import type { Command } from 'commander';
import { describeChanges } from '../config/changes.ts';
import type { Config } from '../config/config.ts';
import { requireContact } from '../config/contact.ts';
import type { Database } from '../database/connection.ts';
import { tryKeysNow } from '../database/event-states/index.ts';
import { log, logTemporal } from '../log.ts';
import { readTemporalConfig } from '../temporal.ts';
import { program as programName } from '../version.ts';
import { startWorker, type RunningWorker } from '../worker.ts';
import { configOf } from './configuration.ts';
import { checkMigrated, withDatabase } from './database.ts';
import { inOneLine } from './errors.ts';

export function addWorker(program: Command): void {
  program
    .command('worker')
    .description(
      'Runs the deployment: carries out indexer events, and audits entities at the configured pace. Any number may run. ' +
        'SIGTERM and SIGINT: finishes what is in hand, then ends. SIGHUP: reads the configuration again.',
    )
    .action(async (_options: object, command: Command) => {
      let config = configOf(command);
      requireContact(config);
      await checkMigrated(config.database);
      logTemporal();
      await withDatabase(config.database, async (db) => {
        const worker = await startWorker({ db, config: () => config, temporal: readTemporalConfig() });
        log.info({ mode: config.audit.mode, archive: config.archive.url }, `${programName} works`);
        const reload = async (): Promise<void> => {
          config = await reloaded(config, command, db);
        };
        await untilStopped(worker, () => void reload());
        log.info('stopped');
      });
    });
}

/** A configuration that is wrong changes nothing: the worker goes on with the one it has. */
async function reloaded(current: Config, command: Command, db: Database): Promise<Config> {
  try {
    const config = configOf(command);
    requireContact(config);
    const changes = describeChanges(current, config);
    log.info({ changes }, changes.length === 0 ? 'configuration read again: nothing changed' : 'configuration changed');
    await tryKeysNow(db);
    return config;
  } catch (error) {
    log.error(`configuration not taken over: ${inOneLine(error)}`);
    return current;
  }
}

async function untilStopped(worker: RunningWorker, reload: () => void): Promise<void> {
  const stop = (signal: NodeJS.Signals): void => {
    log.info({ signal }, 'stopping: what is in hand is finished');
    worker.shutdown();
  };
  process.on('SIGTERM', stop).on('SIGINT', stop).on('SIGHUP', reload);
  try {
    await worker.ended;
  } finally {
    process.off('SIGTERM', stop).off('SIGINT', stop).off('SIGHUP', reload);
  }
}
