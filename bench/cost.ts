import { setTimeout as wait } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { openTemporal, readTemporalConfig } from '../src/temporal/connection.ts';
import { auditWorkflowId, eventWorkflowId } from '../src/temporal/task-queues.ts';
import type { Bench } from './bench.ts';
import { decided, makeDue, seedInStep } from './clean-entities.ts';
import { type BenchDeployment, startBenchDeployment } from './deployment.ts';
import { openEvents, queueIndexes, seedReleases, warmUp } from './indexer-events.ts';
import { percentile, rounded, usageOf } from './measure.ts';
import { forgetStatements, readStatements, statementFigures, statementRows } from './statements.ts';
import type { TableRow } from './table.ts';

/** Audits, and events, whose statements are counted; `BENCH_COUNTED` for less. */
const counted = Number(process.env['BENCH_COUNTED'] ?? 100);
/** Audits at a pace; `BENCH_PACED` for less. */
const paced = Number(process.env['BENCH_PACED'] ?? 40);
/** As long as from one round of housekeeping to the next, so that there is one in it. */
const idleSeconds = Number(process.env['BENCH_IDLE_SECONDS'] ?? 150);

/** The events of a clean audit's history where the web service was asked along, at most; a step more takes six. */
const shortWay = 13;

/**
 * What is paid for: statements by text and the database's time of a clean audit and of an `index` event, what Temporal
 * keeps of them, and what a deployment takes that has nothing to do. Counts don't depend on the machine.
 */
export const cost: Bench = {
  name: 'cost',
  async run() {
    const rows = [...(await audits()), ...(await pacedAudits()), ...(await events())];
    return { table: rows, json: { rows } };
  },
};

/** As fast as they go: what is shared between audits that run side by side counts once. */
async function audits(): Promise<TableRow[]> {
  return withBench(async (bench, temporal) => {
    const entities = await seedInStep(bench, counted, 'today');
    const worker = await bench.startWorker({
      AUDIT_PER_HOUR: '1000000',
      AUDIT_TICK_SECONDS: '1',
      AUDIT_MAX_IN_PROGRESS: '1000',
      EVENTS_ENABLED: 'false',
    });
    // Statements of the worker's own start are not what is counted.
    await wait(3_000);
    bench.simulator.resetRequests();
    await forgetStatements(bench.db);
    const before = usageOf(worker.pid);
    await makeDue(bench, entities);
    while ((await decided(bench)) < entities.length) await wait(100);
    const statements = await readStatements(bench.db);
    const requests = Object.entries(bench.simulator.requests());
    const toArchive = requests.filter(([kind]) => kind !== 'ws').reduce((sum, [, count]) => sum + count, 0);
    const ids = entities.map(({ entityType, gid }) => auditWorkflowId(entityType, gid));
    return [
      {
        what: `a clean audit, of ${counted} at once`,
        ...statementFigures(statements, counted),
        archive_requests_each: rounded(toArchive / counted),
        worker_cpu_ms_each: rounded(((usageOf(worker.pid).cpuSeconds - before.cpuSeconds) * 1000) / counted),
        ...(await historyFigures(temporal, ids)),
      },
      ...statementRows('audit', statements, counted),
    ];
  });
}

/** Ten a tick, as by default, with the public web service's one request a second; the tick is shorter. */
async function pacedAudits(): Promise<TableRow[]> {
  return withBench(async (bench, temporal) => {
    const entities = await seedInStep(bench, paced, 'today');
    await makeDue(bench, entities);
    await bench.startWorker({
      AUDIT_PER_HOUR: '2000',
      AUDIT_TICK_SECONDS: '18',
      ARCHIVE_REQUESTS_PER_SECOND: '4',
      MUSICBRAINZ_REQUESTS_PER_SECOND: '1',
      EVENTS_ENABLED: 'false',
    });
    while ((await decided(bench)) < entities.length) await wait(200);
    const ids = entities.map(({ entityType, gid }) => auditWorkflowId(entityType, gid));
    const figures = await historyFigures(temporal, ids);
    return [{ what: `a clean audit, of ${paced} at a pace of ten a tick`, ...figures }];
  });
}

