import type { Project } from '../../domain/project.ts';
import { keysBrake } from '../brakes/brake.ts';
import type { Database } from '../connection.ts';
import { takeBrakeOff } from './take-brake-off.ts';

/**
 * Ends the stop of a project whose key archive.org has accepted, and the waiting of the events that were given back for
 * it; but not a stop that is younger than the request: it was sent with the key that was refused since.
 *
 * Costs one short statement where there is no stop, as after nearly every write.
 *
 * @param sentAgo milliseconds since the request was made
 */
export async function acceptKeys(db: Database, project: Project['name'], sentAgo: number): Promise<void> {
  const name = keysBrake(project);
  const { rows } = await db.query<{ since: Date }>(
    `select since from artwork_reconciler.brake
     -- One of a time to come was set before the clock was set back.
     where name = $1 and (since <= clock_timestamp() - make_interval(secs => $2) or since > clock_timestamp())`,
    [name, sentAgo / 1000],
  );
  for (const { since } of rows) await takeBrakeOff(db, { name, since });
}
