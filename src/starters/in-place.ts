import { setTimeout as wait } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Config } from '../config/config.ts';
import type { Queryable } from '../database/connection.ts';
import { readIdentity } from '../database/schema/deployment.ts';
import { ownSignal } from '../lifetime/linked-signal.ts';
import { startDispatcher } from './dispatcher.ts';
import { agreeOnPause } from './pause-schedule.ts';
import { ensureSchedules, restoreSchedules } from './schedules.ts';
import { registerSearchAttributes } from './search-attributes.ts';

export interface Places {
  readonly db: Queryable;
  readonly temporal: Client;
  /** The configuration as it is at the moment of asking. */
  readonly config: () => Config;
  /** Says that this worker runs, and what it goes by. */
  readonly announce: () => Promise<void>;
}

/**
 * Puts the dispatcher and the schedules in their places, where nobody has yet. Every worker does this at its start.
 *
 * @throws {OtherDatabaseError} where the namespace is another database's; nothing was put there
 */
export async function putInPlace({ db, temporal, config, announce }: Places): Promise<void> {
  await announce();
  const identity = await readIdentity(db);
  // First: they say whose the namespace is.
  await ensureSchedules(temporal, config(), identity);
  await startDispatcher(temporal, identity);
  await agreeOnPause(db, temporal);
}

export interface PlacesLog {
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
}

/**
 * Looks every `[housekeeping] seconds` whether Temporal still has what our work hangs on, and puts back what it lost:
 * without that, the workers would wait for work that nobody orders until one of them is started anew. What is there
 * stays as it is. Ends with the signal.
 */
export async function keepInPlace(places: Places, stopping: AbortSignal, log?: PlacesLog): Promise<void> {
  for (;;) {
    const seconds = places.config().housekeeping.seconds;
    await wait(seconds * 1000, undefined, { signal: stopping }).catch(() => undefined);
    if (stopping.aborted) return;
    const round = ownSignal(stopping);
    try {
      await places.announce();
      const restored = await places.temporal.withAbortSignal(round.signal, () => putBackInPlace(places));
      if (restored) log?.warn({}, 'Temporal had lost our schedules: they are in place again');
    } catch (error) {
      // Temporal or the database is away; there will be another look.
      if (!stopping.aborted) log?.warn({ error }, 'whether Temporal has what it should could not be seen');
    } finally {
      round.end();
    }
  }
}

/** @returns whether the schedules were gone. */
async function putBackInPlace({ db, temporal, config }: Places): Promise<boolean> {
  // First: an audit that sets an attribute which isn't registered any more fails until it is.
  await registerSearchAttributes(temporal);
  const identity = await readIdentity(db);
  const restored = await restoreSchedules(temporal, config(), identity);
  await startDispatcher(temporal, identity);
  if (restored) await agreeOnPause(db, temporal);
  return restored;
}
