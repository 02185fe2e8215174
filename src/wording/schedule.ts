import {
  type Brake,
  brakedType,
  type ComputedBrakeName,
  pauseBrake,
  pauseKinds,
  type StoredBrakeName,
  windowBrake,
} from '../domain/brake.ts';
import type { CanarySummary } from '../database/pace/canary.ts';
import type { Mode, ModeInForce } from '../database/pace/mode.ts';
import type { FullPass, OwnPace, Pace } from '../database/pace/rate.ts';
import type { SettingDifference } from '../database/workers.ts';
import type { PlanLimit, RepairModePlan } from '../domain/decision/repair-mode-plan.ts';
import { type EntityType, entityTypes, projects } from '../domain/entity.ts';
import type { PaceSchedule, PauseAgreement, TemporalAnswer } from '../starters/pause-schedule.ts';
import { numberOf, oneLine, ungrouped } from './text.ts';
import { aboutDuration, agoInWords, momentInWords, rounded } from './time.ts';

const whatStops: Readonly<Record<Brake['stops'], string>> = {
  audits: 'no audits',
  audits_and_events: 'no audits and events',
  events: 'no events',
  nothing: 'a warning only',
  repairs: 'no repairs',
};

/** What a brake keeps from being started: `no events of the Event Art Archive`. */
export function stopsInWords({ name, stops }: Pick<Brake, 'name' | 'stops'>): string {
  return `${whatStops[stops]}${ofArchive(brakedType(name))}`;
}

/** What follows `audits`, where they are those of one entity type. */
export function ofArchive(entityType: EntityType | null): string {
  return entityType === null ? '' : ` of the ${projects[entityType].archive}`;
}

/** How those end that an operator sets, by their names. */
const windowEndings = byName(['audits', 'events'] as const, windowBrake, (what, archive) => {
  return `an operator set a window without ${what}${archive}; it ends at its time, or with \`schedule resume --window\``;
});
const pauseEndings = byName(pauseKinds, pauseBrake, (what, archive) => {
  const meanwhile =
    what === 'repairs' ? 'events that audits queued wait, those of MusicBrainz and of people continue; ' : '';
  return `an operator paused ${what}${archive}; ${meanwhile}it ends when one resumes them`;
});

/** Of all, and of each archive alone. */
function byName<Kind extends string, Name extends string>(
  kinds: readonly Kind[],
  nameOf: (kind: Kind, entityType: EntityType | null) => Name,
  words: (kind: Kind, archive: string) => string,
): Readonly<Record<Name, string>> {
  const entries = [null, ...entityTypes].flatMap((entityType) =>
    kinds.map((kind) => [nameOf(kind, entityType), words(kind, ofArchive(entityType))] as const),
  );
  return Object.fromEntries(entries) as Record<Name, string>;
}

/** How those end that nobody can take off. */
export const computedEndings: Readonly<Record<ComputedBrakeName, string>> = {
  audits_disabled: 'it ends where the configuration says [audit] enabled = true, with the next SIGHUP or start',
  cool_down_archive:
    'archive.org asked to be left alone; it ends at the time that `schedule show` gives, or when an operator releases it',
  cool_down_musicbrainz:
    'MusicBrainz asked to be left alone; it ends at the time that `schedule show` gives, or when an operator releases it',
  events_due: 'events go before audits; it ends with the last event that is due',
  too_many_in_progress: 'it ends with the audits in progress; [audit] max_in_progress sets how many there may be',
  too_many_repairs_waiting:
    'it ends with the repairs that wait; [audit] max_waiting_repairs sets how many there may be',
  ...windowEndings,
};

