import type { Client } from '@temporalio/client';
import { Counter, Gauge, Registry } from 'prom-client';
import type { Config } from '../config/config.ts';
import { computedBrakeNames, storedBrakeNames } from '../domain/brake.ts';
import { openDatabase, type Queryable } from '../database/connection.ts';
import { auditsInProgress } from '../database/entities/lost-audits.ts';
import { type Figures, readFigures } from '../database/figures/figures.ts';
import { claimsInProgress } from '../database/queue/due-events.ts';
import { readSchemaDrift, type SchemaDifference } from '../database/schema/schema-drift.ts';
import { addressOf, isWorkflowOpen, openTemporalLazily, type TemporalConfig } from '../temporal/connection.ts';
import { inOneLine } from '../terminal/terminal.ts';
import { keep } from './cached.ts';
import { askDependencies, type Dependency, type Health, healthOf, type Phase } from './health.ts';
import { openProcessMetrics, type ProcessMetrics } from './process-metrics.ts';

/** Rows claimed by a workflow that is gone. Housekeeping releases them; where they stay, it doesn't. */
interface LostClaims {
  readonly events: number;
  readonly audits: number;
}

interface Claim {
  readonly workflowId: string;
  readonly runId: string | null;
}

/** The limit of claims and workflows compared; there are never more audits in progress than `[audit] max_in_progress`. */
const most = 2000;
/** What the list lacks is asked for one by one, no more than this: the list is a little behind, and knows no pauses. */
const askedSingly = 50;

const openWorkflows = `ExecutionStatus = 'Running' AND WorkflowType IN ('processEvent', 'auditEntity')`;

/**
 * Counts the claims, young ones apart, whose workflow is not open any more: one list for all of them, since audits that
 * wait for their item are in progress for hours.
 *
 * @param settings.timeout milliseconds, for Temporal's answers
 *
 * @throws where Temporal can't be asked: then nothing is known, and nothing is to be said
 */
export async function countLostClaims(
  q: Queryable,
  temporal: Client,
  { timeout, youngClaimSeconds }: { readonly timeout: number } & Pick<Config['housekeeping'], 'youngClaimSeconds'>,
): Promise<LostClaims> {
  const events = await claimsInProgress(q, { youngClaimSeconds });
  const audits = await auditsInProgress(q, { youngClaimSeconds, limit: most });
  if (events.length + audits.length === 0) return { events: 0, audits: 0 };
  return temporal.withDeadline(Date.now() + timeout, async () => {
    const open = await listOpen(temporal);
    return { events: await countLost(events), audits: await countLost(audits) };

    async function countLost(claims: readonly Claim[]): Promise<number> {
      const missing = claims.filter(({ workflowId, runId }) => !open.has(runId ?? workflowId)).slice(0, askedSingly);
      const states = await Promise.all(
        missing.map(({ workflowId, runId }) => isWorkflowOpen(temporal, workflowId, runId)),
      );
      return states.filter((isOpen) => !isOpen).length;
    }
  });
}

/** The ids of the open workflows, and of their runs. */
async function listOpen(temporal: Client): Promise<ReadonlySet<string>> {
  const open = new Set<string>();
  for await (const { workflowId, runId } of temporal.workflow.list({ query: openWorkflows, pageSize: 1000 })) {
    open.add(workflowId).add(runId);
    if (open.size >= 2 * most) break;
  }
  return open;
}

export interface MonitorSetup {
  /** The configuration as it is at the moment of asking. */
  readonly config: () => Config;
  readonly temporal: TemporalConfig;
  /** What this process is up to; ready while it is `running`. */
  readonly phase: () => Phase;
  /** Takes over what else there is to give out, right before it is. */
  readonly beforeScrape?: () => void;
  readonly registry?: Registry;
  /** Told why figures can't be read. */
  readonly warn?: (line: string) => void;
}

export interface Readiness {
  readonly ready: boolean;
  readonly phase: Phase;
  readonly dependencies: readonly Dependency[];
}

/** What a process reports of itself and of what it depends on. Nothing here throws: what is unknown is reported as such. */
export interface Monitor {
  /** Receives this process' requests and outcomes. */
  readonly process: ProcessMetrics;
  health(): Health;
  readiness(): Promise<Readiness>;
  /** In Prometheus' text form. */
  metrics(): Promise<string>;
  readonly metricsType: string;
  close(): Promise<void>;
}

