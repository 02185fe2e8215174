import { ScheduleAlreadyRunning, ScheduleOverlapPolicy, type Client, type ScheduleOptions } from '@temporalio/client';
import type { Config } from '../config/config.ts';
import { housekeepingScheduleId, paceScheduleId, taskQueues } from '../task-queues.ts';

/** A run that was missed longer ago than this is not made up for: the pace catches nothing up. */
const catchupWindow = '2 minutes';

/**
 * Sees to it that both schedules exist and run as often as the configuration says. One that is
 * paused stays paused (pause-schedule.ts). Every worker calls this at its start.
 */
export async function ensureSchedules(temporal: Client, config: Config): Promise<void> {
  await ensure(temporal, paceScheduleId, 'paceAudits', config.audit.tickSeconds);
  await ensure(temporal, housekeepingScheduleId, 'housekeeping', config.housekeeping.seconds);
}

async function ensure(temporal: Client, scheduleId: string, workflowType: string, seconds: number): Promise<void> {
  const options: ScheduleOptions = {
    scheduleId,
    spec: { intervals: [{ every: seconds * 1000 }] },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow },
    action: { type: 'startWorkflow', workflowType, taskQueue: taskQueues.reconciler, workflowId: scheduleId, args: [] },
  };
  try {
    await temporal.schedule.create(options);
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    const { spec, policies, action } = options;
    await temporal.schedule.getHandle(scheduleId).update((existing) => ({
      ...existing,
      spec,
      policies: { ...existing.policies, ...policies },
      action: { ...existing.action, ...action },
    }));
  }
}
