import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { type BulkKinds, forgetUnconfirmed, takeBulkAction } from '../../database/bulk-actions/index.ts';
import { type BulkWorkParts, workOnBulkAction } from './work.ts';

export interface BulkRunner {
  /** Ends the batch in hand, leaves the rest to others, and takes nothing new. */
  stop(): Promise<void>;
}

/** A name for a process, or for a piece of work in it, that no other one has. */
export function leaseHolderName(): string {
  return `${hostname()} ${process.pid} ${randomUUID()}`;
}

/**
 * Carries out bulk actions as long as the dashboard runs: those that were confirmed here, and those that another
 * dashboard left behind, dead or stopped, once its lease has passed. Needs nothing but the database.
 */
export function startBulkRunner(parts: BulkWorkParts, kinds: BulkKinds): BulkRunner {
  const { db, config, log } = parts;
  const holder = leaseHolderName();
  const stopped = new AbortController();
  const turn = async (): Promise<boolean> => {
    const lease = { holder, leaseSeconds: config().dashboard.bulkLeaseSeconds };
    const id = await takeBulkAction(db, lease);
    if (id === null) return false;
    await workOnBulkAction(parts, kinds, { id, lease, isOver: () => stopped.signal.aborted });
    return true;
  };
  const run = async (): Promise<void> => {
    let isAway = false;
    let forgets = 0;
    while (!stopped.signal.aborted) {
      try {
        if (await turn()) continue;
        if (performance.now() >= forgets) {
          await forgetUnconfirmed(db, config().dashboard.bulkUnconfirmedHours);
          forgets = performance.now() + hour;
        }
        isAway = false;
      } catch (error) {
        // Said once, not at every turn: pages say so too.
        if (!isAway) log.warn({ error }, 'bulk actions can’t be looked for');
        isAway = true;
      }
      await wait(config().dashboard.bulkPollSeconds * 1000, undefined, { signal: stopped.signal }).catch(
        () => undefined,
      );
    }
  };
  const running = run();
  return {
    async stop() {
      stopped.abort();
      await running;
    },
  };
}

/** Milliseconds. */
const hour = 3_600_000;
