import { setTimeout as wait } from 'node:timers/promises';
import { startOtherDaemon } from '../test/support/other-daemon.ts';
import type { RequestSettings } from '../test/support/other-daemon-requests.ts';
import { type BenchDeployment, startBenchDeployment } from './deployment.ts';
import { openEvents, queueIndexes, seedReleases } from './indexer-events.ts';
import { rounded } from './measure.ts';

/** Events of the other daemon's run, which takes more than a second each; `BENCH_PEER_EVENTS` for less. */
export const peersEvents = Number(process.env['BENCH_PEER_EVENTS'] ?? 20);

/**
 * The peer is artwork-indexer, by a stand-in that was written from its description: the same statements and requests, one
 * event after the other, with its own pauses of 1 s before each poll and 0.25 s after each pick. The pauses are what
 * bounds it, so language and machine hardly matter; without them it is what the stand-in's code does, which says nothing
 * of the daemon's, and is not measured. Same queue, same archive without delay, same kind of events as in the other rows of the
 * events bench.
 */
export async function measureOtherDaemon() {
  const bench = await startBenchDeployment({ latencyMs: 0 });
  try {
    const gids = await seedReleases(bench, peersEvents);
    await queueIndexes(bench, gids);
    const began = Date.now();
    const daemon = startOtherDaemon({
      databaseUrl: bench.env['DATABASE_URL'] ?? '',
      ...requestSettings(bench),
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

/** For what makes the other daemon's requests. */
export function requestSettings({ simulator, env }: BenchDeployment): RequestSettings {
  const key = (project: 'CAA' | 'EAA') => ({
    access: env[`S3_${project}_ACCESS`] ?? '',
    secret: env[`S3_${project}_SECRET`] ?? '',
  });
  return { urls: simulator.urls, keys: { release: key('CAA'), event: key('EAA') } };
}
