import { setTimeout as wait } from 'node:timers/promises';
import { seedMusicbrainz } from '../src/simulator/musicbrainz/seed.ts';
import { startOtherDaemon } from '../test/support/other-daemon.ts';
import { startBenchDeployment, type BenchDeployment } from './deployment.ts';
import { percentile, rounded, usageOf } from './measure.ts';
import type { Bench } from './bench.ts';

/** Events of one run; `BENCH_EVENTS` for less. */
const counted = Number(process.env['BENCH_EVENTS'] ?? 1_000);
/** How long the long queue is; `BENCH_QUEUED` for less. */
const queuedAtOnce = Number(process.env['BENCH_QUEUED'] ?? 100_000);
/** Events of the other daemon's run, which takes more than a second each; `BENCH_PEER_EVENTS` for less. */
const peersEvents = Number(process.env['BENCH_PEER_EVENTS'] ?? 20);
/** How long the rate is measured with a long queue. Seconds. */
const longQueueSeconds = 30;

/** How fast indexer events are carried out: `index` of releases with three images, the archive's answers 0 and 50 ms late. */
export const events: Bench = {
  name: 'events',
  async run() {
    const rows = [];
    for (const latencyMs of [0, 50]) rows.push(await drain(latencyMs));
    rows.push(await longQueue());
    const peer = await otherDaemon();
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

/**
 * The peer is artwork-indexer, by a stand-in that was written from its description: the same statements and requests, one
 * event after the other, with its own pauses of 1 s before each poll and 0.25 s after each pick. The pauses are what
 * bounds it, so language and machine hardly matter; without them it is what the stand-in's code does, which says nothing
 * of the daemon's, and is not measured. Same queue, same archive without delay, same kind of events as in the rows above.
 */
async function otherDaemon() {
  const bench = await startBenchDeployment({ latencyMs: 0 });
  try {
    const gids = await seedReleases(bench, peersEvents);
    const key = (project: 'CAA' | 'EAA') => ({
      access: bench.env[`S3_${project}_ACCESS`] ?? '',
      secret: bench.env[`S3_${project}_SECRET`] ?? '',
    });
    await queueIndexes(bench, gids);
    const began = Date.now();
    const daemon = startOtherDaemon({
      databaseUrl: bench.env['DATABASE_URL'] ?? '',
      urls: bench.simulator.urls,
      keys: { release: key('CAA'), event: key('EAA') },
      pauseSeconds: 1.25,
      attemptDelaySeconds: 3600,
      housekeepingSeconds: 150,
    });
    while ((await openEvents(bench)) > 0) await wait(20);
    const seconds = (Date.now() - began) / 1000;
    await daemon.stop();
    return {
      what: `${peersEvents} events, artwork-indexer's stand-in, archive 0 ms`,
      peer_events_per_second: rounded(daemon.completed.length / seconds),
    };
  } finally {
    await bench.stop();
  }
}

async function seedReleases({ db }: BenchDeployment, releases: number): Promise<string[]> {
  const { live } = await seedMusicbrainz(db, { seed: 1, releases, events: 0, merged: 0, deleted: 0, withoutArt: 0 });
  return live.map(({ gid }) => gid);
}

/** Starts a worker, and waits until it has carried one event out. @returns its process id */
async function warmUp(bench: BenchDeployment, gid: string): Promise<number> {
  const worker = await bench.startWorker({ AUDIT_ENABLED: 'false' });
  await queueIndexes(bench, [gid]);
  while ((await openEvents(bench)) > 0) {
    if (worker.ended() !== undefined) throw new Error(`the worker ended: ${worker.ended()}\n${worker.lastLines()}`);
    await wait(50);
  }
  return worker.pid;
}

async function queueIndexes({ db }: BenchDeployment, gids: readonly string[]): Promise<void> {
  await db.query(
    `insert into artwork_indexer.event_queue (entity_type, action, message)
     select 'release', 'index', jsonb_build_object('gid', gid) from unnest($1::text[]) gid`,
    [gids],
  );
}

async function openEvents({ db }: BenchDeployment): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    `select count(*) from artwork_indexer.event_queue where state in ('queued', 'running')`,
  );
  return rows[0]?.count ?? 0;
}

async function completedEvents({ db }: BenchDeployment): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    `select count(*) from artwork_indexer.event_queue where state = 'completed'`,
  );
  return rows[0]?.count ?? 0;
}

/** From claim to end, of each attempt. */
async function eventSeconds({ db }: BenchDeployment): Promise<number[]> {
  const { rows } = await db.query<{ seconds: number }>(
    `select extract(epoch from ended_at - started_at)::float8 as seconds from artwork_reconciler.event_attempt`,
  );
  return rows.map(({ seconds }) => seconds);
}
