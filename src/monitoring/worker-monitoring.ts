import { type BufferedMetricUpdate, MetricsBuffer } from '@temporalio/worker';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { OutcomeMeter } from '../activities/outcome-log.ts';
import type { RequestMeter } from '../clients/errors.ts';
import type { Config } from '../config/config.ts';
import type { Redactor } from '../config/secrets.ts';
import type { EndedAttempt } from '../database/queue/show-event.ts';
import { Opened } from '../lifetime/opened.ts';
import { serveAt } from '../lifetime/serve-at.ts';
import { log, logTemporal } from '../logging/log.ts';
import type { TemporalConfig } from '../temporal/connection.ts';
import { failureTypes } from '../temporal/failure-types.ts';
import { commit, program } from '../version.ts';
import type { Phase } from './health.ts';
import { openMonitor } from './monitor.ts';
import { createOpenMonitoringApp } from './monitoring-app.ts';

/** Reports faults to whoever looks after the program. */
interface FaultReporter {
  /** An event failed for good: artwork-indexer reports these, too. */
  eventFailed(attempt: EndedAttempt): void;
  /** A step, a workflow or the worker itself failed with what nobody expected. Expected failures are not reported. */
  failed(error: Error, about?: Readonly<Record<string, unknown>>): void;
  /** Sends what is under way, for two seconds at most. */
  close(): Promise<void>;
}

/** Milliseconds; a worker has 25 s for all of its end. */
const closingTime = 2000;

const expected: ReadonlySet<unknown> = new Set([...Object.values(failureTypes), 'Stopping']);

/**
 * Opens Sentry, which is loaded only now: it is large, and most deployments have none. Nothing is sent but what is
 * reported here: no traces, no requests, no variables of the process; and no secret, whatever an error says.
 */
async function openSentry(dsn: string, redact: Redactor): Promise<FaultReporter> {
  const sentry = await import('@sentry/node');
  sentry.init({
    dsn,
    release: `${program}+${commit()}`,
    // They would watch requests, read files around an error, and take over the process' last errors.
    defaultIntegrations: false,
    enableRuntimeChannelInjection: false,
    beforeSend: (event) => JSON.parse(redact(JSON.stringify(event))) as typeof event,
  });
  return {
    eventFailed({ action, entityType, gids, attempt, reason }) {
      sentry.captureMessage(`event failed for good: ${reason ?? 'no reason given'}`, {
        level: 'error',
        tags: { action, entity_type: entityType },
        extra: { gids, attempt },
        // One issue for each action: the reasons differ in their MBIDs.
        fingerprint: ['event failed for good', action],
      });
    },
    failed(error, about = {}) {
      const { type } = error as { readonly type?: unknown };
      if (expected.has(type)) return;
      const { workflow_id: workflow, activity } = about;
      const tags = { ...asTag('workflow_id', workflow), ...asTag('activity', activity) };
      sentry.captureException(error, { tags });
    },
    close: async () => void (await sentry.close(closingTime)),
  };
}

function asTag(name: string, value: unknown): Record<string, string> {
  return typeof value === 'string' ? { [name]: value } : {};
}

/**
 * What of the figures of Temporal's SDK is given out, each with the labels that are kept: others would multiply, or say
 * the same of every series. A counter's name ends in `_total` here, and a duration's in `_seconds`, as Prometheus has it.
 */