/** How those end that stay on until somebody, or something, takes them off. */
export const storedEndings: Readonly<Record<StoredBrakeName, string>> = {
  ...pauseEndings,
  events_stuck:
    'the workflow of an event can’t continue, for an internal error; other events continue, and it ends when that workflow does: after an upgrade, or terminated in Temporal’s UI',
  breaker:
    'too many recent audits say the same (in report mode a finding is only warned of); it ends when an operator releases it, or, where [audit] probe_minutes is set, after ten consecutive audits that don’t say so',
  database_and_ws_disagree:
    'the web service still gives what the database calls gone; it ends when an operator releases it: first see that this is the right database, and not behind',
  keys_refused_caa:
    'archive.org refuses the key of the Cover Art Archive; it ends with the first request that it takes, after new keys and a SIGHUP',
  keys_refused_eaa:
    'archive.org refuses the key of the Event Art Archive; it ends with the first request that it takes, after new keys and a SIGHUP',
  writes_fail_caa:
    'different items of the Cover Art Archive fail with the same answer; one event is tried every 10 minutes, and it ends with the first that succeeds',
  writes_fail_eaa:
    'different items of the Event Art Archive fail with the same answer; one event is tried every 10 minutes, and it ends with the first that succeeds',
};

/** What is done with what audits find. */
export const modeInWords: Readonly<Record<Mode, string>> = {
  report: 'report: what is found is recorded, and nothing repaired',
  repair: 'repair',
};

/** The mode, and who says so: `repair, set by ida, 2026-01-31 12:00:00 UTC (5 min ago)`. */
export function modeAndWhoInWords({ mode: plain, setBy, setAt, canary }: ModeInForce): string {
  const mode =
    canary === null ? plain : `${plain} for ${canary.remaining} more of ${canary.entities} entities, then report`;
  const who = `${mode}, ${modeSourceInWords({ setBy, setAt })}`;
  return setAt === null ? who : `${who}, ${momentInWords(setAt)}`;
}

/** Who set the mode, as the end of a sentence. */
export function modeSourceInWords({ setBy, setAt }: Pick<ModeInForce, 'setAt' | 'setBy'>): string {
  if (setAt === null) return 'as the configuration says';
  return setBy === null ? "as the first worker's configuration said" : `set by ${setBy}`;
}

/** What has come of a canary so far: `repairs of 100 of 100 entities queued by ida, …: 90 clean, 10 to be verified`. */
export function canaryInWords(canary: CanarySummary): string {
  const {
    entities,
    repaired,
    startedBy,
    startedAt,
    endedAt,
    clean,
    underRepair,
    toVerify,
    inReview,
    foundAgain,
    events,
  } = canary;
  const parts = [
    [clean, 'clean'],
    [underRepair, 'under repair'],
    [toVerify, 'to be verified'],
    [foundAgain, 'found again'],
    [inReview, 'in review'],
  ] as const;
  const told = parts.flatMap(([count, words]) => (count === 0 ? [] : [`${count} ${words}`])).join(', ');
  const began = `begun by ${startedBy}, ${momentInWords(startedAt)}, ${endedAt === null ? 'in progress' : `ended ${momentInWords(endedAt)}`}`;
  const became =
    repaired === 0
      ? ''
      : `: ${told}; events: ${events.completed} completed, ${events.failed} failed, ${events.open} open`;
  return `${repaired} of ${numberOf(entities, 'entity', 'entities')} repaired (${began})${became}`;
}

