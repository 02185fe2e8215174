import type { Project } from '../../domain/project.ts';
import { keysBrake } from '../brakes/brake.ts';
import type { Database } from '../connection.ts';
import { takeBrakeOff } from './take-brake-off.ts';

/**
 * Ends the stop of a project whose key archive.org accepts, and the waiting of the events that were given back for it.
 * Costs one short statement where there is no stop, as after nearly every event.
 */
export async function acceptKeys(db: Database, project: Project['name']): Promise<void> {
  const name = keysBrake(project);
  const { rowCount } = await db.query('select from artwork_reconciler.brake where name = $1', [name]);
  if (rowCount !== 0) await takeBrakeOff(db, { name });
}
