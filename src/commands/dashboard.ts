import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import { requireAccess } from '../config/dashboard-access.ts';
import { type Redactor, redactorFor } from '../config/secrets.ts';
import { serveDashboard } from '../dashboard/app.tsx';
import { lazyTemporal } from '../dashboard/temporal.ts';
import type { Database } from '../database/connection.ts';
import { readIdentity } from '../database/schema/deployment.ts';
import { takePidFile } from '../lifetime/pid-file.ts';
import { configureLog, log } from '../logging/log.ts';
import type { Phase } from '../monitoring/health.ts';
import { openMonitor } from '../monitoring/monitor.ts';
import { createMonitoringApp } from '../monitoring/monitoring-app.ts';
import { readTemporalConfig, TemporalUnreachableError } from '../temporal/connection.ts';
import { checkMigrated, configOf, withDatabase } from './database.ts';
import { catchSignals, type CaughtSignals, readAgain } from './signals.ts';

export function addDashboard(program: Command): void {
  program
    .command('dashboard')
    .summary("the operators' pages")
    .description(
      "Serves the operators' pages where [dashboard] listen says, until it is stopped. Beyond this machine only with a " +
        'login ([dashboard] auth). SIGTERM and SIGINT: answers what was asked, then ends. SIGHUP: reads the ' +
        'configuration again.',
    )
    .action(async (_options: object, command: Command) => {
      const signals = catchSignals();
      try {
        const { database } = configOf(command);
        await checkMigrated(database);
        await withDatabase(database, (db) => serve(db, command, signals), 'dashboard');
        log.info('stopped');
      } finally {
        signals.release();
      }
    });
}

/** Seconds for what was asked already. A supervisor kills after 30; database and Temporal are left after this. */
const grace = 10;
/** Seconds. A statement that is still running then is rolled back by PostgreSQL, as if the connection had broken. */
const latest = 20;

async function serve(db: Database, command: Command, signals: CaughtSignals): Promise<void> {
  let config = configOf(command);
  requireAccess(config);
  const temporalConfig = readTemporalConfig();
  const { apiKey } = temporalConfig.connectionOptions;
  const redact = (): Redactor => redactorFor(config, [typeof apiKey === 'string' ? apiKey : undefined]);
  configureLog(config, redact());
  if (config.dashboard.pidFile !== null) takePidFile(config.dashboard.pidFile, '[dashboard] pid_file');
  let phase: Phase = 'starting';
  const monitor = openMonitor({
    config: () => config,
    temporal: temporalConfig,
    phase: () => phase,
    warn: (line) => log.warn(line),
  });
  const temporal = lazyTemporal(temporalConfig, db);
  try {
    await readIdentity(db);
    // Its pages are of use without Temporal, but not with somebody else's.
    await temporal.open().catch((error: unknown) => {
      if (!(error instanceof TemporalUnreachableError)) throw error;
    });
    const { temporalUi, secret } = config.dashboard;
    const dashboard = await serveDashboard({
      db,
      config: () => config,
      temporal: temporal.open,
      temporalUi,
      secret: secret ?? randomBytes(32).toString('base64url'),
      log,
      monitoring: createMonitoringApp(monitor),
    });
    phase = 'running';
    log.info({ url: dashboard.url, auth: config.dashboard.auth, pid: process.pid }, 'dashboard is served');
    const signal = await new Promise<NodeJS.Signals>((stop) => {
      signals.obey((received) => {
        if (received !== 'SIGHUP') return stop(received);
        void readAgain(config, command, 'dashboard', requireAccess, log).then((changed) => {
          config = changed ?? config;
          configureLog(config, redact());
        });
      });
    });
    phase = 'stopping';
    log.info({ signal }, 'stopping: what was asked already is answered');
    setTimeout(() => {
      log.warn(`still at work after ${latest} s: cut off, and rolled back`);
      process.exit(0);
    }, latest * 1000).unref();
    await dashboard.stop(grace);
  } finally {
    await temporal.close();
    await monitor.close();
  }
}