/** What Temporal has of the schedule, and whether it agrees with the pause in the database. */
export function scheduleInWords(schedule: TemporalAnswer<PaceSchedule | null>, isBraked: boolean): string {
  if (schedule.kind === 'unreachable') return `not known when the next run is: ${schedule.reason}`;
  if (schedule.answer === null) return 'has no schedule yet: the first worker makes it';
  const { isPaused, note, nextRuns } = schedule.answer;
  const following = isPaused === isBraked ? '' : `; the pause in the database differs, which housekeeping will settle`;
  if (isPaused) return `is paused${note === null ? '' : ` (${oneLine(note)})`}${following}`;
  const runs = nextRuns.slice(0, 3).map((run) => agoInWords(run));
  return `checks next ${runs.length === 0 ? 'at an unknown time' : runs.join(', ')}${following}`;
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

/** The pace, and who says so. */
export function paceInWords(pace: Pace): string {
  return pace.setAt === null
    ? paceAndSourceInWords(pace)
    : `${paceAndSourceInWords(pace)}, ${momentInWords(pace.setAt)}`;
}

/** The pace that an entity type has to itself: `of the Event Art Archive: 60 audits an hour …`. */
export function ownPaceInWords(pace: OwnPace): string {
  return `${ofArchive(pace.entityType).trimStart()}: ${paceInWords(pace)}`;
}

/** The same without the moment, which pages show as an age. */
export function paceAndSourceInWords({ perHour, source, setBy }: Pace): string {
  const perDay = perHour * 24;
  const number = `${rounded(perHour)} audits an hour (${rounded(perDay)} a day, ${oneInWords(perHour / 3600)})`;
  return `${number}, ${source === 'configuration' ? 'as the configuration says' : `set by ${setBy ?? 'somebody'}`}`;
}

function oneInWords(perSecond: number): string {
  return perSecond > 1 ? `${rounded(perSecond)} a second` : `one in ${aboutDuration(1 / perSecond)}`;
}

/** A number of audits as somebody wrote it; the unit is null where it isn't said. */
interface WrittenPace {
  readonly number: number;
  readonly unit: 'day' | 'hour' | null;
}

/** `600`, `1,200`, `600/hour`, `14400 a day`; null where it is none, or not above 0 and below a billion. */
export function parsePace(text: string): WrittenPace | null {
  const [, written = '', said] = /^(.*?)(?:\s*(?:\/|\bper\b|\ban?\b)\s*(h|hour|d|day))?$/i.exec(text.trim()) ?? [];
  const digits = ungrouped(written);
  if (!/^\d{1,9}(\.\d{1,9})?$/.test(digits) || Number(digits) <= 0) return null;
  return { number: Number(digits), unit: said === undefined ? null : /^d/i.test(said) ? 'day' : 'hour' };
}

/** How long a full pass takes, and over how much. */
export function fullPassInWords({ entities, isEstimate, auditsEach, hours }: FullPass): string {
  if (entities === 0) return 'no entities yet; `backfill musicbrainz` adds them';
  const verified = auditsEach < 1.05 ? '' : `, ${rounded(auditsEach)} audits each`;
  return `${aboutDuration(3600 * hours)} for ${isEstimate ? 'about ' : ''}${numberOf(entities, 'entity', 'entities')}${verified}`;
}

/** In what workers differ: `[events] concurrency: 4 at 12@one; 8 at 7@two`. */
export function settingDifferenceInWords({ setting, values }: SettingDifference): string {
  return `${setting}: ${values.map(({ value, workers }) => `${value ?? 'not set'} at ${workers.join(', ')}`).join('; ')}`;
}

/** A brake's name as people read it: `audits paused`. */
export function brakeInWords(name: Brake['name']): string {
  return name.replaceAll('_', ' ');
}

/** Events by action, those that there are: `1,200 index, 3 copy_image`. */
export function plannedEventsInWords(events: RepairModePlan['events']): string {
  const some = Object.entries(events).filter(([, count]) => count > 0);
  return some.length === 0
    ? 'none'
    : some.map(([action, count]) => `${count.toLocaleString('en')} ${action}`).join(', ');
}

const limits: Readonly<Record<PlanLimit, string>> = {
  archive: '[archive] requests_per_second',
  audits: 'the pace of audits',
  waiting_repairs: '[audit] max_waiting_repairs',
  web_service: '[musicbrainz] requests_per_second',
};

/** How long it takes if nothing else is audited meanwhile, and what that is set by. */
export function planTimeInWords({ entities, hours, limitedBy }: RepairModePlan): string {
  return entities === 0 ? 'no time' : `${aboutDuration(3600 * hours)}, set by ${limits[limitedBy]}`;
}
