import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import { releaseLostClaim } from '../../src/database/attempts/release-event.ts';
import { queueIndex } from '../../src/database/queue/queue-event.ts';
import type { EntityKey } from '../../src/domain/entity.ts';
import { addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import { eventWorkflowId } from '../../src/temporal/task-queues.ts';
import { makeDue, seedItem } from '../support/audits.ts';
import { type Deployment, startDeployment } from '../support/deployment.ts';
import { expectSoundEnd } from '../support/end-of-test.ts';
import { endExecutables } from '../support/executable.ts';
import { clockApart, type NetworkHost, NetworkHosts, serverAddress } from '../support/network-hosts.ts';
import { describeOpenEvents } from '../support/open-events.ts';
import { watchRate } from '../support/rate.ts';
import { startWorkerProcess, type WorkerProcess } from '../support/worker-processes.ts';

/*
 * Workers on hosts of their own, some of which lose the network to one of their servers, without a word, for longer than what
 * goes on waits for them; on a machine that may be busy.
 */

vi.setConfig({ testTimeout: 600_000, hookTimeout: 300_000 });
const patience = { timeout: 300_000, interval: 200 } as const;

/** Requests a second, few: what waits for its turn when its worker is cut off. */
const rate = 6;
/** Seconds. The first events wait so long for their turns: longer than an activity's silence (30 s) and what follows from it. */
const turnsAfter = 90;

/** Seconds. The driver's patience with a server that says nothing, which is two minutes otherwise. */
const databasePatience = 15;

const hosts = new NetworkHosts();
let whyNot: string | null = null;
let deployment: Deployment;
let ports: Readonly<Record<'postgresql' | 'temporal' | 'archive', number>>;

beforeAll(async () => {
  try {
    await hosts.open();
    const probe = await hosts.add(0);
    clockApart(3600);
    await hosts.forward(9);
    await probe.cutOff(9);
    await probe.heal();
  } catch (error) {
    whyNot = `hosts of their own can't be made here, which takes root, iproute2, iptables and faketime: ${String(error)}`;
    return;
  }
  deployment = await startDeployment({
    settings: {
      ARCHIVE_REQUESTS_PER_SECOND: String(rate),
      MUSICBRAINZ_REQUESTS_PER_SECOND: String(rate),
      EVENTS_CONCURRENCY: '12',
      EVENTS_QUICK_RETRIES: '6',
      EVENTS_ATTEMPT_DELAY_SECONDS: '2',
      HOUSEKEEPING_YOUNG_CLAIM_SECONDS: '20',
    },
    simulator: { host: serverAddress },
  });
  const { environment, simulator } = deployment;
  const portOf = (url: string): number => Number(new URL(url).port);
  ports = {
    postgresql: portOf(environment['DATABASE_URL']!),
    temporal: portOf(`tcp://${environment['TEMPORAL_ADDRESS']}`),
    archive: portOf(simulator.urls.archive),
  };
  await hosts.forward(ports.postgresql);
  await hosts.forward(ports.temporal);
});
afterAll(async () => {
  await endExecutables();
  await deployment?.stop();
  await hosts.close();
});

interface Remote {
  readonly host: NetworkHost;
  readonly worker: WorkerProcess;
}

/**
 * A worker on a host of its own.
 *
 * @param seconds by which its clock is off
 * @param requests under way at most
 */
async function startRemote(number: number, seconds: number, requests: number): Promise<Remote> {
  const host = await hosts.add(number);
  const { environment } = deployment;
  const url = new URL(environment['DATABASE_URL']!);
  url.hostname = serverAddress;
  url.searchParams.set('query_timeout', String(databasePatience * 1000));
  const settings = {
    DATABASE_URL: url.href,
    TEMPORAL_ADDRESS: `${serverAddress}:${ports.temporal}`,
    ARCHIVE_CONCURRENCY: String(requests),
    ARCHIVE_CONTACT: `host-${number}@localhost`,
    ...(seconds !== 0 && clockApart(seconds)),
  };
  return { host, worker: await startWorkerProcess(deployment, { settings, prefix: host.prefix }) };
}

/** Releases whose event is in the queue. */
async function queueReleases(count: number): Promise<{ readonly key: EntityKey; readonly event: number }[]> {
  const { db } = deployment;
  const queued = [];
  for (let n = 0; n < count; n += 1) {
    const key = await addRelease(db, { images: 1 });
    await seedItem(deployment, key);
    await db.transaction((tx) => queueIndex(tx, key));
    const { rows } = await db.query<{ id: number }>(
      `select id from artwork_indexer.event_queue where message->>'gid' = $1`,
      [key.gid],
    );
    queued.push({ key, event: rows[0]!.id });
  }
  return queued;
}

/** Which process carries an event's request out, by what Temporal knows; null where none does yet. */
async function whoCarriesOut(event: number): Promise<number | null> {
  const { raw } = await deployment.temporal.workflow.getHandle(eventWorkflowId(event)).describe();
  const identity = raw.pendingActivities?.find(({ lastStartedTime }) => lastStartedTime)?.lastWorkerIdentity;
  return identity ? Number.parseInt(identity, 10) : null;
}

/** As housekeeping does it where Temporal says that the run is gone. */
async function releaseClaimOf(eventId: number): Promise<void> {
  const { db, environment } = deployment;
  const { rows } = await db.query<{ run: string }>(
    'select run_id as run from artwork_reconciler.event_claim where event = $1',
    [eventId],
  );
  const config = readConfig({ file: '/dev/null', env: environment });
  expect(await releaseLostClaim(db, { eventId, runId: rows[0]!.run }, config)).toBe('queued');
}

interface Attempt {
  readonly gid: string;
  readonly began: number;
  readonly ended: number;
}

/** What was written to items while no run held an event of theirs. */
async function writesWithoutClaim(late: number): Promise<string[]> {
  const { rows } = await deployment.db.query<Attempt>(
    `select event.message->>'gid' as gid, extract(epoch from started_at)::float8 * 1000 as began,
       extract(epoch from ended_at)::float8 * 1000 as ended
     from artwork_reconciler.event_attempt attempt join artwork_indexer.event_queue event on event.id = attempt.event`,
  );
  const writes = deployment.simulator.requestLog().filter(({ method }) => method !== 'GET');
  expect(writes.length).toBeGreaterThan(0);
  return writes.flatMap(({ at, method, url, headers }) => {
    const ofItem = rows.filter(({ gid }) => url.includes(gid));
    const isHeld = ofItem.some(({ began, ended }) => began <= at && at <= ended + late);
    return isHeld ? [] : [`${method} ${url} at ${at} by ${headers['user-agent']}, held ${JSON.stringify(ofItem)}`];
  });
}

const databaseSays = async <Value>(sql: string, values: readonly unknown[] = []): Promise<Value> =>
  (await deployment.db.query<{ value: Value }>(`select (select ${sql}) as value`, values)).rows[0]!.value;

test('workers that are cut off from one server each, or frozen, write nothing once their claims are gone; all settles', async ({
  skip,
}) => {
  if (whyNot !== null) {
    process.stderr.write(`Left out of more-hosts.long.test.ts: ${whyNot}\n`);
    skip(whyNot);
  }
  const { db, simulator } = deployment;
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  // Each has room for one request, so that none gets two of the first events.
  const remotes = await Promise.all([0, 3600, -3600, 1800].map((seconds, n) => startRemote(n + 1, seconds, 1)));
  const rates = watchRate(simulator, { archive: rate, musicbrainz: rate });

  // Each of the first events gets its turn, and waits for it.
  await db.query(`insert into artwork_reconciler.budget (service) values ('archive') on conflict do nothing`);
  await db.query(
    `update artwork_reconciler.budget set next_free_at = clock_timestamp() + make_interval(secs => $1)
     where service = 'archive'`,
    [turnsAfter],
  );
  const turnsAt = performance.now() + turnsAfter * 1000;
  const freeAt = `extract(epoch from next_free_at)::float8 from artwork_reconciler.budget where service = 'archive'`;
  const freeBefore = await databaseSays<number>(freeAt);
  const first = await queueReleases(remotes.length);
  const pids = await vi.waitFor(async () => {
    const found = await Promise.all(first.map(({ event }) => whoCarriesOut(event)));
    expect(found).not.toContain(null);
    expect(await databaseSays(freeAt)).toBeGreaterThan(freeBefore + (first.length - 0.5) / rate);
    return found;
  }, patience);

  const [untold, frozen, withoutDatabase, withoutArchive] = pids.map((pid) =>
    remotes.find(({ worker }) => worker.pid === pid)!,
  ) as [Remote, Remote, Remote, Remote];
  await untold.host.cutOff(ports.temporal);
  await frozen.host.cutOff(ports.temporal);
  frozen.worker.kill('SIGSTOP');
  await withoutArchive.host.cutOff(ports.archive);
  // Of one that nothing has happened to: its process is told by nobody but the database.
  await releaseClaimOf(first[2]!.event);
  expect(await untold.host.reaches(ports.temporal)).toBe(false);
  expect(await untold.host.reaches(ports.postgresql)).toBe(true);

  // One that is left goes on at once, with these and with more; what was given to the others comes to it.
  await db.query(`update artwork_reconciler.budget set next_free_at = clock_timestamp() where service = 'archive'`);
  remotes.push(await startRemote(5, 0, 8));
  const more = await queueReleases(12);
  const audited = await Promise.all(Array.from({ length: 6 }, () => addRelease(db, { images: 1 })));
  for (const key of audited) await seedItem(deployment, key);
  await makeDue(db, audited);
  const lost = first.slice(0, 2);
  const ended = `count(*)::int from artwork_indexer.event_queue where state = 'completed' and id = any($1)`;
  await vi.waitFor(
    async () => expect(await databaseSays(ended, [lost.map(({ event }) => event)])).toBe(lost.length),
    patience,
  );
  // Else it would be shown by nothing that they are late.
  expect(performance.now()).toBeLessThan(turnsAt);

  // The turns of those who held them come; they may still write, and only the database tells them not to.
  await wait(turnsAt - performance.now() + 3_000);
  frozen.worker.kill('SIGCONT');
  await wait(5_000);
  for (const { host } of remotes) await host.heal();

  // For longer than the driver waits for an answer and for a connection; what this one has claimed is left where it was.
  await queueReleases(8);
  await withoutDatabase.host.cutOff(ports.postgresql);
  await queueReleases(8);
  await wait((databasePatience + 15) * 1000);
  await withoutDatabase.host.heal();
  await queueReleases(4);
  await vi.waitFor(async () => expect(await describeOpenEvents(db)).toEqual([]), patience);
  const unsettled = `count(*)::int from artwork_reconciler.audit_entity where status not in ('clean', 'legacy')`;
  await vi.waitFor(async () => expect(await databaseSays(unsettled)).toBe(0), patience);
  expect(await databaseSays(`count(*)::int from artwork_indexer.event_queue where state <> 'completed'`)).toBe(0);
  expect(await databaseSays(ended, [more.map(({ event }) => event)])).toBe(more.length);
  expect(await writesWithoutClaim(delay.max / 1e6 + 50)).toEqual([]);
  const { broken, figures } = rates.end();
  process.stderr.write(`${JSON.stringify(figures)}\n`);
  expect(broken).toEqual([]);
  for (const { worker } of remotes) worker.kill('SIGTERM');
  for (const { worker } of remotes) expect((await worker.exit).code).toBe(0);
  await expectSoundEnd(deployment);
});
