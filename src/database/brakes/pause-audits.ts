import type { Queryable } from '../connection.ts';
import { readStoredBrakes, releaseBrake, setBrake, type Operator, type StoredBrake } from './stored-brakes.ts';

/**
 * Starts no more paced audits until `resumeAudits`; those in progress go on. This brake is what counts; the state of
 * Temporal's schedule follows it.
 */
export async function pauseAudits(q: Queryable, by: Operator): Promise<StoredBrake> {
  const note = by.note === undefined || by.note === null ? '' : `: ${by.note}`;
  return setBrake(q, { name: 'audits_paused', reason: `paused by ${by.actor}${note}`, by });
}

/** Starts paced audits again. @returns the pause that ended; null where there was none */
export async function resumeAudits(q: Queryable, by: Operator): Promise<StoredBrake | null> {
  return releaseBrake(q, { name: 'audits_paused', by });
}

/** The pause in force, or null. */
export async function readAuditsPause(q: Queryable): Promise<StoredBrake | null> {
  return (await readStoredBrakes(q)).find(({ name }) => name === 'audits_paused') ?? null;
}
