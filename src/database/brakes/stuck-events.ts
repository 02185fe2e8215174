import type { Queryable } from '../connection.ts';
import { readStoredBrakes, releaseBrake, setBrake } from './stored-brakes.ts';

/** So many are named in the reason; the others are counted. */
const named = 5;

/**
 * Shows which events have a workflow that can't continue, so that they are dispatched around. Shown no longer where there
 * are none.
 *
 * @param eventIds all of them
 */
export async function noteStuckEvents(q: Queryable, eventIds: readonly number[]): Promise<void> {
  if (eventIds.length === 0) {
    await releaseBrake(q, { name: 'events_stuck' });
    return;
  }
  const others = eventIds.length - named;
  const which = `${eventIds.slice(0, named).join(', ')}${others > 0 ? ` and ${others} more` : ''}`;
  await setBrake(q, {
    name: 'events_stuck',
    reason:
      `the workflow of event ${which} can't continue: Temporal's UI shows why (event-${eventIds[0]}). Other events go ` +
      'on; deploy a release without the fault, or terminate the workflow there',
    detail: { events: eventIds },
  });
}

/** The events that are shown as stuck. */
export async function readStuckEvents(q: Queryable): Promise<readonly number[]> {
  const brake = (await readStoredBrakes(q)).find(({ name }) => name === 'events_stuck');
  const events: unknown = brake?.detail['events'];
  return Array.isArray(events) ? events.filter((id) => typeof id === 'number') : [];
}
