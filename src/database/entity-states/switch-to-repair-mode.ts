import type { Queryable } from '../connection.ts';

/** Rows a statement, so that a switch after a full pass in report mode doesn't lock a million rows at once. */
const rowsAtOnce = 10_000;

/**
 * What was found in report mode to need repairs is due now: it is audited again and then repaired. Nothing old is
 * queued. Called by whoever starts in repair mode; where nothing waits it changes nothing.
 *
 * @returns how many entities became due
 */
export async function switchToRepairMode(q: Queryable): Promise<number> {
  let total = 0;
  for (;;) {
    const { rowCount } = await q.query(
      `update artwork_reconciler.audit_entity entity
       set due_at = null, due_cause = null
       from (select id from artwork_reconciler.audit_entity
             where status = 'unchecked' and due_at is not null and due_cause = 'report_mode'
             limit $1
             for update skip locked) waiting
       where entity.id = waiting.id`,
      [rowsAtOnce],
    );
    total += rowCount ?? 0;
    if ((rowCount ?? 0) < rowsAtOnce) return total;
  }
}
