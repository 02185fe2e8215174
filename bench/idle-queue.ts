import { setTimeout as wait } from 'node:timers/promises';
import { startBenchDeployment } from './deployment.ts';
import { openEvents, queueIndexes, seedReleases, warmUp } from './indexer-events.ts';
import { percentile, rounded } from './measure.ts';

/** Events that are queued one by one; `BENCH_SINGLE_EVENTS` for less. */
const singleEvents = Number(process.env['BENCH_SINGLE_EVENTS'] ?? 40);

/** How soon an event that is queued while nothing else is gets to the archive: a new row is found by polling alone. */
export async function measureIdleQueue() {
  const bench = await startBenchDeployment({ latencyMs: 0 });
  try {
    const gids = await seedReleases(bench, singleEvents + 1);
    await warmUp(bench, gids[0] ?? '');
    const seconds: number[] = [];
    for (const [index, gid] of gids.slice(1).entries()) {
      // Another phase of the poll each time.
      await wait((index / singleEvents) * 1000);
      await queueIndexes(bench, [gid]);
      const committed = performance.timeOrigin + performance.now();
      while ((await openEvents(bench)) > 0) await wait(20);
      const first = bench.simulator.requestLog().find(({ url }) => url.includes(gid));
      if (first === undefined) throw new Error(`no request for ${gid}, whose event has ended`);
      seconds.push((first.at - committed) / 1000);
    }
    return {
      what: `${singleEvents} events, each into the idle queue, archive 0 ms`,
      first_request_p50_s: rounded(percentile(seconds, 0.5)),
      first_request_max_s: rounded(Math.max(...seconds)),
    };
  } finally {
    await bench.stop();
  }
}
