import { type Operator, releaseBrake, setPause, type StoredBrake } from '../brakes/stored-brakes.ts';
import type { Database } from '../connection.ts';
import { lockAllClaims } from './locks.ts';

/**
 * Lets what is in hand end, and starts no more events until `resumeEvents`. Once this returns, no event becomes
 * `running` by a worker of ours: claims that were being made are waited for. Pausing twice changes nothing.
 *
 * @returns the pause in force, and whether it is this person's
 */
export async function pauseEvents(db: Database, by: Operator): ReturnType<typeof setPause> {
  return db.transaction(async (tx) => {
    await lockAllClaims(tx);
    return setPause(tx, 'events_paused', by);
  });
}

/** Starts events again. @returns the pause that ended; null where there was none */
export async function resumeEvents(db: Database, by: Operator): Promise<StoredBrake | null> {
  return releaseBrake(db, { name: 'events_paused', by });
}
