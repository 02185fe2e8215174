import { proxyActivities } from '@temporalio/workflow';
import type { Housekeeper } from '../activities/housekeeping.ts';

const housekeeper = proxyActivities<Housekeeper>({
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: '30s',
  retry: { initialInterval: '1s', maximumInterval: '30s', maximumAttempts: 5 },
});

/** One round: gives back what nobody works on, moves on what waits, deletes what is old. Returns what it did, by name. */
export async function housekeeping(): Promise<Record<string, number>> {
  return {
    ...(await housekeeper.giveBackEvents()),
    ...(await housekeeper.giveBackAudits()),
    ...(await housekeeper.moveEntitiesOn()),
    ...(await housekeeper.deleteOldRows()),
    ...(await housekeeper.agreeOnPause()),
  };
}
