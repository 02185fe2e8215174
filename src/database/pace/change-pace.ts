import type { Config } from '../../config/config.ts';
import type { Operator } from '../brakes/index.ts';
import type { Database } from '../connection.ts';
import { clearPace, type Pace, type PaceOrder, readPace, setPace } from './rate.ts';

/**
 * Sets or clears the pace for an operator who saw another one: where it was changed since, it stays as it is.
 *
 * @param change.order null lets the configuration's pace count again
 * @param change.seenSetAt when the pace that the operator saw was set; null where that was the configuration's
 * @returns whether the pace is now what was asked for, and the pace in force
 * @throws {RangeError} where the order is no number above 0
 */
export async function changePace(
  db: Database,
  config: Pick<Config, 'audit'>,
  change: { readonly order: PaceOrder | null; readonly seenSetAt: Date | null; readonly by: Operator },
): Promise<{ readonly done: boolean; readonly pace: Pace }> {
  return db.transaction(async (tx) => {
    await tx.query('select from artwork_reconciler.pace for update');
    const found = await readPace(tx, config);
    const isAsSeen = found.setAt?.getTime() === change.seenSetAt?.getTime();
    // What was sent twice is done once.
    if (!isAsSeen) return { done: isSaid(found, change.order, change.by), pace: found };
    if (change.order === null) await clearPace(tx, change.by);
    else await setPace(tx, change.order, change.by);
    return { done: true, pace: await readPace(tx, config) };
  });
}

function isSaid(pace: Pace, order: PaceOrder | null, by: Operator): boolean {
  if (order === null) return pace.source === 'configuration';
  const perHour = 'perHour' in order ? order.perHour : order.perDay / 24;
  return pace.setBy === by.actor && pace.perHour === perHour;
}
