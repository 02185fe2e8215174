import { ScheduleAlreadyRunning, ScheduleOverlapPolicy, type Client, type ScheduleOptions } from '@temporalio/client';
import type { Config } from '../config/config.ts';
import { housekeepingScheduleId, paceScheduleId, runTimeouts, taskQueues } from '../task-queues.ts';

/** A run that was missed longer ago than this is not made up for: the pace catches nothing up. */
const catchupWindow = '2 minutes';

/**
 * Sees to it that both schedules exist and run as often as the configuration says. One that is
 * paused stays paused (pause-schedule.ts). Every worker calls this at its start.
 */
export async function ensureSchedules(temporal: Client, config: Config): Promise<void> {
  for (const options of schedulesOf(config)) {
    if (await create(temporal, options)) continue;
    const { scheduleId, spec, policies, action } = options;
    await temporal.schedule.getHandle(scheduleId).update((existing) => ({
      ...existing,
      spec,
      policies: { ...existing.policies, ...policies },
      action: { ...existing.action, ...action },
    }));
  }
}

/** Makes those that are missing, and leaves the others as they are. Returns whether any was. */
export async function restoreSchedules(temporal: Client, config: Config): Promise<boolean> {
  let made = false;
  for (const options of schedulesOf(config)) made = (await create(temporal, options)) || made;
  return made;
}

function schedulesOf({ audit, housekeeping }: Config): readonly ScheduleOptions[] {
  return [
    scheduleOf(paceScheduleId, 'paceAudits', audit.tickSeconds),
    scheduleOf(housekeepingScheduleId, 'housekeeping', housekeeping.seconds),
  ];
}

function scheduleOf(scheduleId: string, workflowType: string, seconds: number): ScheduleOptions {
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
      args: [],
    },
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
