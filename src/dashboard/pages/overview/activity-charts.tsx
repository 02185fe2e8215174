import type { Activity, ActivityHour } from '../../../database/figures/activity.ts';
import { type Series, StackedBars } from '../../layout/stacked-bars.tsx';

interface ActivityChartsProps {
  readonly activity: Activity;
  /** Audits an hour, as the pace is now. */
  readonly perHour: number | null;
}

const decisions = [
  ['clean', 'clean', 1],
  ['legacy', 'legacy', 5],
  ['repair_queue', 'to repair', 2],
  ['manual_review', 'to review', 3],
  ['not_now', 'released', 4],
] as const;

const outcomes = [
  ['completed', 'completed', 1],
  ['superseded', 'superseded', 2],
  ['given_back', 'released', 5],
  ['queued', 'to be tried again', 3],
  ['failed', 'failed', 4],
] as const;

/** Audits by their outcome against the budget, and attempts at events by theirs, hour by hour. */
export function ActivityCharts({ activity, perHour }: ActivityChartsProps) {
  const { hours } = activity;
  const bars = hours.map(({ hour }) => ({ name: inWords(hour, hours.length), short: inShort(hour, hours.length) }));
  const audited = hours.reduce((sum, { audit }) => sum + sumOf(audit), 0);
  const attempted = hours.reduce((sum, { attempt }) => sum + sumOf(attempt), 0);
  const span = `in the last ${hours.length} hours`;
  return (
    <>
      <StackedBars
        id="audits-by-hour"
        title="Audits by outcome"
        description={`${audited.toLocaleString('en')} audits ${span}, hour by hour${perHour === null ? '' : `; the pace is ${perHour.toLocaleString('en')} an hour`}.`}
        bars={bars}
        series={seriesOf(hours, 'audit', decisions)}
        {...(perHour !== null && { line: { name: 'the pace', value: perHour } })}
      />
      <StackedBars
        id="attempts-by-hour"
        title="Attempts at events by outcome"
        description={`${attempted.toLocaleString('en')} attempts at events ${span}, hour by hour.`}
        bars={bars}
        series={seriesOf(hours, 'attempt', outcomes)}
      />
    </>
  );
}

function seriesOf(
  hours: readonly ActivityHour[],
  what: 'attempt' | 'audit',
  kinds: readonly (readonly [key: string, name: string, colour: Series['colour']])[],
): Series[] {
  return kinds.map(([key, name, colour]) => ({ name, colour, values: hours.map((hour) => hour[what][key] ?? 0) }));
}

/** Of all keys together. */
export function sumOf(counts: Readonly<Record<string, number>> | undefined): number {
  return Object.values(counts ?? {}).reduce((sum, count) => sum + count, 0);
}

function inWords(hour: Date, hours: number): string {
  const text = hour.toISOString();
  return hours > 24 ? `${text.slice(0, 10)} ${text.slice(11, 16)}` : text.slice(11, 16);
}

function inShort(hour: Date, hours: number): string {
  const text = hour.toISOString();
  return hours > 24 ? text.slice(5, 10) : text.slice(11, 16);
}
