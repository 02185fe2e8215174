import { Registry } from 'prom-client';
import { beforeEach, expect, test } from 'vitest';
import { catalogue } from '../../src/domain/checks/catalogue.ts';
import { openProcessMetrics, type ProcessMetrics } from '../../src/monitoring/process-metrics.ts';
import { parseMetrics } from './scrape.ts';

let registry: Registry;
let metrics: ProcessMetrics;
beforeEach(() => {
  registry = new Registry();
  metrics = openProcessMetrics(registry);
});

async function read(name: string, labels: Readonly<Record<string, string>> = {}): Promise<number | undefined> {
  return parseMetrics(await registry.metrics()).value(`artwork_reconciler_${name}`, labels);
}

const attempt = { entityType: 'release', action: 'index', gids: [], attempt: 1, reason: null } as const;
const audit = {
  entityType: 'release',
  gid: '11111111-1111-4111-8111-111111111111',
  auditId: 1,
  cause: null,
  reason: null,
  checks: [],
  requests: {},
  status: 'clean',
} as const;

test('an attempt counts by its action and outcome, and its duration in seconds', async () => {
  metrics.outcomes.attemptEnded({ ...attempt, outcome: 'completed', milliseconds: 1500 });
  metrics.outcomes.attemptEnded({ ...attempt, outcome: 'failed', milliseconds: 20_000 });
  expect(await read('event_attempts_total', { action: 'index', outcome: 'completed' })).toBe(1);
  expect(await read('event_attempts_total', { action: 'index', outcome: 'failed' })).toBe(1);
  expect(await read('event_attempts_total', { action: 'copy_image', outcome: 'completed' })).toBe(0);
  expect(await read('event_attempt_duration_seconds_sum', { action: 'index' })).toBe(21.5);
  expect(await read('event_attempt_duration_seconds_bucket', { action: 'index', le: '1' })).toBe(0);
  expect(await read('event_attempt_duration_seconds_bucket', { action: 'index', le: '2.5' })).toBe(1);
  expect(await read('event_attempt_duration_seconds_bucket', { action: 'index', le: '30' })).toBe(2);
});

test.each(['clean', 'legacy', 'manual_review', 'repair_queue'] as const)(
  'an audit that ends as %s counts as that and as nothing else',
  async (decision) => {
    metrics.outcomes.auditEnded({ ...audit, decision, milliseconds: 90_000 });
    for (const outcome of ['clean', 'legacy', 'manual_review', 'not_now', 'repair_queue']) {
      expect([outcome, await read('audits_total', { outcome })]).toEqual([outcome, outcome === decision ? 1 : 0]);
    }
    expect(await read('audit_returns_total', { cause: 'stopped' })).toBe(0);
    expect(await read('audit_duration_seconds_sum')).toBe(90);
    expect(await read('audit_duration_seconds_count')).toBe(1);
  },
);

test('an audit that is released counts by its obstacle, too', async () => {
  metrics.outcomes.auditEnded({ ...audit, decision: 'not_now', cause: 'settling', milliseconds: 1 });
  metrics.outcomes.auditEnded({ ...audit, decision: 'not_now', cause: null, milliseconds: 1 });
  expect(await read('audits_total', { outcome: 'not_now' })).toBe(2);
  expect(await read('audit_returns_total', { cause: 'settling' })).toBe(1);
  expect(await read('audit_returns_total', { cause: 'stopped' })).toBe(1);
});

test('findings count once an audit, however many there are of one check; every check is there from the start', async () => {
  const checks = ['index.value', 'index.value', 'item.dark'];
  metrics.outcomes.auditEnded({ ...audit, decision: 'clean', checks, milliseconds: 1 });
  const found = Object.fromEntries(
    await Promise.all(
      catalogue.map(async ({ name }) => [name, await read('audit_findings_total', { check: name })] as const),
    ),
  );
  const expected = Object.fromEntries(catalogue.map(({ name }) => [name, checks.includes(name) ? 1 : 0]));
  expect(found).toEqual(expected);
});

test('requests count by service, kind and answer, with their seconds; the last answer of each service is known', async () => {
  metrics.meter({ kind: 'metadata', answer: '2xx', seconds: 0.2 });
  metrics.meter({ kind: 'ws', answer: 'none', seconds: 30 });
  metrics.meter({ kind: 'put', answer: '503', seconds: 1 });
  metrics.meter({ kind: 'put', answer: 'aborted', seconds: 1 });
  expect(await read('requests_total', { service: 'archive', kind: 'metadata', answer: '2xx' })).toBe(1);
  expect(await read('requests_total', { service: 'musicbrainz', kind: 'ws', answer: 'none' })).toBe(1);
  expect(await read('requests_total', { service: 'archive', kind: 'put', answer: 'aborted' })).toBe(1);
  expect(await read('request_duration_seconds_sum', { kind: 'metadata' })).toBe(0.2);
  expect(await read('request_duration_seconds_bucket', { kind: 'metadata', le: '0.1' })).toBe(0);
  expect(await read('request_duration_seconds_bucket', { kind: 'metadata', le: '0.25' })).toBe(1);
  // Nobody waited any more for what was aborted: it says nothing of the service.
  expect(metrics.lastAnswers).toMatchObject({ archive: { answer: '503' }, musicbrainz: { answer: 'none' } });
});
