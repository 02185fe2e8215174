import type { PauseWindow, WindowKind } from '../database/brakes/windows.ts';
import type { WindowOrder } from '../database/pace/change-windows.ts';
import { inUtc } from '../domain/brake.ts';
import { ofArchive } from './schedule.ts';
import { oneLine } from './text.ts';
import { wholeDuration } from './time.ts';

/** What may be written, as errors say it. */
export const windowTimesLookLike =
  'a time of day like 22:00 or a moment like 2026-11-01T22:00, of UTC where no zone like +01:00 stands behind it';

/** Why texts stand for no window. */
export interface WrongTimes {
  readonly kind: 'wrong';
  readonly field: 'daily' | 'from' | 'until';
  /** Follows the field: `takes …`. */
  readonly message: string;
}

interface Written {
  readonly from: string | undefined;
  readonly until: string | undefined;
  readonly daily: boolean;
}

/**
 * The window that these texts stand for, or what is wrong with them, and where.
 */
export function readWindowOrder({ from, until, daily }: Written): WindowOrder | WrongTimes {
  const ends = readTime(until ?? '');
  const begins = from === undefined ? null : readTime(from);
  if (ends === null) return wrong('until', takes(until));
  if (from !== undefined && begins === null) return wrong('from', takes(from));
  if (typeof ends === 'number' && (typeof begins === 'number' || (begins === null && !daily))) {
    if (ends === begins) return wrong('until', 'is the same as from: the window would begin and end at the same time');
    return { kind: 'times', fromMinute: begins, untilMinute: ends, daily };
  }
  if (daily) return wrong('daily', 'takes times of day for from and until, e.g. 22:00 and 02:00');
  if (typeof ends === 'number' || typeof begins === 'number') {
    return wrong('until', 'takes a time of day where from is one, and a moment where from is a moment');
  }
  return { kind: 'moments', begins, ends, daily };
}

function wrong(field: WrongTimes['field'], message: string): WrongTimes {
  return { kind: 'wrong', field, message };
}

function takes(text: string | undefined): string {
  return `takes ${windowTimesLookLike}; it got ${text === undefined ? 'nothing' : JSON.stringify(text.slice(0, 100))}`;
}

/** Minutes since midnight of UTC for a time of day; null where it is none of what may be written. */
function readTime(text: string): Date | number | null {
  const [, hours, minutes, zone = 'Z'] =
    /^([01]?\d|2[0-3]):([0-5]\d)\s*(Z|UTC|[+-]\d\d:\d\d)?$/i.exec(text.trim()) ?? [];
  if (hours !== undefined) {
    const minute = Number(hours) * 60 + Number(minutes) - offsetOf(zone);
    return ((minute % minutesOfDay) + minutesOfDay) % minutesOfDay;
  }
  const [, day, time, zoneOfMoment = 'Z'] =
    /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)\s*(Z|UTC|[+-]\d\d:\d\d)?$/i.exec(text.trim()) ?? [];
  if (day === undefined) return null;
  const moment = new Date(`${day}T${time}Z`);
  // 31 February would be another day.
  if (Number.isNaN(moment.getTime()) || !moment.toISOString().startsWith(day)) return null;
  return new Date(moment.getTime() - offsetOf(zoneOfMoment) * 60_000);
}

const minutesOfDay = 1440;

/** Minutes by which a zone is ahead of UTC. */
function offsetOf(zone: string): number {
  const [, sign, hours, minutes] = /^([+-])(\d\d):(\d\d)$/.exec(zone) ?? [];
  return sign === undefined ? 0 : (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}

/** What a window stops, as people read it. */
const stopsInWords: Readonly<Record<WindowKind, string>> = {
  audits: 'no audits',
  events: 'no events',
  all: 'no audits and events',
};

/** A window in one line: `no events, daily, from 2026-11-01 22:00:00 UTC until …, on, ends in 3 h: maintenance, by ida`. */
export function windowInWords(window: PauseWindow, now = new Date()): string {
  const { stops, entityType, daily, since, until, isOn, reason, actor } = window;
  const left = wholeDuration(((isOn ? until : since).getTime() - now.getTime()) / 1000);
  return (
    `${stopsInWords[stops]}${ofArchive(entityType)}, ${daily ? 'daily, ' : ''}from ${inUtc(since)} until ${inUtc(until)}, ` +
    `${isOn ? `on, ends in ${left}` : `begins in ${left}`}: ${oneLine(reason)}, by ${actor}`
  );
}
