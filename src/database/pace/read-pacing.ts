import type { Config } from '../../config/config.ts';
import type { Brake } from '../brakes/brake.ts';
import { type PauseWindow, readWindows } from '../brakes/windows.ts';
import { type CanarySummary, readCanarySummary } from '../canary.ts';
import type { Queryable } from '../connection.ts';
import { type ModeInForce, readMode } from '../mode.ts';
import { type Pace, readPace } from './rate.ts';
import { readBrakes } from './read-brakes.ts';
import { type FullPass, readFullPass } from './repair-mode-plan.ts';

/** What decides how fast audits are started, what is done with what they find, and what stops them. */
export interface Pacing {
  readonly pace: Pace;
  readonly mode: ModeInForce;
  /** What has come of the newest one; null where there was none. */
  readonly canary: CanarySummary | null;
  /** At that pace. */
  readonly fullPass: FullPass;
  /** Those that are on, stored ones first. */
  readonly brakes: readonly Brake[];
  /** Windows that are on or to come. */
  readonly windows: readonly PauseWindow[];
}

/** Reads what the schedule's page and `schedule show` show alike. */
export async function readPacing(q: Queryable, config: Pick<Config, 'audit' | 'events'>): Promise<Pacing> {
  const pace = await readPace(q, config);
  return {
    pace,
    mode: await readMode(q, config.audit),
    canary: await readCanarySummary(q),
    fullPass: await readFullPass(q, pace.perHour),
    brakes: await readBrakes(q, config),
    windows: await readWindows(q),
  };
}
