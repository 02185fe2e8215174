import { setTimeout as wait } from 'node:timers/promises';
import { seedMusicbrainz } from '../src/simulator/musicbrainz/seed.ts';
import type { BenchDeployment } from './deployment.ts';

/** Releases with images. @returns their MBIDs */
export async function seedReleases({ db }: BenchDeployment, releases: number): Promise<string[]> {
  const { live } = await seedMusicbrainz(db, { seed: 1, releases, events: 0, merged: 0, deleted: 0, withoutArt: 0 });
  return live.map(({ gid }) => gid);
}

/** Starts a worker, and waits until it has carried one event out. @returns its process id */
export async function warmUp(bench: BenchDeployment, gid: string): Promise<number> {
  const worker = await bench.startWorker({ AUDIT_ENABLED: 'false' });
  await queueIndexes(bench, [gid]);
  while ((await openEvents(bench)) > 0) {
    if (worker.ended() !== undefined) throw new Error(`the worker ended: ${worker.ended()}\n${worker.lastLines()}`);
    await wait(50);
  }
  return worker.pid;
}

/** Queues an `index` event for each, in one statement. */
export async function queueIndexes({ db }: BenchDeployment, gids: readonly string[]): Promise<void> {
  await db.query(
    `insert into artwork_indexer.event_queue (entity_type, action, message)
     select 'release', 'index', jsonb_build_object('gid', gid) from unnest($1::text[]) gid`,
    [gids],
  );
}

/** How many have not ended. */
export async function openEvents({ db }: BenchDeployment): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    `select count(*) from artwork_indexer.event_queue where state in ('queued', 'running')`,
  );
  return rows[0]?.count ?? 0;
}

/** How many were carried out. */
export async function completedEvents({ db }: BenchDeployment): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    `select count(*) from artwork_indexer.event_queue where state = 'completed'`,
  );
  return rows[0]?.count ?? 0;
}

/** From claim to end, of each attempt. */
export async function eventSeconds({ db }: BenchDeployment): Promise<number[]> {
  const { rows } = await db.query<{ seconds: number }>(
    `select extract(epoch from ended_at - started_at)::float8 as seconds from artwork_reconciler.event_attempt`,
  );
  return rows.map(({ seconds }) => seconds);
}
