import { setTimeout as wait } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { DatabaseConfig } from '../../config/config.ts';
import { type BulkAction, readBulkAction } from '../../database/bulk-actions/bulk-action.ts';
import type { Database } from '../../database/connection.ts';
import { readIdentity } from '../../database/schema/deployment.ts';
import { startBulkAction } from '../../starters/start.ts';
import { isWorkerThere, TemporalUnreachableError } from '../../temporal/connection.ts';
import { openProgressLine } from '../../terminal/terminal.ts';
import { openOwnTemporal } from '../own-temporal.ts';

/** Temporal, or why it can't be reached: what was confirmed is carried out all the same, later. */
export type ReachedTemporal = Client | TemporalUnreachableError;

/** @throws {OtherDatabaseError | CopiedDatabaseError} as well as what `openOwnTemporal` throws of the database */
export async function reachTemporal(database: DatabaseConfig): Promise<ReachedTemporal> {
  try {
    return await openOwnTemporal(database);
  } catch (error) {
    if (error instanceof TemporalUnreachableError) return error;
    throw error;
  }
}

export async function leaveTemporal(temporal: ReachedTemporal | null): Promise<void> {
  if (temporal !== null && !(temporal instanceof Error)) await temporal.connection.close();
}

/** Milliseconds between two reads of its row. */
const readInterval = 200;
/** Milliseconds between two attempts to have somebody work on it, where it doesn't move. */
const checkInterval = 5_000;
/** Milliseconds without a batch after which Temporal's silence is taken for its absence. */
const longestSilence = 30_000;

/** Milliseconds. What is done by then needs no progress. */
const unsaid = 1_000;

/** How to see and to stop it, as a line continues. */
const handles = (id: string): string =>
  `\`artwork-reconciler bulk show ${id}\` says how far it is, \`artwork-reconciler bulk stop ${id}\` stops it`;

/**
 * Sees to it that workers carry out a confirmed action, and shows how far they are until it has ended. What counts is its
 * row: it is followed also where Temporal goes away meanwhile.
 *
 * @param interrupted ends the following, not the action
 * @throws {Error} where nobody carries it out, or who follows it was interrupted; it is said that it continues, and how to
 *   see and to stop it
 */
export async function followBulkAction(
  db: Database,
  temporal: ReachedTemporal,
  id: string,
  interrupted: AbortSignal,
): Promise<BulkAction> {
  const progress = openProgressLine(process.stderr);
  const beganAt = performance.now();
  let [last, movedAt, checkAt, moves] = ['', beganAt, beganAt, false];
  try {
    for (;;) {
      const action = await readBulkAction(db, id);
      if (action === null) throw new Error(`there is no bulk action ${id}`);
      if (action.state !== 'running') return action;
      const [line, now] = [inShort(action), performance.now()];
      if (line !== last) [last, movedAt, moves] = [line, now, last !== ''];
      if (now >= checkAt) {
        const why = moves ? null : await whyNobodyWorks(db, temporal, id, now - movedAt > longestSilence);
        if (why !== null) throw new Error(`${why}: bulk action ${id} is confirmed and waits for one; ${handles(id)}`);
        [checkAt, moves] = [performance.now() + checkInterval, false];
      }
      if (now - beganAt > unsaid) progress.show(line);
      await wait(readInterval, undefined, { signal: interrupted }).catch(() => undefined);
      if (interrupted.aborted)
        throw new Error(`interrupted: bulk action ${id} continues in the workers; ${handles(id)}`);
    }
  } finally {
    progress.end();
  }
}

function inShort({ chosen, outcome: { done, skipped, refused }, fault }: BulkAction): string {
  const trouble = fault === null ? '' : `; the last batch failed and is tried again: ${fault}`;
  return `${done + skipped + refused} of ${chosen} rows${trouble}`;
}

/** Has it started, where nobody works on it. @returns why nobody will; null where somebody does, or that is unknown yet */
async function whyNobodyWorks(
  db: Database,
  temporal: ReachedTemporal,
  id: string,
  isSilentForLong: boolean,
): Promise<string | null> {
  if (temporal instanceof Error) return `no worker can be notified, as ${temporal.message}`;
  try {
    await startBulkAction(temporal, { id, isConfirmed: true }, await readIdentity(db));
    return (await isWorkerThere(temporal)) ? null : 'no worker is running';
  } catch (error) {
    return isSilentForLong ? `no worker can be notified, as Temporal doesn't answer (${String(error)})` : null;
  }
}
