import { collectDefaultMetrics, Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { OutcomeMeter } from '../activities/outcome-log.ts';
import { type AnswerClass, type RequestMeter, serviceOf } from '../clients/errors.ts';
import type { Service } from '../database/brakes/budget.ts';
import { returnRules } from '../database/entities/return-causes.ts';
import { catalogue } from '../domain/checks/catalogue.ts';
import { attemptOutcomes, eventActions } from '../domain/queue/indexer-event.ts';
import { commit, version } from '../version.ts';

/** What each service answered this process last. */
export type LastAnswers = Readonly<Partial<Record<Service, { readonly answer: AnswerClass; readonly at: Date }>>>;

/** What this process counts of its own work, since its start. */
export interface ProcessMetrics {
  readonly meter: RequestMeter;
  readonly outcomes: OutcomeMeter;
  readonly lastAnswers: LastAnswers;
}

/** Seconds. From an answer out of a cache to the longest that a request may take (src/clients/http.ts). */
const requestBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
/** Seconds. An audit that waits for its item waits for hours. */
const workBuckets = [0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200, 86_400];

const auditOutcomes = ['clean', 'legacy', 'manual_review', 'not_now', 'repair_queue'] as const;

/**
 * Makes the figures of this process, Node's own among them. Every label has few values, all of them written in this
 * program: no MBID, no address, no words of an answer. Those that can be listed are there with 0 from the start, so that
 * the first of a kind is seen as an increase.
 */
export function openProcessMetrics(registry: Registry): ProcessMetrics {
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: 'artwork_reconciler_build_info',
    help: 'What runs: always 1',
    labelNames: ['version', 'commit'],
    registers,
  }).set({ version, commit: commit() }, 1);

  const lastAnswers: Partial<Record<Service, { answer: AnswerClass; at: Date }>> = {};
  return { lastAnswers, meter: openMeter(registers, lastAnswers), outcomes: openOutcomes(registers) };
}

function openMeter(
  registers: Registry[],
  lastAnswers: Partial<Record<Service, { answer: AnswerClass; at: Date }>>,
): RequestMeter {
  const requests = new Counter({
    name: 'artwork_reconciler_requests_total',
    help: 'Requests of this process that were sent, redirect hops included, by what was answered',
    labelNames: ['service', 'kind', 'answer'],
    registers,
  });
  const durations = new Histogram({
    name: 'artwork_reconciler_request_duration_seconds',
    help: 'From the turn of a request to the end of its answer',
    labelNames: ['kind'],
    buckets: requestBuckets,
    registers,
  });
  return ({ kind, answer, seconds }) => {
    const service = serviceOf(kind);
    requests.inc({ service, kind, answer });
    durations.observe({ kind }, seconds);
    if (answer !== 'aborted') lastAnswers[service] = { answer, at: new Date() };
  };
}

function openOutcomes(registers: Registry[]): OutcomeMeter {
  const attempts = new Counter({
    name: 'artwork_reconciler_event_attempts_total',
    help: 'Attempts at indexer events that have ended in this process',
    labelNames: ['action', 'outcome'],
    registers,
  });
  const attemptDurations = new Histogram({
    name: 'artwork_reconciler_event_attempt_duration_seconds',
    help: 'From the claim of an event to the end of that attempt',
    labelNames: ['action'],
    buckets: workBuckets,
    registers,
  });
  const audits = new Counter({
    name: 'artwork_reconciler_audits_total',
    help: 'Audits that have ended in this process, by the decision',
    labelNames: ['outcome'],
    registers,
  });
  const returns = new Counter({
    name: 'artwork_reconciler_audit_returns_total',
    help: 'Audits released undecided in this process, by the obstacle',
    labelNames: ['cause'],
    registers,
  });
  const auditDurations = new Histogram({
    name: 'artwork_reconciler_audit_duration_seconds',
    help: 'From the begin of an audit to its end, waits included',
    buckets: workBuckets,
    registers,
  });
  const findings = new Counter({
    name: 'artwork_reconciler_audit_findings_total',
    help: 'Audits of this process that found something, by the check that did',
    labelNames: ['check'],
    registers,
  });
  for (const action of eventActions) for (const outcome of attemptOutcomes) attempts.inc({ action, outcome }, 0);
  for (const outcome of auditOutcomes) audits.inc({ outcome }, 0);
  for (const cause of Object.keys(returnRules)) returns.inc({ cause }, 0);
  for (const { name } of catalogue) findings.inc({ check: name }, 0);
  return {
    attemptEnded({ action, outcome, milliseconds }) {
      attempts.inc({ action, outcome });
      attemptDurations.observe({ action }, milliseconds / 1000);
    },
    auditEnded({ decision, cause, checks, milliseconds }) {
      audits.inc({ outcome: decision });
      if (decision === 'not_now') returns.inc({ cause: cause ?? 'stopped' });
      auditDurations.observe(milliseconds / 1000);
      for (const check of new Set(checks)) findings.inc({ check });
    },
  };
}
