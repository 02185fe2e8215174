import type { BrakeChanges } from '../database/pace/index.ts';
import { storedBrakeNames } from '../database/brakes/index.ts';
import type { OutcomeLog } from './outcome-log.ts';

/** A line for each brake that has gone on or off. One that stays until somebody releases it is a warning. */
export function logBrakes(log: OutcomeLog | undefined, { on, off }: BrakeChanges): void {
  for (const { name, reason, since, stops } of on) {
    const isStored = storedBrakeNames.some((stored) => stored === name);
    log?.[isStored ? 'warn' : 'info']({ brake: name, reason, since, stops }, 'brake on');
  }
  for (const { name, since } of off) log?.info({ brake: name, since }, 'brake off');
}
