import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { readConfig } from '../src/config/config.ts';
import { openDatabase } from '../src/database/connection.ts';
import { claimEvent } from '../src/database/attempts/claim-event.ts';
import { completeEvent } from '../src/database/attempts/end-attempt.ts';
import { findDueEvents } from '../src/database/queue/due-events.ts';
import type { Bench } from './bench.ts';
import { type BenchDeployment, startBenchDeployment } from './deployment.ts';
import { secondsToFirstRequest, silenceSeconds, singleEvents } from './idle-queue.ts';
import { queueIndexes, seedReleases } from './indexer-events.ts';
import { median, rounded, timed } from './measure.ts';
import { measureOtherDaemon, peersEvents } from './other-daemon.ts';
import { atOnce, graphileWorker, inLanes, peerQueues, type PeerPace, pgBoss } from './peer-queues.ts';
import { asJob, ofPace, type Running, startOurs, startPeer } from './running-queues.ts';
import { forgetStatements, readStatements, statementFigures } from './statements.ts';
import type { TableRow } from './table.ts';

/** Events of each queue; `BENCH_EVENTS` for less. */
const counted = Number(process.env['BENCH_EVENTS'] ?? 300);
/** Jobs of each that are only claimed and completed; `BENCH_CLAIMED` for less. */
const claimed = Number(process.env['BENCH_CLAIMED'] ?? 1_000);

/**
 * Our queue beside others, all in one run: events carried out, rows claimed and completed without any work, and how soon
 * one that is queued alone gets to the archive. A run measures each once, so several runs take them by turns.
 */
export const peers: Bench = {
  name: 'peers',
  async run() {
    const [events, claims, waits] = [await eventRates(), await claimRates(), await idleWaits()];
    return { table: [...events, ...claims, ...waits], json: { events, claims, waits } };
  },
};

/** Of `[events] concurrency`; the other benches set it to `atOnce`. */
const defaultConcurrency = '4';
const paces: readonly PeerPace[] = ['default', 'concurrent'];

/**
 * Events a second, while nothing else runs. A job of a peer is what the other daemon does for the same event: it reads
 * MusicBrainz and makes three requests. Ours makes the same three, in a workflow, behind budgets, in the order per item.
 */
async function eventRates(): Promise<TableRow[]> {
  const bench = await startBenchDeployment({ latencyMs: 0 });
  const rows: TableRow[] = [];
  let oursByDefault = 0;
  try {
    const gids = await seedReleases(bench, counted);
    for (const pace of paces) {
      const concurrency = pace === 'default' ? defaultConcurrency : String(atOnce);
      const ours = await rateOf(await startOurs(bench, ofPace[pace], { EVENTS_CONCURRENCY: concurrency }, gids));
      if (pace === 'default') oursByDefault = ours.events_per_second;
      rows.push(ours);
      for (const peer of peerQueues) {
        // A job every 2 s, whatever it takes: its pauses are what bounds it, as they are the other daemon's.
        const few = peer === pgBoss && pace === 'default' ? gids.slice(0, peersEvents) : gids;
        const its = await rateOf(await startPeer(bench, peer, pace, few));
        rows.push({ ...its, our_rate_of_its: rounded(ours.events_per_second / its.events_per_second) });
      }
    }
  } finally {
    await bench.stop();
  }
  const { what, peer_events_per_second: its } = await measureOtherDaemon();
  return [...rows, { what, events_per_second: its, our_rate_of_its: rounded(oursByDefault / its) }];
}

async function rateOf(queue: Running) {
  const { what, simulator, gids } = queue;
  try {
    simulator.resetRequests();
    const seconds = await timed(async () => {
      await queue.add(gids);
      while ((await queue.open()) > 0) await wait(20);
    });
    const requests = Object.values(simulator.requests()).reduce((sum, count) => sum + count, 0);
    return {
      what: `${gids.length} events, ${what}, archive 0 ms`,
      events_per_second: rounded(gids.length / seconds),
      requests_each: rounded(requests / gids.length),
    };
  } finally {
    await queue.stop();
  }
}

