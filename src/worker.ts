import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { type NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import { openDependencies } from './activities/dependencies.ts';
import { createActivities } from './activities/index.ts';
import type { OutcomeListeners } from './activities/outcome-log.ts';
import { alive, currentRun, currentSignal } from './activities/run.ts';
import type { RequestMeter } from './clients/errors.ts';
import { workingSettings } from './config/changes.ts';
import type { Config } from './config/config.ts';
import type { Database } from './database/connection.ts';
import { databaseUntil, isAnswering } from './database/database-away.ts';
import { settleMode } from './database/pace/mode.ts';
import { readIdentity } from './database/schema/deployment.ts';
import { announceWorker, withdrawWorker } from './database/workers.ts';
import { linkedSignal } from './lifetime/linked-signal.ts';
import { Opened } from './lifetime/opened.ts';
import { within } from './lifetime/within.ts';
import { keepInPlace, limitQueues, putInPlace } from './starters/in-place.ts';
import { ensureSchedules, refuseOtherDatabase } from './starters/schedules.ts';
import { registerSearchAttributes } from './starters/search-attributes.ts';
import {
  checkNamespace,
  isTemporalAnswering,
  openNativeConnection,
  openTemporal,
  type TemporalConfig,
} from './temporal/connection.ts';
import { taskQueues } from './temporal/task-queues.ts';
import { type Build, ownBuild, readBundle, versioned } from './temporal/worker-builds.ts';

export interface WorkerSetup extends OutcomeListeners {
  readonly db: Database;
  /** The configuration as it is at the moment of asking. */
  readonly config: () => Config;
  readonly temporal: TemporalConfig;
  /** The workflows (src/workflows/versioned.ts where workers are), bundled at build time; `npm run build` makes it. */
  readonly bundlePath?: string;
  /** Told every request. */
  readonly meter?: RequestMeter | undefined;
}

export interface RunningWorker {
  /** Ends when everything has shut down, and is closed; likewise where a part broke, but with that part's error. */
  readonly ended: Promise<void>;
  /**
   * Begins nothing new and lets the events and decisions in progress end; what does not within the grace is run elsewhere, or
   * once a worker is there again. Idempotent.
   */
  shutdown(): void;
  /** Takes over what of the configuration isn't asked for at every use: the schedules' intervals, and the queues' rates. */
  reload(): Promise<void>;
}

/**
 * How a stop takes its time, together within the 25 s that a deployment gives (operators page): what is in progress may end, in
 * milliseconds; then what is left of single steps, which are cancelled after the grace; and what doesn't end even then (7 s
 * with the grace) is abandoned, and released by housekeeping.
 */
const longestEnding = 12_000;
const shutdownGraceTime = '4s';
const shutdownForceTime = '7s';

/** Where one part broke, the time limit of the others, in milliseconds: more than the grace, and one may hang. */
const longestBreakdown = 10_000;

/**
 * Milliseconds. A database that has not answered for longer is away for this worker, and perhaps for no other: a restart of
 * PostgreSQL, or a failover, is mostly over by then, and what is claimed stays where it is.
 */
const longestAway = 30_000;
/** Milliseconds between two questions whether it answers. */
const askEvery = 5_000;

/** A worker that has missed this many rounds of restoring isn't there any more. */
const missedRounds = 3;

/** Cached workflows cost memory, and almost all of ours end within seconds. */
const maxCachedWorkflows = 200;

/**
 * Starts this process' part of the deployment: a Temporal worker for each task queue, and, where nobody has yet, the
 * dispatcher, the schedules and the search attributes.
 *
 * @throws {TemporalUnreachableError} before anything is started, as what else fails: then all that was opened is closed
 * @throws {CopiedDatabaseError | OtherDatabaseError} likewise, where the database is a copy or the namespace another one's
 */
export async function startWorker(setup: WorkerSetup): Promise<RunningWorker> {
  const opened = new Opened();
  return opened.orClose(() => start(setup, opened));
}

async function start(setup: WorkerSetup, opened: Opened): Promise<RunningWorker> {
  const { db, config, temporal, bundlePath, log } = setup;
  const build = ownBuild(config().worker);
  const client = await openTemporal(temporal);
  opened.add(() => client.connection.close());
  await checkNamespace(client, temporal);
  await refuseOtherDatabase(client, await readIdentity(db));
  const connection = await openNativeConnection(temporal);
  opened.add(() => connection.close());
  const code = await readBundle(build, bundlePath);
  const searchAttributes = await registerSearchAttributes(client, log);
  const stopping = new AbortController();
  const prepare = () => prepareShift({ ...setup, build, client, connection, code, searchAttributes }, opened);
  const first = await prepare();
  const id = randomUUID();
  const announce = (): Promise<void> =>
    announceWorker(db, {
      id,
      name: `${process.pid}@${hostname()}`,
      settings: workingSettings(config()),
      forSeconds: missedRounds * config().housekeeping.seconds,
    });
  const places = { db, temporal: client, config, announce };
  await settleMode(db, config().audit);
  opened.add(() => withdrawWorker(db, id));
  await putInPlace(places);
  const keeping = keepInPlace(places, stopping.signal, log);
  opened.add(() => keeping);
  const ended = opened.orClose(async () => {
    const given = { db, config, client, log, stopping: stopping.signal };
    // Also where one queue has lost its worker, which would starve the others' work: a supervisor starts the process again.
    await workInShifts(first, prepare, given).finally(() => stopping.abort());
    await opened.close();
  });
  return {
    ended,
    shutdown: () => stopping.abort(),
    async reload() {
      await announce();
      await ensureSchedules(client, config(), await readIdentity(db));
      await limitQueues(client, config());
    },
  };
}

/**
 * Takes work until the stop. A worker whose database is away gives it up: what it has, others could do, and the events that it
 * can't claim would take up the dispatcher's places. Where the database is away for all, all wait.
 *
 * @throws what a worker of Temporal's broke with
 */
async function workInShifts(
  first: Shift,
  prepare: () => Promise<Shift>,
  given: Pick<ShiftSetup, 'client' | 'config' | 'db' | 'log'> & { readonly stopping: AbortSignal },
): Promise<void> {
  const { db, config, client, log, stopping } = given;
  const isDatabaseThere = () => isAnswering(config().database);
  const isPoolAnswering = () =>
    within(askEvery, 'the database', db.query('select 1')).then(
      () => true,
      () => false,
    );
  // Without Temporal nothing is taken, and no worker can be ended or begun.
  const isTemporalThere = () => isTemporalAnswering(client, askEvery);
  const pause = (signal: AbortSignal) => wait(askEvery, undefined, { signal }).catch(() => undefined);

  const leaveWhenAway = async (shift: Shift, over: AbortSignal): Promise<void> => {
    for (let askedAt = performance.now(); !over.aborted; await pause(over)) {
      const answeredAt = Math.max(askedAt, shift.answeredAt());
      // Who works has its answers, and opens no connection for this.
      if (performance.now() - answeredAt < askEvery) continue;
      if ((await isPoolAnswering()) || (await isDatabaseThere())) askedAt = performance.now();
      else if (performance.now() - answeredAt >= longestAway && (await isTemporalThere()) && !over.aborted) {
        log?.warn({}, 'the database does not answer: this worker takes no work until it does');
        return shift.leave();
      }
    }
  };

  for (let shift = first; !stopping.aborted; shift = await prepare()) {
    const over = linkedSignal(stopping);
    over.signal.addEventListener('abort', shift.stop, { once: true });
    void leaveWhenAway(shift, over.signal);
    await shift.run().finally(() => {
      over.signal.removeEventListener('abort', shift.stop);
      over.abort('its workers have ended');
      over.end();
    });
    while (!stopping.aborted && !((await isDatabaseThere()) && (await isTemporalThere()))) await pause(stopping);
    if (stopping.aborted) return;
    log?.info({}, 'the database answers: this worker takes work again');
  }
}

/** What takes work from Temporal, for as long as the database answers: the workers of one process, begun and ended together. */
interface Shift {
  /** Ends when all have ended. @throws what one of them broke with; then the others are ended, too. */
  readonly run: () => Promise<void>;
  /** Begins nothing new, and lets what is in progress end. */
  readonly stop: () => void;
  /** Leaves what is in progress to others: without the database nothing of it can end here. */
  readonly leave: () => void;
  /** When the database last answered what is done in it, in milliseconds of `performance.now()`. */
  readonly answeredAt: () => number;
}

interface ShiftSetup extends WorkerSetup {
  readonly build: Build | null;
  readonly client: Client;
  readonly connection: NativeConnection;
  readonly code: string;
  readonly searchAttributes: readonly string[];
}

/** @param opened what closes the workers where they never run */
async function prepareShift(setup: ShiftSetup, opened: Opened): Promise<Shift> {
  const { config, log, outcomes, meter, build, client, connection, code, searchAttributes } = setup;
  let answeredAt = performance.now();
  const [stopping, leaving] = [new AbortController(), new AbortController()];
  const activities = createActivities({
    ...openDependencies({
      db: databaseUntil(leaving.signal, setup.db, () => (answeredAt = performance.now())),
      config,
      run: currentRun,
      signal: currentSignal,
      keepAlive: alive,
      meter,
      searchAttributes,
    }),
    temporal: client,
    stopping: stopping.signal,
    build,
    log,
    outcomes,
  });

  const create = async (options: WorkerOptions): Promise<Worker> => {
    const worker = await Worker.create({
      connection,
      namespace: client.options.namespace,
      shutdownGraceTime,
      shutdownForceTime,
      // The same of all: a run's activities go to workers of its build.
      ...(build !== null && { workerDeploymentOptions: versioned(build, config().worker) }),
      ...options,
    });
    // One that never runs keeps the connection open.
    opened.add(() => (worker.getState() === 'INITIALIZED' ? worker.runUntil(Promise.resolve()) : undefined));
    return worker;
  };
  const isLimited = await limitQueues(client, config());
  // Apart from the workflows, so that a worker which stops can continue with those and doesn't take the dispatcher again.
  const starter = await create({ taskQueue: taskQueues.reconciler, activities: activities.starters });
  const asking = (taskQueue: string, steps: object, { requestsPerSecond }: { readonly requestsPerSecond: number }) =>
    create({
      taskQueue,
      activities: steps,
      maxConcurrentActivityTaskExecutions: config().archive.concurrency,
      // Its own limit, where Temporal doesn't keep the queue's (starters/in-place.ts).
      ...(!isLimited && Number.isFinite(requestsPerSecond) && { maxTaskQueueActivitiesPerSecond: requestsPerSecond }),
    });
  const others = [
    await asking(taskQueues.archive, activities.archive, config().archive),
    await asking(taskQueues.musicbrainz, activities.musicbrainz, config().musicbrainz),
    // The last: the SDK leaves the threads of one that Temporal refuses behind, and what it refuses one it refuses all.
    await create({
      taskQueue: taskQueues.reconciler,
      workflowBundle: { code },
      maxCachedWorkflows,
      activities: activities.steps,
      enableNonLocalActivities: false,
    }),
  ];
  const all = [starter, ...others];
  return {
    answeredAt: () => answeredAt,
    async run() {
      const runs = all.map((worker) => worker.run());
      await Promise.all(runs).catch(async (error: unknown) => {
        stopping.abort();
        shutDown(all);
        await within(longestBreakdown, 'a worker', Promise.allSettled(runs)).catch(() => undefined);
        throw error;
      });
    },
    stop() {
      stopping.abort();
      shutDown([starter]);
      void activities.inProgress.ended(longestEnding).finally(() => shutDown(others));
    },
    leave() {
      stopping.abort();
      leaving.abort();
      shutDown(all);
    },
  };
}

function shutDown(workers: readonly Worker[]): void {
  for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
}
