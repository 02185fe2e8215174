import {
  type BulkKinds,
  type LeaseHolder,
  leaveBulkAction,
  noteFault,
  stepBulkAction,
  takeBulkAction,
} from '../../database/bulk-actions/index.ts';
import type { DashboardParts } from '../environment.ts';

/** What working on bulk actions needs of a dashboard. */
export type BulkWorkParts = Pick<DashboardParts, 'config' | 'db' | 'log'>;

/**
 * Works on a bulk action that this process has taken, batch by batch, until it is complete, is lost, or is to be left.
 * A batch that fails is written down and left to be tried again when the lease has passed.
 */
export async function workOnBulkAction(
  parts: BulkWorkParts,
  kinds: BulkKinds,
  { id, lease, isOver }: { readonly id: string; readonly lease: LeaseHolder; readonly isOver: () => boolean },
): Promise<void> {
  const { db, config, log } = parts;
  try {
    for (;;) {
      const step = await stepBulkAction(db, kinds, { ...lease, id, rows: config().dashboard.bulkRows });
      if (step !== 'more') return;
      if (isOver()) return void (await leaveBulkAction(db, lease, id));
    }
  } catch (error) {
    log.error({ error, bulkAction: id }, 'a batch of a bulk action failed');
    const words = error instanceof Error ? error.message : String(error);
    // Where the database is away this fails too; the lease passes by itself.
    await noteFault(db, lease, { id, words }).catch(() => undefined);
  }
}

/**
 * Works on one action for a moment, right in the request that asks for it: small ones are done when the next page shows.
 * The rest is left to whoever runs `startBulkRunner`.
 */
export async function beginBulkWork(parts: BulkWorkParts, kinds: BulkKinds, holder: string, id: string): Promise<void> {
  const { bulkLeaseSeconds, bulkFirstSeconds } = parts.config().dashboard;
  const lease = { holder, leaseSeconds: bulkLeaseSeconds };
  if ((await takeBulkAction(parts.db, lease, id)) === null) return;
  const end = performance.now() + bulkFirstSeconds * 1000;
  await workOnBulkAction(parts, kinds, { id, lease, isOver: () => performance.now() >= end });
}
