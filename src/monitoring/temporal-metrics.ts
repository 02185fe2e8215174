import { type BufferedMetricUpdate, MetricsBuffer } from '@temporalio/worker';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

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
  temporal_worker_task_slots_used: 'Tasks that this process has in hand; of ActivityWorker: activities under way',
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

export interface TemporalMetrics {
  /** To be given to the runtime of this process, before the first connection is made. */
  readonly buffer: MetricsBuffer;
  /** Takes over what has come in since the last time. */
  readonly drain: () => void;
  readonly close: () => void;
}

/** Takes the figures of Temporal's SDK in this process over into a registry. */
export function openTemporalMetrics(registry: Registry): TemporalMetrics {
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
