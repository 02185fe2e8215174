import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Client, isGrpcServiceError } from '@temporalio/client';
import type { WorkerOptions } from '@temporalio/worker';
import { commit, version } from '../version.ts';
import { taskQueues } from './task-queues.ts';

/** A build of ours, as Temporal's worker versioning names it (docs/deploying-workflow-changes.md). */
export interface Build {
  readonly deploymentName: string;
  readonly buildId: string;
}

/**
 * What this process is a build of, by `[worker]`; null where workers are not versioned.
 *
 * @throws {Error} where nothing tells this build from others
 */
export function ownBuild({ deployment, buildId }: BuildSettings): Build | null {
  if (deployment === null) return null;
  const built = commit();
  if (buildId === null && built === 'unknown') {
    throw new Error(
      'Nobody knows which commit this was built from, and [worker] deployment is set: set [worker] build_id, or build ' +
        'with the commit (Dockerfile: --build-arg COMMIT=…); nothing was started',
    );
  }
  return { deploymentName: deployment, buildId: buildId ?? `${version}-${built.slice(0, 12)}` };
}

/** Workflows that name no behaviour of their own (src/workflows/versioned.ts) go by the configuration: events and audits. */
export function versioned(
  version: Build,
  { runningWorkflows }: { readonly runningWorkflows: 'pin' | 'upgrade' },
): WorkerOptions['workerDeploymentOptions'] {
  const defaultVersioningBehavior = runningWorkflows === 'pin' ? 'PINNED' : 'AUTO_UPGRADE';
  return { version, useWorkerVersioning: true, defaultVersioningBehavior };
}

/**
 * The workflows that a worker of a build runs.
 *
 * @param given where they are; where the build puts them otherwise
 */
export async function readBundle(build: Build | null, given?: string): Promise<string> {
  const name = build === null ? 'workflow-bundle.js' : 'workflow-bundle-versioned.js';
  const path = given ?? fileURLToPath(new URL(`../${name}`, import.meta.url));
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(`${path} can't be read (${code}): \`npm run build\` makes it of the workflows`, { cause: error });
  }
}

interface BuildSettings {
  readonly deployment: string | null;
  readonly buildId: string | null;
}

/** Whom Temporal gives what begins: a build; null: the workers that are none. */
export interface Routing {
  readonly current: Build | null;
  readonly ramping: { readonly build: Build | null; readonly percentage: number } | null;
}

/** `TASK_QUEUE_TYPE_WORKFLOW` of Temporal's API. */
const workflowQueue = 1;

/** Where our workflows go. Servers that know no builds give them to everybody. */
export async function readRouting(temporal: Client): Promise<Routing> {
  const { versioningInfo: info } = await temporal.workflowService.describeTaskQueue({
    namespace: temporal.options.namespace,
    taskQueue: { name: taskQueues.reconciler },
    taskQueueType: workflowQueue,
  });
  const percentage = info?.rampingVersionPercentage ?? 0;
  return {
    current: namedBuild(info?.currentDeploymentVersion),
    ramping: percentage === 0 ? null : { build: namedBuild(info?.rampingDeploymentVersion), percentage },
  };
}

/** As Temporal's answers have it: what is empty names none. */
export function namedBuild(
  answered: { readonly deploymentName?: string | null; readonly buildId?: string | null } | null | undefined,
): Build | null {
  const { deploymentName, buildId } = answered ?? {};
  return deploymentName && buildId ? { deploymentName, buildId } : null;
}

/** Whether what begins, or moves to another build, may come to this one (null: to a worker that is none). */
export function getsWork({ current, ramping }: Routing, build: Build | null): boolean {
  return isSame(current, build) || (ramping !== null && isSame(ramping.build, build));
}

function isSame(one: Build | null, other: Build | null): boolean {
  return one?.deploymentName === other?.deploymentName && one?.buildId === other?.buildId;
}

/** As Temporal calls the states of a version; `inactive`: nothing was ever routed to it. */
const buildStates = ['unknown', 'inactive', 'current', 'ramping', 'draining', 'drained', 'inactive'] as const;
type BuildState = (typeof buildStates)[number];

/** A build of a deployment, and what Temporal does with it. */
export interface KnownBuild {
  readonly buildId: string;
  readonly state: BuildState;
  /** Of `ramping`: the share of what begins that it is given, in percent. */
  readonly percentage: number | null;
  /** Whether a worker of it was there in the last minutes. */
  readonly isPolling: boolean;
}

/** The builds of a deployment that Temporal knows, the newest first; none where it has never seen the deployment. */
export async function readBuilds(temporal: Client, deploymentName: string): Promise<readonly KnownBuild[]> {
  const { namespace } = temporal.options;
  const described = await temporal.workflowService
    .describeWorkerDeployment({ namespace, deploymentName })
    .catch((error: unknown) => {
      if (isGrpcServiceError(error) && Number(error.code) === notFound) return null;
      throw error;
    });
  const { versionSummaries = [], routingConfig } = described?.workerDeploymentInfo ?? {};
  const { pollers } = await temporal.workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name: taskQueues.reconciler },
    taskQueueType: workflowQueue,
  });
  const polling = new Set((pollers ?? []).map(({ deploymentOptions: of }) => `${of?.deploymentName}.${of?.buildId}`));
  const known = (versionSummaries ?? []).map(({ status, deploymentVersion, createTime }) => {
    const buildId = deploymentVersion?.buildId ?? '';
    const state = buildStates[Number(status)] ?? 'unknown';
    const percentage = state === 'ramping' ? (routingConfig?.rampingVersionPercentage ?? null) : null;
    const isPolling = polling.has(`${deploymentName}.${buildId}`);
    return { buildId, state, percentage, isPolling, since: Number(createTime?.seconds ?? 0) };
  });
  return known.sort((one, other) => other.since - one.since).map(({ since: _, ...build }) => build);
}

/** gRPC's NOT_FOUND. */
const notFound = 5;
