import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { isSecret, keyNames, sectionNames } from '../../src/config/schema.ts';
import { queueIndex } from '../../src/database/queue/queue-event.ts';
import { readUnsettled } from '../../src/demo/outcome.ts';
import { requestKinds } from '../../src/domain/queue/request-count.ts';
import { addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import { metricNames, readAlerts, readGrafanaDashboard } from '../deployment/monitoring-files.ts';
import { scrape, type Scraped } from '../monitoring/scrape.ts';
import { type SentryServer, startSentryServer } from '../monitoring/sentry-server.ts';
import { addDueCases } from '../support/audits.ts';
import { type Deployment, startDeployment } from '../support/deployment.ts';
import { endExecutables } from '../support/executable.ts';
import { payloadTexts } from '../support/histories.ts';
import { launchWorkerProcess, startWorkerProcess, type WorkerProcess } from '../support/worker-processes.ts';

vi.setConfig({ hookTimeout: 400_000 });

/** A value for every key that is secret, whatever it is of; each can be told apart in whatever is printed. */
const secrets: Readonly<Record<string, string>> = Object.fromEntries(
  sectionNames
    .flatMap((section) => keyNames(section).map((key) => ({ section, key })))
    .filter(({ section, key }) => isSecret(section, key) && !['url', 'listen_url', 'password', 'dsn'].includes(key))
    .map(({ section, key }) => [
      `${section}_${key}`.toUpperCase(),
      `hidden-${section}-${key}-5f3c0a9d7e2b4c68`.padEnd(40, 'x'),
    ]),
);
const sentryKey = 'hiddensentrykey5f3c';

let deployment: Deployment;
let sentry: SentryServer;
let worker: WorkerProcess;
let address: string;
let scraped: Scraped;
let readiness: string;

// One worker does what there is to do, events that fail for good among it, and is asked when all has ended.
beforeAll(async () => {
  sentry = await startSentryServer(sentryKey);
  deployment = await startDeployment({
    settings: { ...secrets, SENTRY_DSN: sentry.dsn, MONITORING_LISTEN: '127.0.0.1:0', MONITORING_KEEP_SECONDS: '0' },
    simulator: { faults: { writeError: 0.1, slowDown: 0.02, slowDownSeconds: 1 } },
  });
  const { db } = deployment;
  await addDueCases(deployment, { seed: 5, entities: 8 });
  const { gid } = await addRelease(db, { images: 1 });
  await db.transaction((tx) => queueIndex(tx, { entityType: 'release', gid }));
  await db.query(
    `insert into artwork_indexer.event_queue (entity_type, action, message)
     values ('release', 'index', jsonb_build_object('gid', $1::text))`,
    [`no MBID, but ${secrets['S3_CAA_SECRET']}`],
  );
  worker = await startWorkerProcess(deployment);
  const [, listening] = await worker.untilPrinted(/"address":"([^"]+)"/);
  address = `http://${listening}`;
  await vi.waitFor(async () => expect(await readUnsettled(db)).toEqual([]), { timeout: 300_000, interval: 200 });
  scraped = await scrape(address);
  readiness = await (await fetch(`${address}/readyz`)).text();
});
afterAll(async () => {
  await endExecutables();
  await deployment.stop();
  await sentry.close();
});

