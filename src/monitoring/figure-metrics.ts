import { Counter, Gauge, type Registry } from 'prom-client';
import type { Config } from '../config/config.ts';
import { computedBrakeNames, storedBrakeNames } from '../database/brakes/index.ts';
import type { Figures } from '../database/figures/index.ts';
import type { SchemaDifference } from '../database/schema-drift/index.ts';
import type { LostClaims } from './lost-claims.ts';

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
  const mode = gauge('mode', 'The mode: 1 for the one in force, 0 for the other', ['mode']);
  const differing = gauge('differing_settings', 'Settings in which the workers that run differ');
  const lastTick = gauge('pace_last_tick_timestamp_seconds', "When the pacer looked last, by Temporal's clock");
  const fullPass = gauge('full_pass_seconds', 'What a pass over all entities takes at this pace');
  const differences = gauge('schema_differences', 'What of the schema is missing or not as the migrations make it');
  const started = new Counter({
    name: 'artwork_reconciler_audits_started_total',
    help: 'Audits that the pacer started, over all processes',
    registers,
  });
  const read = [events, failed, oldestDue, oldestQueued, entities, due, reviews, regressed, stuck, brakes, coolDown];
  const all = [...read, mode, differing, differences, booked, perHour, lastTick, fullPass, started];

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
