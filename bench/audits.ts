import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { auditHere } from '../src/activities/audit-here.ts';
import { createAuditObservations } from '../src/activities/audit-observations.ts';
import { openDependencies } from '../src/activities/dependencies.ts';
import { readConfig } from '../src/config/config.ts';
import { type Database, openDatabase } from '../src/database/connection.ts';
import type { EntityKey } from '../src/domain/entity.ts';
import { addDrift, driftKinds } from '../src/simulator/drift/seed-demo.ts';
import { bareWorkflowsPerSecond } from './bare-workflow.ts';
import type { Bench } from './bench.ts';
import { decided, makeDue, seedInStep, type Uploaded } from './clean-entities.ts';
import { type BenchDeployment, startBenchDeployment } from './deployment.ts';
import { fillImageContents } from './image-contents.ts';
import { median, rounded, timed, usageOf } from './measure.ts';
import type { TableRow } from './table.ts';

/** Rounds of this many entities each on Temporal; `BENCH_AUDITS` for less. */
const rounds = 3;
const eachRound = Number(process.env['BENCH_AUDITS'] ?? 300);
/** Images that are remembered already; as many as the archives have, where nothing else was asked for. */
const images = Number(process.env['BENCH_IMAGES'] ?? 6_000_000);

/** What audits cost: requests by class of entity, and how many a second on Temporal. */
export const audits: Bench = {
  name: 'audits',
  async run() {
    const requests = await requestsByKind();
    const withTemporal = [await onTemporal('today', 0), await onTemporal('today', 50), await onTemporal('any', 0)];
    const remembering = await rememberingShare(withTemporal[0]?.audits_per_second ?? 0);
    return {
      table: [...requests, ...withTemporal, remembering],
      json: { requests, on_temporal: withTemporal, remembering },
    };
  },
};

/** One entity of each kind of drift, audited once, and what that took. */
async function requestsByKind(): Promise<TableRow[]> {
  const bench = await startBenchDeployment({ latencyMs: 0 });
  try {
    const config = readConfig({ file: '/dev/null', env: bench.env });
    const run = { workflowId: null, runId: randomUUID() };
    const dependencies = openDependencies({ db: bench.db, config: () => config, run: () => run });
    const rows = [];
    for (const { name, entityTypes } of driftKinds) {
      const entityType = entityTypes[0] ?? 'release';
      const [first] = await addDrift(bench.db, bench.simulator.archive, name, { entityType, seed: 1 });
      if (first === undefined) continue;
      const { decision, requests } = await auditHere(dependencies, first);
      rows.push({ what: name, decision, requests: JSON.stringify(requests) });
    }
    return rows;
  } finally {
    await bench.stop();
  }
}

/**
 * Rounds of bare workflows and audits by turns, each beside the other: what else the machine does falls on both. The
 * medians are reported, and the ratio of each round.
 */
async function onTemporal(uploaded: Uploaded, latencyMs: number) {
  const bench = await startBenchDeployment({ latencyMs });
  try {
    const entities = await seedInStep(bench, rounds * eachRound, uploaded);
    const measured = [];
    for (let round = 0; round < rounds; round += 1) {
      const bare = await bareWorkflowsPerSecond(bench.temporal.address, eachRound);
      const ofRound = entities.slice(round * eachRound, (round + 1) * eachRound);
      measured.push({ bare, ...(await auditRound(bench, ofRound)) });
    }
    const ratios = measured.map(({ audits, bare }) => audits / bare);
    return {
      what: `${rounds} × ${eachRound} entities in step, uploaded ${uploaded === 'any' ? 'since 2012' : 'today'}, archive ${latencyMs} ms`,
      audits_per_second: rounded(median(measured.map(({ audits }) => audits))),
      bare_workflows_per_second: rounded(median(measured.map(({ bare }) => bare))),
      share_of_bare: rounded(median(ratios)),
      shares_of_rounds: ratios.map(rounded).join(' '),
      worker_cpu_ms_per_audit: rounded(median(measured.map(({ cpuMs }) => cpuMs))),
      worker_mb: rounded(Math.max(...measured.map(({ memoryMb }) => memoryMb))),
    };
  } finally {
    await bench.stop();
  }
}

/** A worker's audits of this many entities, from the first decision on: starting the worker is not what is measured. */
async function auditRound(bench: BenchDeployment, entities: readonly EntityKey[]) {
  const worker = await bench.startWorker({
    AUDIT_PER_HOUR: '1000000',
    AUDIT_TICK_SECONDS: '1',
    AUDIT_MAX_IN_PROGRESS: '1000',
  });
  const before = await decided(bench);
  await makeDue(bench, entities);
  while ((await decided(bench)) === before) {
    if (worker.ended() !== undefined) throw new Error(`the worker ended: ${worker.ended()}\n${worker.lastLines()}`);
    await wait(10);
  }
  const began = Date.now();
  const first = (await decided(bench)) - before;
  const { cpuSeconds } = usageOf(worker.pid);
  while ((await decided(bench)) < before + entities.length) await wait(50);
  const seconds = (Date.now() - began) / 1000;
  const usage = usageOf(worker.pid);
  await worker.end('SIGTERM', 30);
  const counted = entities.length - first;
  return {
    audits: counted / seconds,
    cpuMs: ((usage.cpuSeconds - cpuSeconds) * 1000) / counted,
    memoryMb: usage.memoryMb,
  };
}

/**
 * What share of a worker's audit goes into remembering contents, beside millions of others: the step that reads the item,
 * with it and without it by turns, each image a year after it was seen. Of an audit on a machine that does nothing else.
 */
async function rememberingShare(auditsPerSecond: number) {
  const bench = await startBenchDeployment({ latencyMs: 0 });
  try {
    const entities = await seedInStep(bench, eachRound, 'today');
    const config = readConfig({ file: '/dev/null', env: bench.env });
    const observing = (db: Database) =>
      createAuditObservations(
        openDependencies({ db, config: () => config, run: () => ({ workflowId: null, runId: randomUUID() }) }),
      );
    const remembering = observing(bench.db);
    for (const entity of entities) await remembering.observeItem(entity);
    await bench.db.query(
      'update artwork_reconciler.image_content set first_seen = first_seen - 400, last_seen = last_seen - 400',
    );
    const unlimited = openDatabase({ connectionString: bench.env['DATABASE_URL'], unlimited: true });
    await fillImageContents(unlimited, images).finally(() => unlimited.close());
    const withIt: number[] = [];
    const without: number[] = [];
    const steps = [
      { taken: withIt, observations: remembering },
      { taken: without, observations: observing(withoutContents(bench.db)) },
    ];
    for (const entity of entities) {
      for (const { taken, observations } of steps) taken.push(await timed(() => observations.observeItem(entity)));
      steps.reverse();
    }
    const costMs = (median(withIt) - median(without)) * 1000;
    return {
      what: `remembering beside ${images} images`,
      observe_ms: rounded(median(withIt) * 1000),
      observe_without_ms: rounded(median(without) * 1000),
      remember_share_of_audit: rounded((costMs * auditsPerSecond) / 1000),
    };
  } finally {
    await bench.stop();
  }
}

/** The same database, but that nothing is remembered there: such statements are not sent. */
function withoutContents(db: Database): Database {
  const nothing = { rows: [], rowCount: 0, command: '', oid: 0, fields: [] };
  return {
    ...db,
    query: (statement, values) => {
      const text = typeof statement === 'string' ? statement : statement.text;
      return text.includes('image_content') ? Promise.resolve(nothing) : db.query(statement, values);
    },
  };
}
