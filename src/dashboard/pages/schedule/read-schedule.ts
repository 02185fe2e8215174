import { type Brake, readBrakes, type StoredBrake, storedBrakeNames } from '../../../database/brakes/index.ts';
import { type OperatorAction, readOperatorActions } from '../../../database/operator-actions/index.ts';
import {
  type FullPass,
  type ModeInForce,
  type Pace,
  readFullPass,
  readMode,
  readPace,
} from '../../../database/pace/index.ts';
import { type PaceSchedule, readPaceSchedule } from '../../../starters/pause-schedule.ts';
import type { TemporalAnswer } from '../../../starters/temporal-answer.ts';
import { askTemporal } from '../../ask-temporal.ts';
import type { PageContext } from '../../environment.ts';

/** What the page of the schedule shows. */
export interface ShownSchedule {
  readonly pace: Pace;
  readonly mode: ModeInForce;
  readonly fullPass: FullPass;
  /** Those that are on, stored ones first. */
  readonly brakes: readonly Brake[];
  readonly temporal: TemporalAnswer<PaceSchedule | null>;
  /** What was last done to any of it. */
  readonly actions: readonly OperatorAction[];
}

/** Milliseconds. A page that is looked at every few seconds does without rather than wait. */
const patience = 1000;
const shownActions = 5;

export async function readSchedule(c: PageContext): Promise<ShownSchedule> {
  const config = c.var.parts.config();
  const [temporal, known] = await Promise.all([
    askTemporal(c, patience, readPaceSchedule),
    c.var.read(async (q) => {
      const pace = await readPace(q, config);
      const targets = ['pace', 'mode', ...storedBrakeNames];
      const { rows: actions } = await readOperatorActions(q, { targets }, { limit: shownActions });
      return {
        pace,
        mode: await readMode(q, config.audit),
        fullPass: await readFullPass(q, pace.perHour),
        brakes: await readBrakes(q, config),
        actions,
      };
    }),
  ]);
  return { ...known, temporal };
}

/** The stored brake of a name, where it is on. */
export function storedBrake(brakes: readonly Brake[], name: StoredBrake['name']): (Brake & { since: Date }) | null {
  const brake = brakes.find((each) => each.name === name);
  return brake === undefined || brake.since === null ? null : { ...brake, since: brake.since };
}
