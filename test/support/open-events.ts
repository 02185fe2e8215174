import { type Config, readConfig } from '../../src/config/config.ts';
import type { Queryable } from '../../src/database/connection.ts';
import { whyWaiting } from '../../src/database/queue/why-not-claimable.ts';

/** The events that are queued or running, the first 20, each with what it waits for. */
export async function describeOpenEvents(
  q: Queryable,
  config: Config = readConfig({ file: '/dev/null', env: {} }),
): Promise<readonly string[]> {
  const { rows } = await q.query<{ id: number; action: string }>(
    `select id, action::text from artwork_indexer.event_queue where state in ('queued', 'running') order by id limit 20`,
  );
  if (rows.length === 0) return [];
  const reasons = await whyWaiting(
    q,
    rows.map(({ id }) => id),
    config,
  );
  return rows.map(({ id, action }) => `${action} event ${id}: ${reasons.get(id) ?? 'nothing holds it back'}`);
}
