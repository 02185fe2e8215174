import { setTimeout as wait } from 'node:timers/promises';
import type { Simulator } from '../src/simulator/simulator.ts';
import { type BenchDeployment, startBenchDeployment } from './deployment.ts';
import { openEvents, queueIndexes, seedReleases } from './indexer-events.ts';
import { percentile, rounded, usageOf } from './measure.ts';
import { forgetStatements, readStatements, statementFigures } from './statements.ts';
import type { TableRow } from './table.ts';

/** Events that are queued one by one; `BENCH_SINGLE_EVENTS` for less. */
export const singleEvents = Number(process.env['BENCH_SINGLE_EVENTS'] ?? 20);
/** Without an event before each of them: then polls are as far apart as they become. `BENCH_SILENCE_SECONDS` for less. */
export const silenceSeconds = Number(process.env['BENCH_SILENCE_SECONDS'] ?? 21);
/** How long nothing is done while transactions are counted. Seconds; `BENCH_QUIET_SECONDS` for less. */
const quietSeconds = Number(process.env['BENCH_QUIET_SECONDS'] ?? 60);

/** The default of `[events] poll_seconds`. */
const longestPoll = 1_000;

/** A queue whose events' first requests are waited for. */
export interface IdleQueue {
  readonly simulator: Simulator;
  /** The first one's event was carried out before, so that everything is there; none is another queue's of the same simulator. */
  readonly gids: readonly string[];
  add(gids: readonly string[]): Promise<void>;
  /** Events that have not ended. */
  open(): Promise<number>;
}

interface Measured extends IdleQueue {
  readonly what: string;
  readonly bench: BenchDeployment;
  readonly worker: number;
}

/**
 * How soon an event that is queued while nothing else is gets to the archive, by polling alone and with a listener: side
 * by side, each in a deployment of its own, on one machine at one time.
 */
export async function measureIdleQueue(): Promise<TableRow[]> {
  const measured: Measured[] = [];
  try {
    for (const [what, settings] of [
      ['polled for', {}],
      ['listened for', { DATABASE_LISTEN_URL: 'same' }],
    ] as const) {
      measured.push(await start(what, settings));
    }
    const seconds = await secondsToFirstRequest(measured);
    await wait(silenceSeconds * 1000);
    return await whileQuiet(measured, seconds);
  } finally {
    for (const { bench } of measured) await bench.stop();
  }
}

async function start(what: string, settings: Readonly<Record<string, string>>): Promise<Measured> {
  const bench = await startBenchDeployment({ latencyMs: 0, counted: true });
  const gids = await seedReleases(bench, singleEvents + 1);
  const { pid } = await bench.startWorker({ AUDIT_ENABLED: 'false', ...settings });
  const queue = {
    simulator: bench.simulator,
    gids,
    add: (added: readonly string[]) => queueIndexes(bench, added),
    open: () => openEvents(bench),
  };
  await queue.add(gids.slice(0, 1));
  while ((await queue.open()) > 0) await wait(50);
  return { what, bench, worker: pid, ...queue };
}

/**
 * Queues events one by one, each while nothing else is queued and has not been for a while; in one queue after the other.
 *
 * @returns for each queue, and each of its events, the seconds from its commit to the first request
 */
export async function secondsToFirstRequest(queues: readonly IdleQueue[]): Promise<number[][]> {
  const seconds: number[][] = queues.map(() => []);
  for (let index = 0; index < singleEvents; index += 1) {
    // Another phase of the poll each time.
    await wait(silenceSeconds * 1000 + (index / singleEvents) * longestPoll);
    for (const [at, queue] of queues.entries()) {
      seconds[at]?.push(await untilFirstRequest(queue, queue.gids[index + 1] ?? ''));
    }
  }
  return seconds;
}

async function untilFirstRequest(queue: IdleQueue, gid: string): Promise<number> {
  await queue.add([gid]);
  const committed = performance.timeOrigin + performance.now();
  while ((await queue.open()) > 0) await wait(20);
  const first = queue.simulator.requestLog().find(({ url }) => url.includes(gid));
  if (first === undefined) throw new Error(`no request for ${gid}, whose event has ended`);
  return (first.at - committed) / 1000;
}

async function whileQuiet(measured: readonly Measured[], seconds: readonly number[][]): Promise<TableRow[]> {
  const before = measured.map(({ worker }) => usageOf(worker).cpuSeconds);
  for (const { bench } of measured) await forgetStatements(bench.db);
  await wait(quietSeconds * 1000);
  const rows: TableRow[] = [];
  for (const [at, { what, bench, worker }] of measured.entries()) {
    const waits = seconds[at] ?? [];
    const { transactions_each: transactions } = statementFigures(await readStatements(bench.db), quietSeconds / 60);
    const cpuSeconds = usageOf(worker).cpuSeconds - (before[at] ?? 0);
    rows.push({
      what: `${singleEvents} events, each into a queue idle for ${silenceSeconds} s, ${what}, archive 0 ms`,
      first_request_p50_s: rounded(percentile(waits, 0.5)),
      first_request_max_s: rounded(Math.max(...waits)),
      transactions_per_minute: transactions,
      worker_percent_of_a_core: rounded((cpuSeconds / quietSeconds) * 100),
    });
  }
  return rows;
}
