import type { Client } from '@temporalio/client';
import { pauseWork, readAuditsPause } from '../database/brakes/stored-brakes.ts';
import type { Database } from '../database/connection.ts';
import { requireIdentity } from '../database/schema/deployment.ts';
import type { DeploymentIdentity } from '../domain/deployment.ts';
import { paceScheduleId } from '../temporal/task-queues.ts';
import { describeSchedule, ownerOf } from './schedules.ts';

/** The pace's schedule as Temporal has it. */
export interface PaceSchedule {
  readonly isPaused: boolean;
  /** Why, as whoever paused it in Temporal wrote. */
  readonly note: string | null;
  /** When it will start a tick, as far as Temporal says. */
  readonly nextRuns: readonly Date[];
  /** Whose database it starts ticks for; null where an earlier version made it. */
  readonly owner: DeploymentIdentity | null;
}

/** What `agreeOnPause` had to do. */
export type PauseAgreement = 'agreed' | 'auditsPaused' | 'noSchedule' | 'schedulePaused' | 'scheduleResumed';

/** Begins the notes of our own pauses: one without it is somebody's who paused the schedule in Temporal. */
const ours = 'audits_paused: ';

/** The schedule, or null where there is none: no worker has been started in this namespace yet. */
export async function readPaceSchedule(temporal: Client): Promise<PaceSchedule | null> {
  const schedule = await describeSchedule(temporal, paceScheduleId);
  if (schedule === null) return null;
  const { state, info } = schedule;
  return {
    isPaused: state.paused,
    note: state.note ?? null,
    nextRuns: state.paused ? [] : info.nextActionTimes,
    owner: ownerOf(schedule),
  };
}

/**
 * Makes the stored brake `audits_paused` and Temporal's schedule say the same. The brake is what counts, because the
 * pace obeys it under a lock, also while Temporal is away; the schedule follows it. With one exception: whoever pauses
 * the schedule in Temporal wants audits to stop, so that puts the brake on. Resuming is done with `schedule resume` only.
 *
 * Every worker does this at its start, and housekeeping at each round: it may be repeated, and changes nothing then.
 *
 * @throws {OtherDatabaseError} where the schedule is another database's
 */
export async function agreeOnPause(db: Database, temporal: Client): Promise<PauseAgreement> {
  const schedule = await readPaceSchedule(temporal);
  if (schedule === null) return 'noSchedule';
  await requireIdentity(db, schedule.owner);
  const handle = temporal.schedule.getHandle(paceScheduleId);
  const brake = await readAuditsPause(db);
  const isOurs = schedule.note?.startsWith(ours) ?? false;
  if (brake !== null) {
    if (schedule.isPaused && isOurs) return 'agreed';
    await handle.pause(`${ours}${brake.reason}`);
    return 'schedulePaused';
  }
  if (!schedule.isPaused) return 'agreed';
  if (isOurs) {
    await handle.unpause('audits are started again');
    return 'scheduleResumed';
  }
  const { reason } = await pauseWork(db, { what: 'audits' }, { actor: 'Temporal', note: schedule.note });
  // From now on it is ours: where the brake is released while Temporal is away, the schedule must not put it on again.
  await handle.pause(`${ours}${reason}`);
  return 'auditsPaused';
}

/** What Temporal said, or why it can't be asked: what is in the database is of use without it, too. */
export type TemporalAnswer<Answer> =
  { readonly kind: 'answered'; readonly answer: Answer } | { readonly kind: 'unreachable'; readonly reason: string };
