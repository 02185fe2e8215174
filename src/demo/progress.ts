import { countByStatus } from '../database/audit-queries/index.ts';
import type { Queryable } from '../database/connection.ts';

/** Where all entities and events are now, in a line. */
export async function progressLine(db: Queryable): Promise<string> {
  const status = await countByStatus(db);
  const { rows } = await db.query<{ state: string; count: number }>(
    `select state::text, count(*) from artwork_indexer.event_queue group by state`,
  );
  const events = Object.fromEntries(rows.map(({ state, count }) => [state, count]));
  const final = status.clean + status.manual_review + status.legacy;
  const total = final + status.unchecked + status.audit_in_progress + status.repair_queue;
  return (
    `${final}/${total} settled: ${status.clean} clean, ${status.manual_review} in review, ${status.legacy} legacy; ` +
    `${status.audit_in_progress} in progress, ${status.repair_queue} under repair, ${status.unchecked} waiting; ` +
    `events: ${(events['queued'] ?? 0) + (events['running'] ?? 0)} open, ${events['completed'] ?? 0} completed, ${events['failed'] ?? 0} failed`
  );
}
