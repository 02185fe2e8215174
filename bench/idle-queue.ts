import { setTimeout as wait } from 'node:timers/promises';
import { type BenchDeployment, startBenchDeployment } from './deployment.ts';
import { openEvents, queueIndexes, seedReleases } from './indexer-events.ts';
import { percentile, rounded, usageOf } from './measure.ts';
import { forgetStatements, readStatements, statementFigures } from './statements.ts';
import type { TableRow } from './table.ts';

/** Events that are queued one by one; `BENCH_SINGLE_EVENTS` for less. */
const singleEvents = Number(process.env['BENCH_SINGLE_EVENTS'] ?? 20);
/** Without an event before each of them: then polls are as far apart as they become. `BENCH_SILENCE_SECONDS` for less. */
const silenceSeconds = Number(process.env['BENCH_SILENCE_SECONDS'] ?? 21);
/** How long nothing is done while transactions are counted. Seconds; `BENCH_QUIET_SECONDS` for less. */
const quietSeconds = Number(process.env['BENCH_QUIET_SECONDS'] ?? 60);

/** The default of `[events] poll_seconds`. */
const longestPoll = 1_000;

interface Measured {
  readonly what: string;
  readonly bench: BenchDeployment;
  readonly gids: readonly string[];
  readonly worker: number;
  readonly seconds: number[];
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
    for (let index = 0; index < singleEvents; index += 1) {
      // Another phase of the poll each time.
      await wait(silenceSeconds * 1000 + (index / singleEvents) * longestPoll);
      for (const each of measured) each.seconds.push(await untilFirstRequest(each, each.gids[index + 1] ?? ''));
    }
    await wait(silenceSeconds * 1000);
    return await whileQuiet(measured);
  } finally {
    for (const { bench } of measured) await bench.stop();
  }
}

async function start(what: string, settings: Readonly<Record<string, string>>): Promise<Measured> {
  const bench = await startBenchDeployment({ latencyMs: 0, counted: true });
  const gids = await seedReleases(bench, singleEvents + 1);
  const { pid } = await bench.startWorker({ AUDIT_ENABLED: 'false', ...settings });
  await queueIndexes(bench, gids.slice(0, 1));
  while ((await openEvents(bench)) > 0) await wait(50);
  return { what, bench, gids, worker: pid, seconds: [] };
}

async function untilFirstRequest({ bench }: Measured, gid: string): Promise<number> {
  await queueIndexes(bench, [gid]);
  const committed = performance.timeOrigin + performance.now();
  while ((await openEvents(bench)) > 0) await wait(20);
  const first = bench.simulator.requestLog().find(({ url }) => url.includes(gid));
  if (first === undefined) throw new Error(`no request for ${gid}, whose event has ended`);
  return (first.at - committed) / 1000;
}

async function whileQuiet(measured: readonly Measured[]): Promise<TableRow[]> {
  const before = measured.map(({ worker }) => usageOf(worker).cpuSeconds);
  for (const { bench } of measured) await forgetStatements(bench.db);
  await wait(quietSeconds * 1000);
  const rows: TableRow[] = [];
  for (const [at, { what, bench, worker, seconds }] of measured.entries()) {
    const { transactions_each: transactions } = statementFigures(await readStatements(bench.db), quietSeconds / 60);
    const cpuSeconds = usageOf(worker).cpuSeconds - (before[at] ?? 0);
    rows.push({
      what: `${singleEvents} events, each into a queue idle for ${silenceSeconds} s, ${what}, archive 0 ms`,
      first_request_p50_s: rounded(percentile(seconds, 0.5)),
      first_request_max_s: rounded(Math.max(...seconds)),
      transactions_per_minute: transactions,
      worker_percent_of_a_core: rounded((cpuSeconds / quietSeconds) * 100),
    });
  }
  return rows;
}
