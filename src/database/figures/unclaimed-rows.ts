import type { Queryable } from '../connection.ts';
import { countUpTo } from '../lists/count-or-estimate.ts';
import { lapsed } from '../entities/lost-audits.ts';
import { leftRunning } from '../event-queries/event-sql.ts';
import type { EventSettings } from '../event-queries/index.ts';

/** Rows that are said to be worked on, where the rows themselves show that nobody does. Housekeeping gives them back. */
export interface UnclaimedRows {
  /** Running without a claim of ours, for longer than `[events] foreign_running_minutes`. */
  readonly events: number;
  /** In progress without a workflow, and without a shell that renews its claim. */
  readonly audits: number;
}

const most = 10_000;

export async function readUnclaimedRows(q: Queryable, { events }: EventSettings): Promise<UnclaimedRows> {
  const { rows } = await q.query<{ count: number }>(
    `select count(*)::int as count
     from (select from artwork_indexer.event_queue e where ${leftRunning('e', '$1')} limit ${most}) left_running`,
    [events.foreignRunningMinutes],
  );
  return {
    events: rows[0]?.count ?? 0,
    audits: await countUpTo(q, `from artwork_reconciler.audit_entity where ${lapsed}`, most),
  };
}
