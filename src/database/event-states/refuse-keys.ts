import type { Project } from '../../domain/project.ts';
import { keysBrake } from '../brakes/brake.ts';
import { setBrake } from '../brakes/stored-brakes.ts';
import type { Database } from '../connection.ts';
import { probeMinutes } from '../queue/stops.ts';
import type { EndSettings } from '../event-queries/settings.ts';
import { giveBack, type GivenBack } from './give-back-unspent.ts';
import type { Holder } from '../attempts/lock-claimed.ts';
import { endProbe } from '../attempts/probes.ts';
import { transactionWithRetry } from './retry-on-conflict.ts';

/**
 * Stops a project's events, as archive.org has refused its key to one of them, and gives that one back unspent: both or
 * neither. It waits a minute longer than until the next event is let through to try the key, so that this is another
 * one: should it be this item alone that is refused, the others don't wait for it for ever. When the brake goes, so
 * does the wait.
 *
 * @returns what became of the row, as for `giveBackUnspent`; the brake is on in any case
 */
export async function refuseKeys(
  db: Database,
  refusal: Holder & { readonly project: Project['name']; readonly reason: string },
  settings: EndSettings,
): Promise<GivenBack> {
  const { eventId, runId, project, reason } = refusal;
  const brake = keysBrake(project);
  const wait = { eventId, runId, reason, waitSeconds: (probeMinutes + 1) * 60, brake };
  return transactionWithRetry(db, async (tx) => {
    await setBrake(tx, { name: brake, reason });
    await endProbe(tx, eventId, brake);
    return giveBack(tx, wait, settings);
  });
}
