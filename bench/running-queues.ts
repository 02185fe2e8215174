import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { ServerProcess } from '../src/embedded/server-process.ts';
import type { BenchDeployment } from './deployment.ts';
import type { IdleQueue } from './idle-queue.ts';
import { openEvents, queueIndexes } from './indexer-events.ts';
import { requestSettings } from './other-daemon.ts';
import type { PeerProcess } from './peer-process.ts';
import { atOnce, type Peer, type PeerPace } from './peer-queues.ts';

/** A queue with a worker of its own, ours or another. */
export interface Running extends IdleQueue {
  readonly what: string;
  stop(): Promise<void>;
}

/** In rows. */
export const ofPace = { default: 'by default', concurrent: `${atOnce} at a time` } as const;

/** Starts a worker of ours. @param what how it is told from other workers in rows */
export async function startOurs(
  bench: BenchDeployment,
  what: string,
  settings: Readonly<Record<string, string>>,
  gids: readonly string[],
): Promise<Running> {
  const worker = await bench.startWorker({ AUDIT_ENABLED: 'false', ...settings });
  return warm(worker, {
    what: `ours, ${what}`,
    simulator: bench.simulator,
    gids,
    add: (added) => queueIndexes(bench, added),
    open: () => openEvents(bench),
    stop: () => worker.end('SIGTERM', 30),
  });
}

/** Starts a worker of a peer in a process of its own, with a new schema. */
export async function startPeer(
  bench: BenchDeployment,
  peer: Peer,
  pace: PeerPace,
  gids: readonly string[],
): Promise<Running> {
  const { DATABASE_URL: databaseUrl = '' } = bench.env;
  const schema = `peer_${randomUUID().slice(0, 8)}`;
  const producer = await peer.install(databaseUrl, schema);
  const given: PeerProcess = { peer: peer.name, schema, pace, requests: requestSettings(bench) };
  const script = fileURLToPath(new URL('./peer-process.ts', import.meta.url));
  const worker = await bench.startNode(['--import', import.meta.resolve('tsx'), script, JSON.stringify(given)]);
  return warm(worker, {
    what: `${peer.name}, ${ofPace[pace]}`,
    simulator: bench.simulator,
    gids,
    add: (added) => producer.add(added.map(asJob)),
    async open() {
      const { rows } = await bench.db.query<{ count: number }>(peer.openJobs(schema));
      return rows[0]?.count ?? 0;
    },
    async stop() {
      await worker.end('SIGTERM', 30);
      await producer.close();
    },
  });
}

/** What the queue of a peer holds of an event. */
export const asJob = (gid: string) =>
  ({ id: 0, entity_type: 'release', action: 'index', message: { gid }, attempts: 1 }) as const;

/** Carries one event out, so that connections and code are there. */
async function warm(worker: ServerProcess, queue: Running): Promise<Running> {
  const running = {
    ...queue,
    open() {
      if (worker.ended() !== undefined)
        throw new Error(`${queue.what} ended: ${worker.ended()}\n${worker.lastLines()}`);
      return queue.open();
    },
  };
  await running.add(running.gids.slice(0, 1));
  while ((await running.open()) > 0) await wait(50);
  return running;
}