const kept = {
  counters: {
    temporal_activity_execution_failed: ['activity_type', 'failure_reason'],
    temporal_local_activity_execution_failed: ['activity_type', 'failure_reason'],
    temporal_long_request_failure: ['operation', 'status_code'],
    temporal_request_failure: ['operation', 'status_code'],
    temporal_sticky_cache_total_forced_eviction: [],
    temporal_workflow_completed: ['workflow_type'],
    temporal_workflow_failed: ['workflow_type'],
    temporal_workflow_task_execution_failed: ['workflow_type', 'failure_reason'],
  },
  gauges: {
    temporal_num_pollers: ['task_queue', 'poller_type'],
    temporal_sticky_cache_size: [],
    temporal_worker_task_slots_available: ['task_queue', 'worker_type'],
    temporal_worker_task_slots_used: ['task_queue', 'worker_type'],
  },
  histograms: {
    temporal_activity_schedule_to_start_latency: ['task_queue'],
    temporal_workflow_task_execution_latency: ['workflow_type'],
    temporal_workflow_task_schedule_to_start_latency: ['task_queue'],
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

const helps: Readonly<Record<string, string>> = {
  temporal_activity_execution_failed: 'Activities that failed, each try',
  temporal_local_activity_execution_failed: 'Local activities that failed, each try',
  temporal_long_request_failure: 'Polls for tasks that failed',
  temporal_request_failure: 'Requests to Temporal that failed',
  temporal_sticky_cache_total_forced_eviction: 'Workflows that left the cache for want of room',
  temporal_workflow_completed: 'Workflow runs that completed',
  temporal_workflow_failed: 'Workflow runs that failed',
  temporal_workflow_task_execution_failed: 'Workflow tasks that failed: code that a history contradicts, or a bug',
  temporal_num_pollers: 'Polls for tasks under way',
  temporal_sticky_cache_size: 'Workflows in the cache',
  temporal_worker_task_slots_available: 'Tasks that this process could take in addition',
  temporal_worker_task_slots_used: 'Tasks that this process has in progress; of ActivityWorker: activities under way',
  temporal_activity_schedule_to_start_latency: 'How long activities waited for a worker',
  temporal_workflow_task_execution_latency: 'How long workflow code ran in one task',
  temporal_workflow_task_schedule_to_start_latency: 'How long workflow tasks waited for a worker',
};

/** Seconds. */
const buckets = [0.005, 0.025, 0.1, 0.5, 1, 5, 30, 120, 600];

/**
 * Milliseconds. Often enough that a busy worker doesn't fill the buffer: the demo's makes some 300 updates a second, and
 * what is too much for the buffer is lost.
 */
const drainInterval = 1000;
const bufferSize = 100_000;

interface TemporalMetrics {
  /** To be given to the runtime of this process, before the first connection is made. */
  readonly buffer: MetricsBuffer;
  /** Takes over what has come in since the last time. */
  readonly drain: () => void;
  readonly close: () => void;
}

/** Takes the figures of Temporal's SDK in this process over into a registry. */
function openTemporalMetrics(registry: Registry): TemporalMetrics {
  const buffer = new MetricsBuffer({ maxBufferSize: bufferSize, useSecondsForDurations: true });
  const takers = new Map<string, (update: BufferedMetricUpdate) => void>();
  const registers = [registry];
  for (const [name, labelNames] of entriesOf(kept.counters)) {
    const counter = new Counter({ name: `${name}_total`, help: helps[name]!, labelNames, registers });
    takers.set(name, ({ value, attributes }) => counter.inc(labelsOf(attributes, labelNames), value));
  }
  for (const [name, labelNames] of entriesOf(kept.gauges)) {
    const gauge = new Gauge({ name, help: helps[name]!, labelNames, registers });
    takers.set(name, ({ value, attributes }) => gauge.set(labelsOf(attributes, labelNames), value));
  }
  for (const [name, labelNames] of entriesOf(kept.histograms)) {
    const histogram = new Histogram({ name: `${name}_seconds`, help: helps[name]!, labelNames, buckets, registers });
    takers.set(name, ({ value, attributes }) => histogram.observe(labelsOf(attributes, labelNames), value));
  }
  const drain = (): void => {
    for (const update of buffer.retrieveUpdates()) takers.get(update.metric.name)?.(update);
  };
  const timer = setInterval(drain, drainInterval).unref();
  return { buffer, drain, close: () => clearInterval(timer) };
}

function entriesOf(metrics: Readonly<Record<string, readonly string[]>>): [string, string[]][] {
  return Object.entries(metrics).map(([name, labels]) => [name, [...labels]]);
}

function labelsOf(attributes: BufferedMetricUpdate['attributes'], names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, String(attributes[name] ?? '')]));
}

/** What watches over a worker's process. */
interface WorkerMonitoring {
  /** To be handed to the worker. */
  readonly meter: RequestMeter | undefined;
  readonly outcomes: OutcomeMeter;
  /** Reports what ends the worker. */
  failed(error: Error): void;
  /** Nobody is answered any more. */
  close(): Promise<void>;
}

interface MonitoringSetup {
  readonly config: () => Config;
  readonly temporal: TemporalConfig;
  readonly phase: () => Phase;
  readonly redact: Redactor;
}

/**
 * Starts what is configured: the pages at `[monitoring] listen`, and reports to `[sentry] dsn`. Also gives Temporal's
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
