import { releaseBrake, setBrake, type Operator, type StoredBrake } from '../brakes/stored-brakes.ts';
import type { Database } from '../connection.ts';
import { lockAllClaims } from './locks.ts';

/**
 * Lets what is in hand end, and starts no more events until `resumeEvents`. Once this returns, no event becomes
 * `running` by a worker of ours: claims that were being made are waited for. Pausing twice changes nothing.
 */
export async function pauseEvents(db: Database, by: Operator): Promise<StoredBrake> {
  return db.transaction(async (tx) => {
    await lockAllClaims(tx);
    const note = by.note === undefined || by.note === null ? '' : `: ${by.note}`;
    return setBrake(tx, { name: 'events_paused', reason: `paused by ${by.actor}${note}`, by });
  });
}

/** Starts events again. @returns the pause that ended; null where there was none */
export async function resumeEvents(db: Database, by: Operator): Promise<StoredBrake | null> {
  return releaseBrake(db, { name: 'events_paused', by });
}