async function events(): Promise<TableRow[]> {
  return withBench(async (bench, temporal) => {
    const gids = await seedReleases(bench, counted);
    const worker = await warmUp(bench, gids[0] ?? '');
    await forgetStatements(bench.db);
    const before = usageOf(worker);
    await queueIndexes(bench, gids);
    while ((await openEvents(bench)) > 0) await wait(100);
    const statements = await readStatements(bench.db);
    const cpuSeconds = usageOf(worker).cpuSeconds - before.cpuSeconds;
    const { rows } = await bench.db.query<{ id: number }>(
      'select id from artwork_indexer.event_queue order by id desc limit $1',
      [counted],
    );
    return [
      {
        what: `an index event, of ${counted} at once`,
        ...statementFigures(statements, counted),
        worker_cpu_ms_each: rounded((cpuSeconds * 1000) / counted),
        ...(await historyFigures(
          temporal,
          rows.map(({ id }) => eventWorkflowId(id)),
        )),
      },
      ...statementRows('event', statements, counted),
      ...(await idle(bench, worker)),
      { what: 'a round of housekeeping', ...(await housekeepingFigures(temporal)) },
    ];
  });
}

/** A queue in which nothing happens, a while after the last event. */
async function idle(bench: BenchDeployment, worker: number): Promise<TableRow[]> {
  await wait(Math.min(30, idleSeconds) * 1000);
  await forgetStatements(bench.db);
  const before = { worker: usageOf(worker), temporal: usageOf(bench.temporal.pid) };
  await wait(idleSeconds * 1000);
  const statements = await readStatements(bench.db);
  const share = (pid: number, since: { readonly cpuSeconds: number }): number =>
    ((usageOf(pid).cpuSeconds - since.cpuSeconds) / idleSeconds) * 100;
  const { transactions_each: transactions } = statementFigures(statements, idleSeconds / 60);
  return [
    {
      what: `idle for ${idleSeconds} s`,
      transactions_per_minute: transactions,
      worker_percent_of_a_core: rounded(share(worker, before.worker)),
      temporal_percent_of_a_core: rounded(share(bench.temporal.pid, before.temporal)),
    },
    ...statementRows('idle, a minute', statements, idleSeconds / 60),
  ];
}

/** What the server keeps of closed workflows. */
async function historyFigures(temporal: Client, ids: readonly string[]): Promise<TableRow> {
  const sizes = [];
  for (const id of ids) {
    const handle = temporal.workflow.getHandle(id);
    // Its decision is written before its workflow has closed.
    await handle.result();
    const { historyLength, historySize } = await handle.describe();
    sizes.push({ events: historyLength, bytes: historySize ?? Number.NaN });
  }
  return {
    history_events_p50: percentile(
      sizes.map(({ events }) => events),
      0.5,
    ),
    history_bytes_p50: percentile(
      sizes.map(({ bytes }) => bytes),
      0.5,
    ),
    workflow_tasks: await workflowTasks(temporal, ids[0] ?? ''),
    short_way_share: rounded(sizes.filter(({ events }) => events <= shortWay).length / sizes.length),
  };
}

async function housekeepingFigures(temporal: Client): Promise<TableRow> {
  for await (const { workflowId, historyLength, historySize } of temporal.workflow.list({
    query: `WorkflowType = 'housekeeping' and ExecutionStatus = 'Completed'`,
  })) {
    return {
      history_events_p50: historyLength,
      history_bytes_p50: historySize ?? Number.NaN,
      workflow_tasks: await workflowTasks(temporal, workflowId),
    };
  }
  return {};
}

async function workflowTasks(temporal: Client, workflowId: string): Promise<number> {
  const { events } = await temporal.workflow.getHandle(workflowId).fetchHistory();
  return (events ?? []).filter((event) => event.workflowTaskCompletedEventAttributes).length;
}

async function withBench(
  measure: (bench: BenchDeployment, temporal: Client) => Promise<TableRow[]>,
): Promise<TableRow[]> {
  const bench = await startBenchDeployment({ latencyMs: 0, counted: true });
  const temporal = await openTemporal(readTemporalConfig(bench.env));
  try {
    return await measure(bench, temporal);
  } finally {
    await temporal.connection.close();
    await bench.stop();
  }
}