describe('what a worker tells of its work', () => {
  const total = (name: string, label: string): Record<string, number> => {
    const sums: Record<string, number> = {};
    for (const one of scraped.series.filter((series) => series.name === name && series.value > 0)) {
      const of = one.labels[label]!;
      sums[of] = (sums[of] ?? 0) + one.value;
    }
    return sums;
  };
  const rows = async (sql: string): Promise<Record<string, number>> =>
    Object.fromEntries(
      (await deployment.db.query<{ name: string; count: number }>(sql)).rows.map(({ name, count }) => [name, count]),
    );

  test('requests are counted by kind as the archive and the web service have seen them', () => {
    const seen = Object.entries(deployment.simulator.requests()).filter(([, count]) => count > 0);
    expect(total('artwork_reconciler_requests_total', 'kind')).toEqual(Object.fromEntries(seen));
    expect(requestKinds).toEqual(expect.arrayContaining(seen.map(([kind]) => kind)));
  });

  test('audits and attempts are counted by outcome as the database has recorded them', async () => {
    expect(total('artwork_reconciler_audits_total', 'outcome')).toEqual(
      await rows('select decision::text as name, count(*) from artwork_reconciler.audit group by decision'),
    );
    expect(total('artwork_reconciler_event_attempts_total', 'outcome')).toEqual(
      await rows('select outcome as name, count(*) from artwork_reconciler.event_attempt group by outcome'),
    );
    expect(total('artwork_reconciler_audit_findings_total', 'check')).toEqual(
      await rows(`select finding->>'check' as name, count(distinct audit.id) from artwork_reconciler.audit,
        jsonb_array_elements(findings) finding group by 1`),
    );
  });

  test('the queue and the entities stand as in the database, and nothing is stuck, braked or changed', async () => {
    expect(total('artwork_reconciler_entities', 'status')).toEqual(
      await rows('select status::text as name, count(*) from artwork_reconciler.audit_entity group by status'),
    );
    expect(total('artwork_reconciler_events', 'state')).toEqual(
      await rows('select state::text as name, count(*) from artwork_indexer.event_queue group by state'),
    );
    expect(scraped.value('artwork_reconciler_failed_events')).toBe(1);
    expect(total('artwork_reconciler_stuck_rows', 'row')).toEqual({});
    expect(scraped.value('artwork_reconciler_stuck_rows', { row: 'audit', why: 'workflow_gone' })).toBe(0);
    expect(scraped.value('artwork_reconciler_schema_differences')).toBe(0);
    expect(total('artwork_reconciler_dependency_up', 'dependency')).toMatchObject({ database: 1, temporal: 1 });
  });

  test('Temporal’s own figures are in the same page', () => {
    expect(scraped.value('temporal_workflow_completed_total', { workflow_type: 'auditEntity' })).toBeGreaterThan(0);
    expect(scraped.value('temporal_worker_task_slots_used', { worker_type: 'ActivityWorker' })).toBeDefined();
  });

  test('no label has a value that could be one of many', () => {
    const labels = scraped.series.flatMap(({ labels }) => Object.values(labels));
    expect(labels.filter((text) => /[0-9a-f]{8}-[0-9a-f]{4}-|https?:|mbid-|\s{2}/.test(text))).toEqual([]);
    expect(scraped.series.length).toBeLessThan(2000);
  });

  test('every name that the alerts and the dashboard use is one that is printed', () => {
    const expressions = [
      ...readAlerts().map(({ expr }) => expr),
      ...readGrafanaDashboard().panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
    ];
    const used = new Set(expressions.flatMap(metricNames));
    const known = scraped.names.flatMap((name) => [name, `${name}_bucket`, `${name}_sum`, `${name}_count`]);
    expect(used.size).toBeGreaterThan(30);
    expect([...used].filter((name) => !known.includes(name))).toEqual([]);
  });

  test('docs/monitoring.md explains every metric of ours and of Temporal’s, and none besides', () => {
    const page = readFileSync(resolve(import.meta.dirname, '../../docs/monitoring.md'), 'utf8');
    const explained = [...page.matchAll(/^\| `((?:artwork_reconciler|temporal)_\w+)`/gm)].map(([, name]) => name!);
    const printed = scraped.names.filter((name) => /^(artwork_reconciler|temporal)_/.test(name));
    expect(explained.sort()).toEqual([...printed].sort());
  });
});

test('an event that failed for good is reported to Sentry, with the version that runs', () => {
  const events = sentry.envelopes.filter((envelope) => envelope.includes('event failed for good'));
  expect(events).toHaveLength(1);
  expect(events[0]).toMatch(/"release":"artwork-reconciler\/\d+\.\d+\.\d+\+([0-9a-f]{40}|unknown)"/);
  expect(events[0]).toContain('"action":"index"');
});

test('no secret is in what a worker prints, tells, reports or leaves in Temporal', async () => {
  const { temporal } = deployment;
  const histories: string[] = [];
  for await (const { workflowId, runId } of temporal.workflow.list()) {
    histories.push(...payloadTexts(await temporal.workflow.getHandle(workflowId, runId).fetchHistory()));
  }
  expect(histories.length).toBeGreaterThan(50);
  const told = {
    stdout: worker.stdout(),
    stderr: worker.stderr(),
    metrics: scraped.text,
    readiness,
    sentry: sentry.envelopes.join('\n'),
  };
  const { password } = new URL(deployment.environment['DATABASE_URL'] ?? '');
  const all = [...Object.values(secrets), sentryKey, ...(password === '' ? [] : [password])];
  for (const secret of all) {
    for (const [where, text] of Object.entries(told)) {
      // The header of Sentry's envelope names the DSN's key, by which Sentry knows whose it is.
      const seen = where === 'sentry' ? text.replaceAll(sentry.dsn, '') : text;
      expect(seen.includes(secret), `${secret} in ${where}`).toBe(false);
    }
  }
  // A message of the queue is the database's, and stands in Temporal as it does there.
  const message = `no MBID, but ${secrets['S3_CAA_SECRET']}`;
  for (const secret of all) {
    const found = histories.filter((text) => text.replaceAll(message, '').includes(secret));
    expect(found, `${secret} in a history`).toEqual([]);
  }
});

describe('the pages end with the worker', () => {
  test('after SIGTERM nobody listens any more, and the worker has ended well', async () => {
    expect(JSON.parse(readiness)).toMatchObject({ ready: true, phase: 'running' });
    worker.kill('SIGTERM');
    expect((await worker.exit).code).toBe(0);
    await expect(fetch(`${address}/healthz`)).rejects.toThrow();
  });
});

test('an address that is taken is one line and exit code 1, and nothing is started', async () => {
  const taken = createServer();
  await new Promise<void>((listening) => taken.listen(0, '127.0.0.1', listening));
  const { port } = taken.address() as AddressInfo;
  const second = launchWorkerProcess(deployment.environment, ['--config', '/dev/null'], {
    MONITORING_LISTEN: `127.0.0.1:${port}`,
  });
  const { code } = await second.exit;
  await new Promise((closed) => taken.close(closed));
  expect(code).toBe(1);
  expect(second.stderr()).toBe(
    `Error: [monitoring] listen = 127.0.0.1:${port} can't be listened at: something else listens there. ` +
      'Set it to another address; nothing was started\n',
  );
  expect(second.stdout()).toBe('');
});