/**
 * Opens a monitor. It has connections of its own: a worker whose own are all in use, or that waits for Temporal, can
 * still tell so.
 */
export function openMonitor(setup: MonitorSetup): Monitor {
  const { config, phase, registry = new Registry() } = setup;
  const timeout = (): number => config().monitoring.timeoutSeconds * 1000;
  const process = openProcessMetrics(registry);
  const db = openDatabase({
    ...config().database,
    max: 2,
    connectionTimeoutMillis: timeout(),
    application_name: 'artwork-reconciler monitoring',
  });
  const temporal: Client = openTemporalLazily(setup.temporal);
  const setFigures = openFigureMetrics(registry);
  const available = new Gauge({
    name: 'artwork_reconciler_dependency_up',
    help: 'Whether a dependency is there: 1, or 0',
    labelNames: ['dependency'],
    registers: [registry],
  });

  const temporalAddress = addressOf(setup.temporal);
  const sources = () => ({ db, temporal, temporalAddress, timeout: timeout(), lastAnswers: process.lastAnswers });
  const options = {
    keep: () => config().monitoring.keepSeconds * 1000,
    patience: timeout,
    onError: (error: unknown) => setup.warn?.(`figures can't be read: ${inOneLine(error)}`),
  };
  const figures = keep(() => readFigures(db, config(), config().monitoring.timeoutSeconds), options);
  const drift = keep(() => readSchemaDrift(db, config().monitoring.timeoutSeconds), options);
  const lost = keep(() => countLostClaims(db, temporal, { ...config().housekeeping, timeout: timeout() }), options);
  const dependencies = keep(() => askDependencies(sources()), { ...options, patience: () => 3 * timeout() });
  let asking: Promise<readonly Dependency[]> | undefined;

  return {
    process,
    metricsType: registry.contentType,
    health: () => healthOf(phase()),
    async readiness() {
      // Never what was kept: whoever asks wants to know how it is now. Those who ask at once share an answer.
      asking ??= askDependencies(sources()).finally(() => (asking = undefined));
      const answer = await asking;
      const isMissing = answer.some(({ ok, required }) => required && !ok);
      return { ready: phase() === 'running' && !isMissing, phase: phase(), dependencies: answer };
    },
    async metrics() {
      const [read, stuck, differences, known] = await Promise.all([
        figures.get(),
        lost.get(),
        drift.get(),
        dependencies.get(),
      ]);
      setFigures({ figures: read, lost: stuck, drift: differences, config: config() });
      available.reset();
      for (const { name, ok } of known ?? []) available.set({ dependency: name }, ok ? 1 : 0);
      setup.beforeScrape?.();
      return registry.metrics();
    },
    async close() {
      await Promise.allSettled([db.close(), temporal.connection.close()]);
    },
  };
}

/** What is known at the moment of a scrape; null: it could not be read. */
export interface ScrapedFigures {
  readonly figures: Figures | null;
  /** Null where Temporal or the database could not be asked. */
  readonly lost: LostClaims | null;
  readonly drift: readonly SchemaDifference[] | null;
  readonly config: Config;
}

/**
 * Makes the figures that are read from the database, the same in every process. What can't be read is left out: a figure
 * of an hour ago would be believed.
 */