/** What the queues alone cost: each row claimed and completed, with neither Temporal nor any work for it. */
async function claimRates(): Promise<TableRow[]> {
  const bench = await startBenchDeployment({ latencyMs: 0, counted: true });
  const url = bench.env['DATABASE_URL'] ?? '';
  try {
    const gids = await seedReleases(bench, claimed);
    const rateAlone = async (name: string, drain: () => Promise<number>) => {
      await forgetStatements(bench.db);
      const seconds = await drain();
      const { statements_each, database_ms_each } = statementFigures(await readStatements(bench.db), claimed);
      const what = `${claimed} jobs claimed and completed, ${name}, ${atOnce} at a time`;
      return { what, jobs_per_second: rounded(claimed / seconds), statements_each, database_ms_each };
    };
    await queueIndexes(bench, gids);
    const ours = await rateAlone('ours', () => timed(() => drainOurs(bench)));
    const rows: TableRow[] = [ours];
    for (const peer of peerQueues) {
      const schema = `peer_${randomUUID().slice(0, 8)}`;
      const producer = await peer.install(url, schema);
      await producer.add(gids.map(asJob));
      await producer.close();
      const its = await rateAlone(peer.name, () => peer.drain(url, schema, claimed));
      rows.push({ ...its, our_rate_of_its: rounded(ours.jobs_per_second / its.jobs_per_second) });
    }
    return rows;
  } finally {
    await bench.stop();
  }
}

/** Reads what is due as the dispatcher does, four times as many as are in progress. */
async function drainOurs({ env }: BenchDeployment): Promise<void> {
  const db = openDatabase({ connectionString: env['DATABASE_URL'], max: atOnce, prepare: true });
  const settings = readConfig({ file: '/dev/null', env });
  try {
    for (;;) {
      const due = [...(await findDueEvents(db, 4 * atOnce, settings))];
      if (due.length === 0) return;
      await inLanes(async () => {
        for (let event = due.shift(); event !== undefined; event = due.shift()) {
          const holder = { eventId: event.id, runId: randomUUID() };
          await claimEvent(db, { ...holder, workflowId: `event-${event.id}` }, settings);
          await completeEvent(db, holder, settings);
        }
      });
    }
  } finally {
    await db.close();
  }
}

/** From the commit of an event that is queued alone to its first request: all workers run, and wait, side by side. */
async function idleWaits(): Promise<TableRow[]> {
  const bench = await startBenchDeployment({ latencyMs: 0 });
  const listening = await startBenchDeployment({ latencyMs: 0 });
  const running: Running[] = [];
  try {
    const gids = await seedReleases(bench, 4 * (singleEvents + 1));
    const own = () => gids.splice(0, singleEvents + 1);
    const theirs = await seedReleases(listening, singleEvents + 1);
    running.push(await startOurs(bench, 'polled for', {}, own()));
    running.push(await startOurs(listening, 'listened for', { DATABASE_LISTEN_URL: 'same' }, theirs));
    running.push(await startPeer(bench, pgBoss, 'default', own()));
    running.push(await startPeer(bench, pgBoss, 'concurrent', own()));
    running.push(await startPeer(bench, graphileWorker, 'default', own()));
    const seconds = await secondsToFirstRequest(running);
    const [polled = 0, listened = 0] = seconds.map(median);
    // What polls beside our poll, and what listens beside our listener.
    const beside = [undefined, undefined, polled, polled, listened];
    return running.map(({ what }, at) => ({
      what: `${singleEvents} events, each into a queue idle for ${silenceSeconds} s, ${what}, archive 0 ms`,
      first_request_p50_s: rounded(median(seconds[at] ?? [])),
      first_request_max_s: rounded(Math.max(...(seconds[at] ?? []))),
      ...(beside[at] !== undefined && { our_wait_of_its: rounded(beside[at] / median(seconds[at] ?? [])) }),
    }));
  } finally {
    for (const queue of running) await queue.stop();
    await bench.stop();
    await listening.stop();
  }
}
