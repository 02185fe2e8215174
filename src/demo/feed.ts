import { backfillSources } from '../activities/backfill.ts';
import type { Database } from '../database/connection.ts';
import { addEntities } from '../database/entity-states/index.ts';
import { priorities } from '../domain/priorities.ts';
import type { DriftCase } from '../simulator/drift/drift-kind.ts';
import { startBackfill } from '../starters/backfill.ts';
import { openTemporal, resultOf } from '../temporal/connection.ts';

/**
 * Feeds the demo's entities to the product as an operator would: both backfills from MusicBrainz, and, for items of which
 * MusicBrainz knows nothing, a list as the archive's staff hands out.
 *
 * @returns a line about each.
 * @throws the signal's reason: without a worker a backfill would be waited for without end.
 */
export async function feed(
  db: Database,
  address: string,
  cases: readonly DriftCase[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const temporal = await openTemporal({ connectionOptions: { address }, namespace: 'default' });
  try {
    const lines: string[] = [];
    for (const source of backfillSources) {
      const handle = await startBackfill(temporal, { source, dryRun: false });
      const { seen, added } = await Promise.race([resultOf(handle), abortOf(signal)]);
      lines.push(`backfill ${source}: ${seen} entities seen, ${added} new`);
    }
    const { added } = await addEntities(
      db,
      cases.map((entity) => ({ ...entity, priority: priorities.usual })),
    );
    return [...lines, `list of items: ${cases.length} entities, ${added} new`];
  } finally {
    await temporal.connection.close();
  }
}

function abortOf(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason as Error);
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}
