import type { Config } from '../../config/config.ts';
import type { Brake } from '../brakes/brake.ts';
import { type Database, readOnly } from '../connection.ts';
import type { CappedCount } from '../lists/walk.ts';
import { countUpTo } from '../lists/count-or-estimate.ts';
import { type ModeInForce, readMode } from '../mode.ts';
import { readBrakes } from '../pace/read-brakes.ts';
import { isDismissed } from '../queue/event-sql.ts';
import { openReviews } from '../reviews/reviews.ts';

/** What an operator has to know wherever they are: what is stopped, and what waits for a person. */
export interface Attention {
  readonly mode: ModeInForce;
  /** Those that are on. */
  readonly brakes: readonly Brake[];
  readonly openReviews: CappedCount;
  /** Failed for good, and not dismissed. */
  readonly failedEvents: CappedCount;
}

/** Counts end there: both go by an index, and this far in some milliseconds. */
const most = 10_000;

/** Reads it at a cost that doesn't grow with the tables. No statement may take longer than `timeoutSeconds`. */
export async function readAttention(
  db: Database,
  config: Pick<Config, 'audit' | 'events'>,
  timeoutSeconds: number,
): Promise<Attention> {
  return readOnly(db, timeoutSeconds, async (q) => {
    // Statistics that are out of date must not make a count read millions of rows to find a few.
    await q.query('set local enable_seqscan = off');
    const count = async (rows: string): Promise<CappedCount> => {
      const counted = await countUpTo(q, rows, most);
      return { count: counted, exact: counted < most };
    };
    return {
      mode: await readMode(q, config.audit),
      brakes: await readBrakes(q, config),
      openReviews: await count(openReviews),
      failedEvents: await count(`from artwork_indexer.event_queue e where e.state = 'failed' and not ${isDismissed}`),
    };
  });
}
