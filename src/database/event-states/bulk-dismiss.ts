import { type BulkFate, type BulkKind, changed } from '../bulk-actions/index.ts';
import { eventVersion, isDismissed } from '../event-queries/event-filter.ts';
import { chooseEvents, refuseOthers } from './bulk-events.ts';
import { writeDismissals } from './dismiss-events.ts';
import { lockEvents } from './locks.ts';

/** `dismissEvents`, batch by batch. What failed anew since the dry run is not dismissed: nobody has seen that. */
export const dismissInBulk: BulkKind = {
  choose: chooseEvents,

  async carryOut(tx, { rows, dryRun, by }) {
    const { rows: failed } = await tx.query<{ id: number; version: string }>(
      lockEvents(
        `select e.id, ${eventVersion} as version from artwork_indexer.event_queue e
         where e.id = any ($1::bigint[]) and e.state = 'failed' and not ${isDismissed}
           and not exists (select from artwork_reconciler.event_claim claim where claim.event = e.id)`,
      ),
      [rows.map(({ target }) => target)],
    );
    const seen = new Map(rows.map(({ target, version }) => [target, version]));
    const fates = failed.map(({ id, version }): BulkFate => {
      if (seen.get(id) !== version) return { target: id, outcome: 'refused', reason: changed };
      return { target: id, outcome: 'done' };
    });
    const dismissed = fates.filter(({ outcome }) => outcome === 'done').map(({ target }) => target);
    if (!dryRun) await writeDismissals(tx, dismissed, by);
    return [...fates, ...(await refuseOthers(tx, rows, new Set(fates.map(({ target }) => target))))];
  },
};
