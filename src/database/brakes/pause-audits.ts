import type { Queryable } from '../connection.ts';
import { type Operator, readStoredBrakes, releaseBrake, setPause, type StoredBrake } from './stored-brakes.ts';

/**
 * Starts no more paced audits until `resumeAudits`; those in progress go on. This brake is what counts; the state of
 * Temporal's schedule follows it.
 *
 * @returns the pause in force, and whether it is this person's
 */
export async function pauseAudits(q: Queryable, by: Operator): ReturnType<typeof setPause> {
  return setPause(q, 'audits_paused', by);
}

/** Starts paced audits again. @returns the pause that ended; null where there was none */
export async function resumeAudits(q: Queryable, by: Operator): Promise<StoredBrake | null> {
  return releaseBrake(q, { name: 'audits_paused', by });
}

/** The pause in force, or null. */
export async function readAuditsPause(q: Queryable): Promise<StoredBrake | null> {
  return (await readStoredBrakes(q)).find(({ name }) => name === 'audits_paused') ?? null;
}
