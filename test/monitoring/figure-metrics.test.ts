import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import type { Figures } from '../../src/database/figures/figures.ts';
import { openFigureMetrics, type ScrapedFigures } from '../../src/monitoring/monitor.ts';
import { parseMetrics } from './scrape.ts';

const counted = (count: number) => ({ count, isEstimate: false });

/** Each figure another number, so that none is taken for another. */
const figures = {
  events: {
    byState: { queued: counted(101), running: counted(102), completed: counted(103), failed: counted(104) },
    failedNotDismissed: 105,
    oldestDueSeconds: 106,
    oldestQueuedSeconds: 107,
  },
  entities: {
    byStatus: {
      unchecked: 201,
      audit_in_progress: 202,
      clean: 203,
      manual_review: 204,
      repair_queue: 205,
      legacy: 206,
    },
    due: 207,
    openReviews: 208,
    regressedReviews: 209,
  },
  unclaimed: { events: 301, audits: 302 },
  pace: {
    pace: { perHour: 401 },
    ownPaces: [{ entityType: 'event', perHour: 402 }],
    fullPass: { hours: 2, isEstimate: false },
    started: 403,
    lastTickAt: 404,
  },
  budgets: [
    { service: 'archive', coolDownSeconds: 501, bookedSeconds: 502 },
    { service: 'musicbrainz', coolDownSeconds: 503, bookedSeconds: 504 },
  ],
  brakes: [{ name: 'breaker' }],
  mode: { mode: 'repair' },
  differences: [{}, {}, {}],
} as unknown as Figures;

const config = readConfig({
  file: '/dev/null',
  env: { ARCHIVE_REQUESTS_PER_SECOND: '7', MUSICBRAINZ_REQUESTS_PER_SECOND: '8' },
});
const scraped: ScrapedFigures = {
  figures,
  lost: { events: 601, audits: 602 },
  drift: [{ kind: 'missing' }, { kind: 'different' }, { kind: 'unexpected' }] as unknown as ScrapedFigures['drift'],
  config,
};

async function metricsOf(...scrapes: readonly ScrapedFigures[]): Promise<ReadonlyMap<string, number>> {
  const registry = new Registry();
  const set = openFigureMetrics(registry);
  for (const each of scrapes) set(each);
  const { series } = parseMetrics(await registry.metrics());
  return new Map(
    series.map(({ name, labels, value }) => [
      [name.replace('artwork_reconciler_', ''), ...Object.values(labels)].join(' '),
      value,
    ]),
  );
}

const expected = {
  'events queued': 101,
  'events running': 102,
  'events completed': 103,
  'events failed': 104,
  failed_events: 105,
  oldest_due_event_seconds: 106,
  oldest_queued_event_seconds: 107,
  'entities unchecked': 201,
  'entities audit_in_progress': 202,
  'entities clean': 203,
  'entities manual_review': 204,
  'entities repair_queue': 205,
  'entities legacy': 206,
  entities_due: 207,
  open_reviews: 208,
  regressed_reviews: 209,
  'stuck_rows event unclaimed': 301,
  'stuck_rows audit unclaimed': 302,
  'stuck_rows event workflow_gone': 601,
  'stuck_rows audit workflow_gone': 602,
  'mode report': 0,
  'mode repair': 1,
  differing_settings: 3,
  pace_audits_per_hour: 401,
  'own_pace_audits_per_hour event': 402,
  full_pass_seconds: 7200,
  audits_started_total: 403,
  pace_last_tick_timestamp_seconds: 404,
  'cool_down_seconds archive': 501,
  'cool_down_seconds musicbrainz': 503,
  'budget_booked_seconds archive': 502,
  'budget_booked_seconds musicbrainz': 504,
  'budget_requests_per_second archive': 7,
  'budget_requests_per_second musicbrainz': 8,
  schema_differences: 2,
};

test('each figure is given out under its own name', async () => {
  const metrics = await metricsOf(scraped);
  for (const [name, value] of Object.entries(expected)) expect([name, metrics.get(name)]).toEqual([name, value]);
  const brakes = [...metrics].filter(([name]) => name.startsWith('brake '));
  expect(brakes.length).toBeGreaterThan(5);
  expect(brakes.filter(([, on]) => on === 1)).toEqual([['brake breaker', 1]]);
  expect(metrics.size).toBe(Object.keys(expected).length + brakes.length);
});

test('the next scrape adds nothing to the last one', async () => {
  expect(await metricsOf(scraped, scraped)).toEqual(await metricsOf(scraped));
});

test('a pace of its own that was taken back is not there any more', async () => {
  const without = { ...scraped, figures: { ...figures, pace: { ...figures.pace, ownPaces: [] } } };
  const metrics = await metricsOf(scraped, without);
  expect([...metrics.keys()].filter((name) => name.startsWith('own_pace'))).toEqual([]);
  expect(metrics.get('pace_audits_per_hour')).toBe(401);
});

test('what can’t be read is left out, and nothing else', async () => {
  const namesOf = async (changes: Partial<ScrapedFigures>) => [
    ...(await metricsOf(scraped, { ...scraped, ...changes })).keys(),
  ];
  const [all, lost, drift] = [await namesOf({}), await namesOf({ lost: null }), await namesOf({ drift: null })];
  expect(all.filter((name) => !lost.includes(name))).toEqual([
    'stuck_rows event workflow_gone',
    'stuck_rows audit workflow_gone',
  ]);
  expect(all.filter((name) => !drift.includes(name))).toEqual(['schema_differences']);
  expect((await namesOf({ figures: null })).toSorted()).toEqual(
    [
      'budget_requests_per_second archive',
      'budget_requests_per_second musicbrainz',
      'schema_differences',
      'stuck_rows audit workflow_gone',
      'stuck_rows event workflow_gone',
    ].toSorted(),
  );
});

test('where nothing is due the oldest is no seconds old, and before the first tick there is none', async () => {
  const empty = {
    ...figures,
    events: { ...figures.events, oldestDueSeconds: null, oldestQueuedSeconds: null },
    pace: { ...figures.pace, lastTickAt: null },
  };
  const metrics = await metricsOf({ ...scraped, figures: empty });
  expect(metrics.get('oldest_due_event_seconds')).toBe(0);
  expect(metrics.get('oldest_queued_event_seconds')).toBe(0);
  expect(metrics.has('pace_last_tick_timestamp_seconds')).toBe(false);
});
