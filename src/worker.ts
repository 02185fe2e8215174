import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Worker, type WorkerOptions } from '@temporalio/worker';
import { createActivities } from './activities/index.ts';
import { openDependencies } from './activities/dependencies.ts';
import type { OutcomeListeners } from './activities/outcome-log.ts';
import { currentRun, currentSignal } from './activities/run.ts';
import type { RequestMeter } from './clients/answered-request.ts';
import type { Config } from './config/config.ts';
import type { Database } from './database/connection.ts';
import { keepInPlace, putInPlace } from './starters/in-place.ts';
import { ensureSchedules } from './starters/schedules.ts';
import { registerSearchAttributes } from './starters/search-attributes.ts';
import { taskQueues } from './task-queues.ts';
import { openNativeConnection, openTemporal, type TemporalConfig } from './temporal.ts';

export interface WorkerSetup extends OutcomeListeners {
  readonly db: Database;
  /** The configuration as it is at the moment of asking. */
  readonly config: () => Config;
  readonly temporal: TemporalConfig;
  /** The workflows, bundled at build time; `npm run build` makes it. */
  readonly bundlePath?: string;
  /** Told every request. */
  readonly meter?: RequestMeter | undefined;
}

export interface RunningWorker {
  /** Ends when everything has shut down; rejects where a part broke. */
  readonly ended: Promise<void>;
  /** Takes nothing new and lets what is in hand finish; what does not within the grace is run elsewhere. Twice is once. */
  shutdown(): void;
  /** Takes over what of the configuration isn't asked for at every use: how often the schedules run. */
  reload(): Promise<void>;
}

/** Together with closing the connections well within the 25 s that a deployment gives (operators page). */
const shutdownGraceTime = '15s';

/** Cached workflows cost memory, and almost all of ours end within seconds. */
const maxCachedWorkflows = 200;

const defaultBundle = fileURLToPath(new URL('workflow-bundle.js', import.meta.url));

/**
 * Starts this process' part of the deployment: a Temporal worker for each task queue, and, where nobody has yet, the
 * dispatcher, the schedules and the search attributes.
 *
 * @throws {TemporalUnreachableError} before anything is started.
 */
export async function startWorker(setup: WorkerSetup): Promise<RunningWorker> {
  const { db, config, temporal, bundlePath, log, outcomes, meter } = setup;
  const client = await openTemporal(temporal);
  const connection = await openNativeConnection(temporal);
  const code = await readFile(bundlePath ?? defaultBundle, 'utf8');
  const searchAttributes = await registerSearchAttributes(client);
  const dependencies = openDependencies({
    db,
    config,
    run: currentRun,
    signal: currentSignal,
    meter,
    searchAttributes,
  });
  const stopping = new AbortController();
  const activities = createActivities({ ...dependencies, temporal: client, stopping: stopping.signal, log, outcomes });

  const shared = {
    connection,
    namespace: client.options.namespace,
    shutdownGraceTime,
  } satisfies Partial<WorkerOptions>;
  const { archive, musicbrainz } = config();
  const workers = await Promise.all([
    Worker.create({
      ...shared,
      taskQueue: taskQueues.reconciler,
      workflowBundle: { code },
      maxCachedWorkflows,
      activities: activities.reconciler,
    }),
    Worker.create({
      ...shared,
      taskQueue: taskQueues.archive,
      activities: activities.archive,
      maxConcurrentActivityTaskExecutions: archive.concurrency,
      ...queueRate(archive.requestsPerSecond),
    }),
    Worker.create({
      ...shared,
      taskQueue: taskQueues.musicbrainz,
      activities: activities.musicbrainz,
      maxConcurrentActivityTaskExecutions: archive.concurrency,
      ...queueRate(musicbrainz.requestsPerSecond),
    }),
  ]);
  const places = { db, temporal: client, config };
  await putInPlace(places);
  const keeping = keepInPlace(places, stopping.signal, log);
  const running = run(workers, stopping, [() => keeping, () => connection.close(), () => client.connection.close()]);
  return { ...running, reload: () => ensureSchedules(client, config()) };
}

/** Keeps the order of what waits; the budget in PostgreSQL is the guard (design page architecture.md). */
function queueRate(requestsPerSecond: number): Partial<WorkerOptions> {
  return Number.isFinite(requestsPerSecond) ? { maxTaskQueueActivitiesPerSecond: requestsPerSecond } : {};
}

function run(
  workers: readonly Worker[],
  stopping: AbortController,
  closers: readonly (() => Promise<void>)[],
): Omit<RunningWorker, 'reload'> {
  const shutdown = (): void => {
    if (stopping.signal.aborted) return;
    stopping.abort();
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  const ended = Promise.all(
    workers.map((worker) =>
      worker.run().catch((error: unknown) => {
        // One queue without its worker would starve the others' work: all go down, and a supervisor starts anew.
        shutdown();
        throw error;
      }),
    ),
  ).then(async () => {
    for (const close of closers) await close();
  });
  return { ended, shutdown };
}
