import { ApplicationFailure, isCancellation, patched, proxyActivities } from '@temporalio/workflow';
import type { Housekeeper } from '../activities/housekeeping.ts';
import type { DeploymentIdentity } from '../domain/deployment.ts';
import { stepFailure } from './failures.ts';
import { named, stepOptions } from './step-options.ts';

const housekeeper = named<Housekeeper>(proxyActivities<Housekeeper>(stepOptions.housekeeper), {
  giveBackEvents: 'release events that nobody works on',
  giveBackAudits: 'release audits that nobody works on',
  moveEntitiesOn: 'move entities on, note brakes',
  deleteOldRows: 'delete old rows',
  agreeOnPause: 'agree with the schedule on its pause',
  release: 'release what nobody works on, agree on the pause',
  moveOnAndDelete: 'move entities on, note brakes, delete old rows',
});

/**
 * One round: releases what nobody works on, moves on what waits, deletes what is old. Returns what it did, by name. A
 * step that fails keeps no other from its turn: the round fails at its end, with the reasons of all.
 *
 * @param served whose rows it looks after: a worker of another database refuses to
 */
export async function housekeeping(served: DeploymentIdentity | null = null): Promise<Record<string, number>> {
  const isInTwo = patched('housekeeping-in-two');
  if (!isInTwo && !patched('housekeeping-side-by-side')) return oneAfterTheOther(served);
  const counts: Record<string, number> = {};
  const reasons: string[] = [];
  const attempt = async (step: keyof Housekeeper): Promise<void> => {
    try {
      Object.assign(counts, await housekeeper[step](served));
    } catch (error) {
      if (isCancellation(error)) throw error;
      reasons.push(`${step}: ${stepFailure(error).reason}`);
    }
  };
  await Promise.all(
    isInTwo
      ? [attempt('release'), attempt('moveOnAndDelete')]
      : // As rounds went that began before.
        [
          attempt('giveBackEvents'),
          attempt('giveBackAudits'),
          attempt('moveEntitiesOn').then(() => attempt('deleteOldRows')),
          attempt('agreeOnPause'),
        ],
  );
  if (reasons.length > 0) throw ApplicationFailure.nonRetryable(reasons.join('; '), 'HousekeepingFailed');
  return counts;
}

/** As rounds went that began before. */
async function oneAfterTheOther(served: DeploymentIdentity | null): Promise<Record<string, number>> {
  return {
    ...(await housekeeper.giveBackEvents(served)),
    ...(await housekeeper.giveBackAudits(served)),
    ...(await housekeeper.moveEntitiesOn(served)),
    ...(await housekeeper.deleteOldRows(served)),
    ...(await housekeeper.agreeOnPause(served)),
  };
}