export function openFigureMetrics(registry: Registry): (scraped: ScrapedFigures) => void {
  const registers = [registry];
  const gauge = <Label extends string = never>(name: string, help: string, labelNames: readonly Label[] = []) =>
    new Gauge<Label>({ name: `artwork_reconciler_${name}`, help, labelNames: [...labelNames], registers });

  const events = gauge('events', 'Indexer events by state; beyond 10,000 an estimate', ['state']);
  const failed = gauge('failed_events', 'Events that failed for good and were not dismissed, up to 10,000');
  const oldestDue = gauge('oldest_due_event_seconds', 'How long the oldest claimable event could have been started');
  const oldestQueued = gauge('oldest_queued_event_seconds', 'Since the oldest queued event was created');
  const entities = gauge('entities', 'Audit entities by status; beyond 10,000 an estimate', ['status']);
  const due = gauge('entities_due', 'Entities that may be audited now; beyond 10,000 an estimate');
  const reviews = gauge('open_reviews', 'Reviews that wait for a person');
  const regressed = gauge('regressed_reviews', 'Open reviews of something that came back, up to 10,000');
  const stuck = gauge('stuck_rows', 'Rows said to be worked on, that nobody works on', ['row', 'why']);
  const brakes = gauge('brake', 'Whether a brake is on: 1, or 0', ['brake']);
  const coolDown = gauge('cool_down_seconds', 'What is left of a cool-down; 0: none', ['service']);
  const booked = gauge('budget_booked_seconds', 'For how long turns for requests are taken already', ['service']);
  const allowed = gauge('budget_requests_per_second', 'Requests allowed over all processes together', ['service']);
  const perHour = gauge('pace_audits_per_hour', 'The pace in force: audits started an hour, if nothing brakes');
  const ownPerHour = gauge('own_pace_audits_per_hour', 'The same of entity types with a pace of their own', [
    'entity_type',
  ]);
  const mode = gauge('mode', 'The mode: 1 for the one in force, 0 for the other', ['mode']);
  const differing = gauge('differing_settings', 'Settings in which the workers that run differ');
  const lastTick = gauge('pace_last_tick_timestamp_seconds', "When the pacer checked last, by Temporal's clock");
  const fullPass = gauge('full_pass_seconds', 'What a pass over all entities takes at this pace');
  const differences = gauge('schema_differences', 'What of the schema is missing or not as the migrations make it');
  const started = new Counter({
    name: 'artwork_reconciler_audits_started_total',
    help: 'Audits that the pacer started, over all processes',
    registers,
  });
  const read = [events, failed, oldestDue, oldestQueued, entities, due, reviews, regressed, stuck, brakes, coolDown];
  const all = [...read, mode, differing, differences, booked, perHour, ownPerHour, lastTick, fullPass, started];

  return ({ figures, lost, drift, config }) => {
    allowed.set({ service: 'archive' }, config.archive.requestsPerSecond);
    allowed.set({ service: 'musicbrainz' }, config.musicbrainz.requestsPerSecond);
    for (const metric of all) forget(metric);
    if (lost !== null) {
      stuck.set({ row: 'event', why: 'workflow_gone' }, lost.events);
      stuck.set({ row: 'audit', why: 'workflow_gone' }, lost.audits);
    }
    if (drift !== null) differences.set(drift.filter(({ kind }) => kind !== 'unexpected').length);
    if (figures === null) return;
    for (const [state, { count }] of Object.entries(figures.events.byState)) events.set({ state }, count);
    failed.set(figures.events.failedNotDismissed);
    oldestDue.set(figures.events.oldestDueSeconds ?? 0);
    oldestQueued.set(figures.events.oldestQueuedSeconds ?? 0);
    for (const [status, count] of Object.entries(figures.entities.byStatus)) entities.set({ status }, count);
    due.set(figures.entities.due);
    reviews.set(figures.entities.openReviews);
    regressed.set(figures.entities.regressedReviews);
    stuck.set({ row: 'event', why: 'unclaimed' }, figures.unclaimed.events);
    stuck.set({ row: 'audit', why: 'unclaimed' }, figures.unclaimed.audits);
    const on = new Set<string>(figures.brakes.map(({ name }) => name));
    for (const brake of [...storedBrakeNames, ...computedBrakeNames]) brakes.set({ brake }, on.has(brake) ? 1 : 0);
    for (const { service, coolDownSeconds, bookedSeconds } of figures.budgets) {
      coolDown.set({ service }, coolDownSeconds);
      booked.set({ service }, bookedSeconds);
    }
    for (const each of ['report', 'repair']) mode.set({ mode: each }, each === figures.mode.mode ? 1 : 0);
    differing.set(figures.differences.length);
    perHour.set(figures.pace.pace.perHour);
    for (const own of figures.pace.ownPaces) ownPerHour.set({ entity_type: own.entityType }, own.perHour);
    if (figures.pace.lastTickAt !== null) lastTick.set(figures.pace.lastTickAt);
    fullPass.set(figures.pace.fullPass.hours * 3600);
    started.inc(figures.pace.started);
  };
}

/** A metric without labels is 0 after a reset; it is to be left out. */
function forget(metric: Counter | Gauge): void {
  metric.reset();
  metric.remove({});
}
