import { randomUUID } from 'node:crypto';
import {
  type Client,
  isGrpcServiceError,
  ScheduleAlreadyRunning,
  type ScheduleDescription,
  ScheduleNotFoundError,
  type ScheduleOptions,
  ScheduleOverlapPolicy,
} from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import type { Config } from '../config/config.ts';
import { OtherDatabaseError } from '../database/schema/deployment.ts';
import type { DeploymentIdentity } from '../domain/deployment.ts';
import { housekeepingScheduleId, paceScheduleId, runTimeouts, taskQueues } from '../temporal/task-queues.ts';

/** A run that was missed longer ago than this is not made up for: the pace catches nothing up. */
const catchupWindow = '2 minutes';

/** Whose a namespace is stands in the memo of its schedules, under this name. */
const ownerMemo = 'artwork-reconciler';

/**
 * Sees to it that both schedules exist and run as often as the configuration says. One that is
 * paused stays paused (pause-schedule.ts). Every worker calls this at its start.
 *
 * @throws {OtherDatabaseError} where the namespace is another database's; nothing was changed
 */
export async function ensureSchedules(temporal: Client, config: Config, identity: DeploymentIdentity): Promise<void> {
  await refuseOtherDatabase(temporal, identity);
  for (const options of schedulesOf(config, identity)) {
    if (await create(temporal, options)) continue;
    const { scheduleId, spec, policies, action } = options;
    await temporal.schedule.getHandle(scheduleId).update((existing) => ({
      ...existing,
      spec,
      policies: { ...existing.policies, ...policies },
      action: { ...existing.action, ...action },
    }));
    await writeOwner(temporal, scheduleId, identity);
  }
  // Of two that begin in an empty namespace at once, one makes the first schedule.
  await refuseOtherDatabase(temporal, identity);
}

/**
 * Makes those that are missing, and leaves the others as they are. Returns whether any was.
 *
 * @throws {OtherDatabaseError} where the namespace is another database's
 */
export async function restoreSchedules(
  temporal: Client,
  config: Config,
  identity: DeploymentIdentity,
): Promise<boolean> {
  let made = false;
  for (const options of schedulesOf(config, identity)) made = (await create(temporal, options)) || made;
  await refuseOtherDatabase(temporal, identity);
  return made;
}

/**
 * Looks whose the namespace is. One in which no worker has started yet is nobody's.
 *
 * @throws {OtherDatabaseError}
 */
export async function refuseOtherDatabase(temporal: Client, identity: DeploymentIdentity): Promise<void> {
  const schedule = await describeSchedule(temporal, paceScheduleId);
  const owner = schedule === null ? null : ownerOf(schedule);
  if (owner !== null && owner.id !== identity.id) throw new OtherDatabaseError(owner, identity);
}

/** Null where there is none. */
export async function describeSchedule(temporal: Client, scheduleId: string): Promise<ScheduleDescription | null> {
  try {
    return await temporal.schedule.getHandle(scheduleId).describe();
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return null;
    throw error;
  }
}

/**
 * By its memo; where that can't be written any more, by what it starts its workflow with. Null of a schedule that a
 * version without identities made.
 */
export function ownerOf({ memo, action }: ScheduleDescription): DeploymentIdentity | null {
  const [served] = (action.args ?? []) as readonly (DeploymentIdentity | undefined)[];
  return (memo?.[ownerMemo] as DeploymentIdentity | undefined) ?? served ?? null;
}

/**
 * What the client can't write is written by the service's own call. Where the server keeps its schedules in workflows
 * it refuses that, as it does where somebody was faster: what the schedule starts its workflow with says it as well.
 */
async function writeOwner(temporal: Client, scheduleId: string, identity: DeploymentIdentity): Promise<void> {
  const { namespace } = temporal.options;
  const { schedule, memo, conflictToken } = await temporal.workflowService.describeSchedule({ namespace, scheduleId });
  if (memo?.fields?.[ownerMemo] !== undefined) return;
  const fields = { ...memo?.fields, [ownerMemo]: defaultPayloadConverter.toPayload(identity) };
  const wanted = { namespace, scheduleId, schedule, conflictToken, memo: { fields }, requestId: randomUUID() };
  await temporal.workflowService.updateSchedule(wanted).catch((error: unknown) => {
    if (!isGrpcServiceError(error) || Number(error.code) !== failedPrecondition) throw error;
  });
}

/** gRPC's code. */
const failedPrecondition = 9;

function schedulesOf({ audit, housekeeping }: Config, identity: DeploymentIdentity): readonly ScheduleOptions[] {
  return [
    scheduleOf(paceScheduleId, 'paceAudits', audit.tickSeconds, identity, 'start the audits that are due'),
    scheduleOf(housekeepingScheduleId, 'housekeeping', housekeeping.seconds, identity, 'look after what is left over'),
  ];
}

function scheduleOf(
  scheduleId: string,
  workflowType: string,
  seconds: number,
  identity: DeploymentIdentity,
  staticSummary: string,
): ScheduleOptions {
  return {
    scheduleId,
    spec: { intervals: [{ every: seconds * 1000 }] },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow },
    action: {
      type: 'startWorkflow',
      workflowType,
      taskQueue: taskQueues.reconciler,
      workflowId: scheduleId,
      workflowRunTimeout: runTimeouts.tick,
      args: [identity],
      staticSummary,
    },
    memo: { [ownerMemo]: identity },
  };
}

/** False where there is one already. */
async function create(temporal: Client, options: ScheduleOptions): Promise<boolean> {
  try {
    await temporal.schedule.create(options);
    return true;
  } catch (error) {
    if (error instanceof ScheduleAlreadyRunning) return false;
    throw error;
  }
}
