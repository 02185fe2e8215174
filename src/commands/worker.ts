import type { Command } from 'commander';
import { keepRequests } from '../activities/dependencies.ts';
import type { RequestMeter } from '../clients/errors.ts';
import type { Config } from '../config/config.ts';
import { type Redactor, redactorFor } from '../config/secrets.ts';
import { requireContact } from '../config/value-types.ts';
import { tryKeysNow } from '../database/attempts/probes.ts';
import type { Database, Queryable } from '../database/connection.ts';
import { type Mode, readMode } from '../database/pace/mode.ts';
import { takePidFile } from '../lifetime/pid-file.ts';
import { configureLog, endTemporalLog, log, whyTemporalFailed } from '../logging/log.ts';
import type { Phase } from '../monitoring/health.ts';
import { startWorkerMonitoring } from '../monitoring/worker-monitoring.ts';
import { readTemporalConfig } from '../temporal/connection.ts';
import { inOneLine } from '../terminal/terminal.ts';
import { program as programName } from '../version.ts';
import { modeAndWhoInWords } from '../wording/schedule.ts';
import { startWorker } from '../worker.ts';
import { checkMigrated, configOf, refuseReplica, refuseUnmetNeeds, withDatabase } from './database.ts';
import { exitCodes, reportError } from './errors.ts';
import { catchSignals, type CaughtSignals, readAgain } from './signals.ts';

export function addWorker(program: Command): void {
  program
    .command('worker')
    .summary('carry out events and audits, until stopped')
    .description(
      'Runs the deployment: carries out indexer events, and audits entities at the configured pace. Any number may run. ' +
        'SIGTERM and SIGINT: finishes what is in progress, then ends. SIGHUP: reads the configuration again.',
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
  if (config.worker.pidFile !== null) takePidFile(config.worker.pidFile, '[worker] pid_file');
  let phase: Phase = 'starting';
  const monitoring = await startWorkerMonitoring({
    config: () => config,
    temporal,
    phase: () => phase,
    // Of the configuration as it is then.
    redact: (text) => redact()(text),
  });
  let isClosed = false;
  try {
    await checkMigrated(config.database);
    await withDatabase(config.database, (db) => workWith(db).catch(endSoon), 'worker');
  } catch (error) {
    monitoring.failed(error instanceof Error ? error : new Error(String(error)));
    await endTemporalLog();
    throw error;
  } finally {
    await monitoring.close();
    isClosed = true;
  }

  /**
   * Ends the process even where something can't be closed, as of Temporal's native part: one that does nothing any more
   * looks alive to a supervisor.
   */
  function endSoon(error: unknown): never {
    setTimeout(() => {
      process.exit(isClosed ? exitCodes.failed : reportError(error, process.env));
    }, longestClosing).unref();
    throw error;
  }

  async function workWith(db: Database): Promise<void> {
    await refuseUnmetNeeds(db);
    const { mode } = await readMode(db, config.audit);
    const warning = await refuseReplica(db, { mode, events: config.events.enabled });
    if (warning !== null) log.warn(warning);
    const requests = keepRequests(db, (error) =>
      log.warn({ error }, 'requests could not be counted in the database; they are added with the next ones'),
    );
    try {
      await workCounted(db, mode, requests.meter);
    } finally {
      await requests.close();
    }
  }

  async function workCounted(db: Database, mode: Mode, countRequest: RequestMeter): Promise<void> {
    const { outcomes } = monitoring;
    const meter: RequestMeter = (request) => {
      monitoring.meter?.(request);
      countRequest(request);
    };
    const worker = await startWorker({ db, config: () => config, temporal, log, outcomes, meter });
    phase = 'running';
    log.info({ mode, archive: config.archive.url, pid: process.pid }, `${programName} works`);
    await warnOfOtherMode(db, config);
    const reload = async (): Promise<void> => {
      const changed = await readAgain(
        config,
        command,
        'worker',
        async (read) => {
          requireContact(read);
          if (read.events.enabled && !config.events.enabled) await refuseReplica(db, { mode: 'report', events: true });
        },
        log,
      );
      if (changed === null) return;
      config = changed;
      configureLog(config, redact());
      try {
        await worker.reload();
        await tryKeysNow(db);
        await warnOfOtherMode(db, config);
      } catch (error) {
        log.warn(`not all of the configuration is in force yet, send SIGHUP again: ${inOneLine(error)}`);
      }
    };
    let reloaded = Promise.resolve();
    signals.obey((signal) => {
      // One after the other: of two consecutive ones, the later file stays in force.
      if (signal === 'SIGHUP') return void (reloaded = reloaded.then(reload));
      log.info({ signal }, 'stopping: what is in progress is finished');
      phase = 'stopping';
      worker.shutdown();
    });
    await worker.ended.catch((error: unknown) => {
      throw brokenWorker(whyTemporalFailed() ?? error);
    });
    log.info('stopped');
  }
}

/** Who changes the mode in a file expects it to count. */
async function warnOfOtherMode(q: Queryable, { audit }: Config): Promise<void> {
  const inForce = await readMode(q, audit);
  if (inForce.mode === audit.mode) return;
  log.warn(
    `[audit] mode is ${audit.mode} here, and was only the first value: the mode is ${modeAndWhoInWords(inForce)}; ` +
      `\`schedule mode ${audit.mode}\` changes it`,
  );
}

/** Milliseconds that closing everything takes at most after the worker has ended by an error. */
const longestClosing = 3000;

function brokenWorker(cause: unknown): Error {
  return new Error(`This worker broke, and ends; what it had in progress is released: ${inOneLine(cause)}`, {
    cause,
  });
}
