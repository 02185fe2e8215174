import { Registry } from 'prom-client';
import type { OutcomeMeter } from '../activities/outcome-log.ts';
import type { RequestMeter } from '../clients/answered-request.ts';
import type { Config } from '../config/config.ts';
import type { Redactor } from '../config/secrets.ts';
import { log, logTemporal } from '../logging/log.ts';
import { Opened } from '../lifetime/opened.ts';
import type { TemporalConfig } from '../temporal/connection.ts';
import type { Phase } from './health.ts';
import { createOpenMonitoringApp } from './monitoring-app.ts';
import { openMonitor } from './monitor.ts';
import { openSentry } from './sentry.ts';
import { serveAt } from '../lifetime/serve-at.ts';
import { openTemporalMetrics } from './temporal-metrics.ts';

/** What watches over a worker's process. */
export interface WorkerMonitoring {
  /** To be handed to the worker. */
  readonly meter: RequestMeter | undefined;
  readonly outcomes: OutcomeMeter;
  /** Reports what ends the worker. */
  failed(error: Error): void;
  /** Nobody is answered any more. */
  close(): Promise<void>;
}

export interface MonitoringSetup {
  readonly config: () => Config;
  readonly temporal: TemporalConfig;
  readonly phase: () => Phase;
  readonly redact: Redactor;
}

/**
 * Starts what is configured: the pages at `[monitoring] listen`, and reports to `[sentry] dsn`. Also tells Temporal's
 * runtime where its log and its figures go, so it has to come before the first connection.
 *
 * @throws {AddressTakenError} before anything is started
 */
export async function startWorkerMonitoring(setup: MonitoringSetup): Promise<WorkerMonitoring> {
  const opened = new Opened();
  return opened.orClose(() => start(setup, opened));
}

async function start(setup: MonitoringSetup, opened: Opened): Promise<WorkerMonitoring> {
  const { monitoring, sentry } = setup.config();
  const pages = monitoring.listen === null ? null : await startPages(setup, monitoring.listen, opened);
  const reporter = sentry.dsn === null ? null : await openSentry(sentry.dsn, setup.redact);
  if (reporter !== null) opened.add(() => reporter.close());
  logTemporal(pages?.buffer, (error, about) => reporter?.failed(error, about));
  return {
    meter: pages?.meter,
    outcomes: {
      attemptEnded(attempt) {
        pages?.outcomes.attemptEnded(attempt);
        if (attempt.outcome === 'failed') reporter?.eventFailed(attempt);
      },
      auditEnded: (audit) => pages?.outcomes.auditEnded(audit),
    },
    failed: (error) => reporter?.failed(error),
    close: () => opened.close(),
  };
}

async function startPages({ config, temporal, phase }: MonitoringSetup, listen: string, opened: Opened) {
  const registry = new Registry();
  const ofTemporal = openTemporalMetrics(registry);
  const warn = (line: string): void => log.warn(line);
  const monitor = openMonitor({ config, temporal, phase, registry, warn, beforeScrape: ofTemporal.drain });
  opened.add(ofTemporal.close);
  opened.add(() => monitor.close());
  const app = createOpenMonitoringApp(monitor, () => config().monitoring.hosts);
  const listening = await serveAt(app, listen, '[monitoring] listen');
  opened.add(() => listening.close());
  log.info({ address: listening.address }, 'answers /healthz, /readyz and /metrics');
  return { ...monitor.process, buffer: ofTemporal.buffer };
}
