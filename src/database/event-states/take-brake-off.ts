import type { StoredBrakeName } from '../brakes/brake.ts';
import { type Operator, releaseBrake, type StoredBrake } from '../brakes/stored-brakes.ts';
import type { Database } from '../connection.ts';
import { wakeWaiting } from '../attempts/probes.ts';

/**
 * Takes a brake off as an operator asks for it, or by itself. The events that were given back for it are woken up.
 *
 * @param what.since Only the brake that the operator saw: one that was put on anew since is left alone.
 * @returns the brake as it was; null where it was not on, or not that one
 */
export async function takeBrakeOff(
  db: Database,
  what: { readonly name: StoredBrakeName; readonly since?: Date; readonly by?: Operator },
): Promise<StoredBrake | null> {
  return db.transaction(async (tx) => {
    const released = await releaseBrake(tx, what);
    if (released !== null) await wakeWaiting(tx, [what.name]);
    return released;
  });
}
