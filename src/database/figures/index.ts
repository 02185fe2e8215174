import type { Config } from '../../config/config.ts';
import { type Brake, readBrakes } from '../brakes/index.ts';
import type { Database } from '../connection.ts';
import { type ModeInForce, readMode } from '../pace/index.ts';
import { differingSettings, readWorkers, type SettingDifference } from '../workers.ts';
import { limitsOfReading } from '../time-limits.ts';
import { type BudgetFigures, readBudgetFigures } from './budget-figures.ts';
import { type EntityFigures, readEntityFigures } from './entity-figures.ts';
import { type EventFigures, readEventFigures } from './event-figures.ts';
import { type PaceFigures, readPaceFigures } from './pace-figures.ts';
import { readUnclaimedRows, type UnclaimedRows } from './unclaimed-rows.ts';

export type { BudgetFigures, EntityFigures, EventFigures, PaceFigures, UnclaimedRows };

/** How everything stands, by the rows of the database. */
export interface Figures {
  readonly events: EventFigures;
  readonly entities: EntityFigures;
  readonly unclaimed: UnclaimedRows;
  readonly pace: PaceFigures;
  readonly budgets: readonly BudgetFigures[];
  /** Those that are on. */
  readonly brakes: readonly Brake[];
  readonly mode: ModeInForce;
  /** In what the workers that run differ. */
  readonly differences: readonly SettingDifference[];
}

/**
 * Reads them all, at a cost that doesn't grow with the tables: counts go by an index and end at 10,000, where the
 * planner's estimate takes over. No statement may take longer than `timeoutSeconds`.
 */
export async function readFigures(
  db: Database,
  config: Pick<Config, 'audit' | 'events'>,
  timeoutSeconds: number,
): Promise<Figures> {
  return db.transaction(async (tx) => {
    // Statistics that are out of date must not make a count read millions of rows to find a few.
    await tx.query('set local enable_seqscan = off');
    return {
      events: await readEventFigures(tx, config),
      entities: await readEntityFigures(tx),
      unclaimed: await readUnclaimedRows(tx, config),
      pace: await readPaceFigures(tx, config),
      budgets: await readBudgetFigures(tx),
      brakes: await readBrakes(tx, config),
      mode: await readMode(tx, config.audit),
      differences: differingSettings(await readWorkers(tx)),
    };
  }, limitsOfReading(timeoutSeconds));
}
