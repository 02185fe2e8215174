import { setTimeout as wait } from 'node:timers/promises';
import type { Demo } from './demo.ts';
import { readUnsettled } from './outcome.ts';
import type { ProgressLine } from '../progress-line.ts';
import { progressLine } from './progress.ts';

/** How often the rows are looked at. Milliseconds: a queued event lives for about so long. */
const lookInterval = 50;

/** A demo in which nothing has changed for so long will not settle any more. Seconds. */
const patience = 180;

/**
 * Watches until every entity has a final status and nothing is queued, or until nothing moves any more.
 *
 * @returns what is not settled, a line each.
 */
export async function watchUntilSettled(
  demo: Demo,
  progress: ProgressLine,
  signal: AbortSignal,
): Promise<readonly string[]> {
  let changedAt = Date.now();
  let line = '';
  for (;;) {
    signal.throwIfAborted();
    const meddled = await demo.mishaps?.meddle(demo.db);
    if (meddled) progress.say(meddled);
    const now = await progressLine(demo.db);
    if (now !== line) changedAt = Date.now();
    line = now;
    progress.show(line);
    const unsettled = await readUnsettled(demo.db);
    if (unsettled.length === 0 || Date.now() - changedAt > patience * 1000) return unsettled;
    // What it is stopped for is said by the signal, not by the wait.
    await wait(lookInterval, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}
