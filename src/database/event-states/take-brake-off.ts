import { readStoredBrakes, releaseBrake, type Operator, type StoredBrake } from '../brakes/stored-brakes.ts';
import type { StoredBrakeName } from '../brakes/brake.ts';
import type { Database } from '../connection.ts';
import { tryKeysNow } from './key-probe.ts';

/**
 * Takes a brake off as an operator asks for it. Where the keys were refused, the events that were given back for that are
 * woken up.
 *
 * @param what.since Only the brake that the operator saw: one that was put on anew since is left alone.
 * @returns the brake as it was; null where it was not on, or not that one
 */
export async function takeBrakeOff(
  db: Database,
  what: { readonly name: StoredBrakeName; readonly since?: Date; readonly by: Operator },
): Promise<StoredBrake | null> {
  return db.transaction(async (tx) => {
    const brake = (await readStoredBrakes(tx)).find(({ name }) => name === what.name);
    if (brake === undefined || (what.since !== undefined && brake.since.getTime() !== what.since.getTime()))
      return null;
    // While it is still on: that is how it is told whose events they are.
    if (what.name.startsWith('keys_refused_')) await tryKeysNow(tx);
    return releaseBrake(tx, { ...what, since: brake.since });
  });
}
