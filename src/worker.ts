import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Worker, type WorkerOptions } from '@temporalio/worker';
import { openDependencies } from './activities/dependencies.ts';
import { createActivities } from './activities/index.ts';
import type { OutcomeListeners } from './activities/outcome-log.ts';
import { alive, currentRun, currentSignal } from './activities/run.ts';
import type { RequestMeter } from './clients/errors.ts';
import { workingSettings } from './config/changes.ts';
import type { Config } from './config/config.ts';
import type { Database } from './database/connection.ts';
import { settleMode } from './database/mode.ts';
import { readIdentity } from './database/schema/deployment.ts';
import { announceWorker, withdrawWorker } from './database/workers.ts';
import { Opened } from './lifetime/opened.ts';
import { keepInPlace, limitQueues, putInPlace } from './starters/in-place.ts';
import { ensureSchedules, refuseOtherDatabase } from './starters/schedules.ts';
import { registerSearchAttributes } from './starters/search-attributes.ts';
import { checkNamespace, openNativeConnection, openTemporal, type TemporalConfig } from './temporal/connection.ts';
import { taskQueues } from './temporal/task-queues.ts';
import { type Build, ownBuild } from './temporal/worker-builds.ts';

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

/** A worker that has missed this many rounds of restoring isn't there any more. */
const missedRounds = 3;

/** Cached workflows cost memory, and almost all of ours end within seconds. */
const maxCachedWorkflows = 200;

const bundleOf = (build: Build | null): string =>
  fileURLToPath(new URL(build === null ? 'workflow-bundle.js' : 'workflow-bundle-versioned.js', import.meta.url));

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
  const { db, config, temporal, bundlePath, log, outcomes, meter } = setup;
  const build = ownBuild(config().worker);
  const client = await openTemporal(temporal);
  opened.add(() => client.connection.close());
  await checkNamespace(client, temporal);
  await refuseOtherDatabase(client, await readIdentity(db));
  const connection = await openNativeConnection(temporal);
  opened.add(() => connection.close());
  const code = await readBundle(bundlePath ?? bundleOf(build));
  const searchAttributes = await registerSearchAttributes(client, log);
  const dependencies = openDependencies({
    db,
    config,
    run: currentRun,
    signal: currentSignal,
    keepAlive: alive,
    meter,
    searchAttributes,
  });
  const stopping = new AbortController();
  const activities = createActivities({
    ...dependencies,
    temporal: client,
    stopping: stopping.signal,
    build,
    log,
    outcomes,
  });

  const create = async (options: WorkerOptions): Promise<Worker> => {
    const { namespace } = client.options;
    const worker = await Worker.create({
      connection,
      namespace,
      shutdownGraceTime,
      shutdownForceTime,
      // The same of all: a run's activities go to workers of its build.
      ...(build !== null && { workerDeploymentOptions: versioned(build, config()) }),
      ...options,
    });
    // One that never runs keeps the connection open.
    opened.add(() => (worker.getState() === 'INITIALIZED' ? worker.runUntil(Promise.resolve()) : undefined));
    return worker;
  };
  const { archive, musicbrainz } = config();
  const isLimited = await limitQueues(client, config());
  // Apart from the workflows, so that a worker which stops can continue with those and doesn't take the dispatcher again.
  const starter = await create({ taskQueue: taskQueues.reconciler, activities: activities.starters });
  const others = [
    await create({
      taskQueue: taskQueues.archive,
      activities: activities.archive,
      maxConcurrentActivityTaskExecutions: archive.concurrency,
      ...(!isLimited && queueRate(archive.requestsPerSecond)),
    }),
    await create({
      taskQueue: taskQueues.musicbrainz,
      activities: activities.musicbrainz,
      maxConcurrentActivityTaskExecutions: archive.concurrency,
      ...(!isLimited && queueRate(musicbrainz.requestsPerSecond)),
    }),
    // The last: the SDK leaves the threads of one that Temporal refuses behind, and what it refuses one it refuses all.
    await create({
      taskQueue: taskQueues.reconciler,
      workflowBundle: { code },
      maxCachedWorkflows,
      activities: activities.steps,
      enableNonLocalActivities: false,
    }),
  ];
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
  const running = run([starter, ...others], opened, {
    stopFirst: () => {
      stopping.abort();
      shutDown([starter]);
    },
    untilEnded: () => activities.inProgress.ended(longestEnding),
  });
  return {
    ...running,
    async reload() {
      await announce();
      await ensureSchedules(client, config(), await readIdentity(db));
      await limitQueues(client, config());
    },
  };
}

async function readBundle(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(`${path} can't be read (${code}): \`npm run build\` makes it of the workflows`, { cause: error });
  }
}

/** Workflows that name no behaviour of their own (src/workflows/versioned.ts) go by the configuration: events and audits. */
function versioned(version: Build, { worker }: Config): WorkerOptions['workerDeploymentOptions'] {
  const defaultVersioningBehavior = worker.runningWorkflows === 'pin' ? 'PINNED' : 'AUTO_UPGRADE';
  return { version, useWorkerVersioning: true, defaultVersioningBehavior };
}

/** A worker's own limit, where Temporal doesn't keep the queue's (starters/queue-rates.ts). */
function queueRate(requestsPerSecond: number): Partial<WorkerOptions> {
  return Number.isFinite(requestsPerSecond) ? { maxTaskQueueActivitiesPerSecond: requestsPerSecond } : {};
}

interface Stop {
  /** From then on nothing new is begun. */
  readonly stopFirst: () => void;
  readonly untilEnded: () => Promise<void>;
}

function run(
  workers: readonly Worker[],
  opened: Opened,
  { stopFirst, untilEnded }: Stop,
): Omit<RunningWorker, 'reload'> {
  let isStopping = false;
  const shutdown = (): void => {
    if (isStopping) return;
    isStopping = true;
    stopFirst();
    void untilEnded().finally(() => shutDown(workers));
  };
  const runs = workers.map((worker) =>
    worker.run().catch((error: unknown) => {
      // One queue without its worker would starve the others' work: all go down, and a supervisor starts again.
      isStopping = true;
      stopFirst();
      shutDown(workers);
      throw error;
    }),
  );
  const ended = opened.orClose(async () => {
    await Promise.all(runs).catch(async (error: unknown) => {
      const late = new AbortController();
      await Promise.race([Promise.allSettled(runs), wait(longestBreakdown, undefined, { signal: late.signal })]);
      late.abort();
      throw error;
    });
    await opened.close();
  });
  return { ended, shutdown };
}

function shutDown(workers: readonly Worker[]): void {
  for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
}
