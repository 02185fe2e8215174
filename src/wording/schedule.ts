import type { Mode, ModeInForce } from '../database/pace/index.ts';
import type { PaceSchedule, PauseAgreement } from '../starters/pause-schedule.ts';
import type { TemporalAnswer } from '../starters/temporal-answer.ts';
import { toSeconds } from './moment.ts';
import { oneLine } from './one-line.ts';

/** What is done with what audits find. */
export const modeInWords: Readonly<Record<Mode, string>> = {
  report: 'report: what is found is recorded, and nothing repaired',
  repair: 'repair',
};

/** The mode, and who says so: `repair, set by ida, 2026-01-31T12:00:00Z`. */
export function modeAndWhoInWords({ mode, setBy, setAt }: ModeInForce): string {
  if (setAt === null) return `${mode}, as the configuration says`;
  const who = setBy === null ? "as the first worker's configuration said" : `set by ${setBy}`;
  return `${mode}, ${who}, ${toSeconds(setAt)}`;
}

/** What Temporal has of the schedule, and whether it agrees with the pause in the database. */
export function scheduleInWords(schedule: TemporalAnswer<PaceSchedule | null>, isBraked: boolean): string {
  if (schedule.kind === 'unreachable') return `not known when the next run is: ${schedule.reason}`;
  if (schedule.answer === null) return 'has no schedule yet: the first worker makes it';
  const { isPaused, note, nextRuns } = schedule.answer;
  const following = isPaused === isBraked ? '' : `; the pause in the database differs, which housekeeping will settle`;
  if (isPaused) return `is paused${note === null ? '' : ` (${oneLine(note)})`}${following}`;
  const runs = nextRuns.slice(0, 3).map(toSeconds).join(', ');
  return `looks next at ${runs === '' ? 'an unknown time' : runs}${following}`;
}

/** How Temporal's schedule stands after a pause or its end. */
export function agreementInWords(asked: TemporalAnswer<PauseAgreement>): string {
  return asked.kind === 'answered'
    ? agreements[asked.answer]
    : `Temporal's schedule follows at the next housekeeping: ${asked.reason}`;
}

const agreements: Readonly<Record<PauseAgreement, string>> = {
  agreed: "Temporal's schedule says so already",
  auditsPaused: "Temporal's schedule was paused meanwhile, and audits with it",
  noSchedule: 'Temporal has no schedule yet: the first worker makes it',
  schedulePaused: "Temporal's schedule is paused, too",
  scheduleResumed: "Temporal's schedule is resumed, too",
};
