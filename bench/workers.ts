import { setTimeout as wait } from 'node:timers/promises';
import type { EntityKey } from '../src/domain/entity.ts';
import type { ServerProcess } from '../src/embedded/server-process.ts';
import type { Bench } from './bench.ts';
import { decided, makeDue, seedInStep } from './clean-entities.ts';
import { type BenchDeployment, startBenchDeployment } from './deployment.ts';
import { openEvents, queueIndexes } from './indexer-events.ts';
import { rounded } from './measure.ts';

/** Events of one run, and audits; `BENCH_EVENTS` and `BENCH_AUDITS` for less. */
const events = Number(process.env['BENCH_EVENTS'] ?? 600);
const audits = Number(process.env['BENCH_AUDITS'] ?? 600);

/** Of all workers together, however many there are: what changes is only who does the work. */
const settings = {
  EVENTS_CONCURRENCY: '32',
  AUDIT_PER_HOUR: '1000000',
  AUDIT_TICK_SECONDS: '1',
  AUDIT_MAX_IN_PROGRESS: '1000',
};

/** What more workers bring, beside one: events and audits a second with 1, 2 and 4 processes, all on this machine. */
export const workers: Bench = {
  name: 'workers',
  async run() {
    const one = await withWorkers(1);
    const rows = [one, await withWorkers(2), await withWorkers(4)].map((measured) => ({
      ...measured,
      events_of_one: rounded(measured.events_per_second / one.events_per_second),
      audits_of_one: rounded(measured.audits_per_second / one.audits_per_second),
    }));
    return { table: rows, json: { runs: rows } };
  },
};

async function withWorkers(count: number) {
  const bench = await startBenchDeployment({ latencyMs: 50 });
  try {
    const entities = await seedInStep(bench, audits, 'today');
    return {
      what: `${count} ${count === 1 ? 'worker' : 'workers'}, archive 50 ms`,
      audits_per_second: rounded(await auditsPerSecond(bench, count, entities)),
      // What is uploaded makes audits due: none is begun meanwhile.
      events_per_second: rounded(
        await eventsPerSecond(
          bench,
          count,
          entities.slice(0, events).map(({ gid }) => gid),
        ),
      ),
    };
  } finally {
    await bench.stop();
  }
}

/** From the first decision on. */
async function auditsPerSecond(bench: BenchDeployment, count: number, entities: readonly EntityKey[]): Promise<number> {
  const processes = await startWorkers(bench, count, {});
  await makeDue(bench, entities);
  await untilNone(processes, async () => ((await decided(bench)) === 0 ? 1 : 0));
  const [first, began] = [await decided(bench), performance.now()];
  await untilNone(processes, async () => entities.length - (await decided(bench)));
  const seconds = (performance.now() - began) / 1000;
  await Promise.all(processes.map((worker) => worker.end('SIGTERM', 30)));
  return (entities.length - first) / seconds;
}

async function eventsPerSecond(bench: BenchDeployment, count: number, gids: readonly string[]): Promise<number> {
  const processes = await startWorkers(bench, count, { AUDIT_ENABLED: 'false' });
  // Connections and workflows' code are there then.
  await queueIndexes(bench, gids.slice(0, 4 * count));
  await untilNone(processes, () => openEvents(bench));
  const began = performance.now();
  await queueIndexes(bench, gids);
  await untilNone(processes, () => openEvents(bench));
  return gids.length / ((performance.now() - began) / 1000);
}

async function startWorkers(bench: BenchDeployment, count: number, more: Readonly<Record<string, string>>) {
  const own = { ...settings, ...more };
  const processes = await Promise.all(Array.from({ length: count }, () => bench.startWorker(own)));
  await untilNone(processes, async () => count - (await announced(bench)));
  return processes;
}

/** Workers that have begun to work. */
async function announced({ db }: BenchDeployment): Promise<number> {
  const { rows } = await db.query<{ count: number }>('select count(*) from artwork_reconciler.worker');
  return rows[0]?.count ?? 0;
}

async function untilNone(processes: readonly ServerProcess[], count: () => Promise<number>): Promise<void> {
  while ((await count()) > 0) {
    const ended = processes.find((worker) => worker.ended() !== undefined);
    if (ended !== undefined) throw new Error(`a worker ended: ${ended.ended()}\n${ended.lastLines()}`);
    await wait(50);
  }
}
