import { setTimeout as wait } from 'node:timers/promises';
import { startBenchDeployment } from './deployment.ts';
import { measureIdleQueue } from './idle-queue.ts';
import { completedEvents, eventSeconds, openEvents, queueIndexes, seedReleases, warmUp } from './indexer-events.ts';
import { measureOtherDaemon } from './other-daemon.ts';
import { percentile, rounded, usageOf } from './measure.ts';
import type { Bench } from './bench.ts';

/** Events of one run; `BENCH_EVENTS` for less. */
const counted = Number(process.env['BENCH_EVENTS'] ?? 1_000);
/** How long the long queue is; `BENCH_QUEUED` for less. */
const queuedAtOnce = Number(process.env['BENCH_QUEUED'] ?? 100_000);
/** How long the rate is measured with a long queue. Seconds. */
const longQueueSeconds = 30;

/** How fast indexer events are carried out: `index` of releases with three images, the archive's answers 0 and 50 ms late. */
export const events: Bench = {
  name: 'events',
  async run() {
    const rows = [];
    for (const latencyMs of [0, 50]) rows.push(await drain(latencyMs));
    rows.push(await longQueue(), ...(await measureIdleQueue()));
    const peer = await measureOtherDaemon();
    return { table: [...rows, peer], json: { runs: rows, peer } };
  },
};

async function drain(latencyMs: number) {
  const bench = await startBenchDeployment({ latencyMs });
  try {
    const gids = await seedReleases(bench, counted);
    const worker = await warmUp(bench, gids[0] ?? '');
    bench.simulator.resetRequests();
    const before = { worker: usageOf(worker), temporal: usageOf(bench.temporal.pid) };
    const began = Date.now();
    await queueIndexes(bench, gids);
    while ((await openEvents(bench)) > 0) await wait(50);
    const seconds = (Date.now() - began) / 1000;
    const after = { worker: usageOf(worker), temporal: usageOf(bench.temporal.pid) };
    const latencies = await eventSeconds(bench);
    const requests = Object.values(bench.simulator.requests()).reduce((sum, count) => sum + count, 0);
    return {
      what: `${counted} events, archive ${latencyMs} ms`,
      events_per_second: rounded(counted / seconds),
      requests_per_second: rounded(requests / seconds),
      attempt_p50_s: rounded(percentile(latencies, 0.5)),
      attempt_p99_s: rounded(percentile(latencies, 0.99)),
      worker_cpu: rounded((after.worker.cpuSeconds - before.worker.cpuSeconds) / seconds),
      worker_mb: rounded(after.worker.memoryMb),
      temporal_cpu: rounded((after.temporal.cpuSeconds - before.temporal.cpuSeconds) / seconds),
      temporal_mb: rounded(after.temporal.memoryMb),
    };
  } finally {
    await bench.stop();
  }
}

/** An artist's new name can queue as many at once: the rate must not fall as the queue grows. */
async function longQueue() {
  const bench = await startBenchDeployment({ latencyMs: 0 });
  try {
    const gids = await seedReleases(bench, counted);
    const worker = await warmUp(bench, gids[0] ?? '');
    // Created later, these are never come to: whom they name does not matter.
    await bench.db.query(
      `insert into artwork_indexer.event_queue (entity_type, action, message, created)
       select 'release', 'index', jsonb_build_object('gid', gen_random_uuid()::text), now() + interval '1 day'
       from generate_series(1, $1)`,
      [queuedAtOnce],
    );
    await queueIndexes(bench, gids);
    const before = await completedEvents(bench);
    const began = Date.now();
    let completed = before;
    while (completed < before + counted && Date.now() - began < longQueueSeconds * 1000) {
      await wait(200);
      completed = await completedEvents(bench);
    }
    const seconds = (Date.now() - began) / 1000;
    const usage = usageOf(worker);
    return {
      what: `the first of ${queuedAtOnce + counted} events, archive 0 ms`,
      events_per_second: rounded((completed - before) / seconds),
      worker_mb: rounded(usage.memoryMb),
      temporal_mb: rounded(usageOf(bench.temporal.pid).memoryMb),
    };
  } finally {
    await bench.stop();
  }
}
