import type { Config } from '../../config/config.ts';
import type { Queryable } from '../connection.ts';
import { type FullPass, type Pace, readFullPass, readPace } from '../pace/index.ts';

/** How audits over time stand. */
export interface PaceFigures {
  readonly pace: Pace;
  readonly fullPass: FullPass;
  /** All audits that the pacer ever started. */
  readonly started: number;
  /** Seconds since 1970, by the pacer's clock; null before its first tick. */
  readonly lastTickAt: number | null;
}

export async function readPaceFigures(q: Queryable, config: Pick<Config, 'audit'>): Promise<PaceFigures> {
  const pace = await readPace(q, config);
  const { rows } = await q.query<Pick<PaceFigures, 'lastTickAt' | 'started'>>(
    `select started, extract(epoch from last_tick_at)::float8 as "lastTickAt" from artwork_reconciler.pace`,
  );
  return {
    pace,
    fullPass: await readFullPass(q, pace.perHour),
    started: rows[0]?.started ?? 0,
    lastTickAt: rows[0]?.lastTickAt ?? null,
  };
}
