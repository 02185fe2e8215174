import type { Child } from 'hono/jsx';
import type { Config } from '../../../config/config.ts';
import type { ActivityHour } from '../../../database/figures/activity.ts';
import { shareInStep, type Standing } from '../../../database/figures/standing.ts';
import { audienceNames } from '../../../domain/checks/check.ts';
import { fullPassInWords } from '../../../wording/schedule.ts';
import { countInWords, numberOf, percent } from '../../../wording/text.ts';
import { aboutDuration, rounded, wholeDuration } from '../../../wording/time.ts';
import { sumOf } from './activity-charts.tsx';
import type { Overview } from './read-overview.ts';

interface TilesProps {
  readonly overview: Overview;
  readonly standing: Standing;
  readonly audit: Config['audit'];
}

/** What waits for a person, by who can act on it, and what has to be seen to; each figure leads to the list behind it. */
export function AttentionTiles({ standing }: Pick<TilesProps, 'standing'>) {
  const { figures, waiting } = standing;
  const { events, entities, unclaimed } = figures;
  return (
    <ul class="tiles" aria-label="What needs a person">
      {waiting.map(({ audience, oldest, ...count }) => (
        <Tile
          href={`/reviews?audience=${audience}`}
          figure={countInWords(count)}
          name={`reviews for ${audienceNames[audience]}`}
          isDue={count.count > 0}
        >
          {oldest === null
            ? 'none is open'
            : `the oldest is ${wholeDuration((Date.now() - oldest.getTime()) / 1000)} old`}
        </Tile>
      ))}
      <Tile
        href="/reviews"
        figure={capped(entities.openReviews)}
        name="open reviews"
        isDue={entities.regressedReviews > 0}
      >
        {`in all; ${capped(entities.regressedReviews)} regressed`}
      </Tile>
      <Tile
        href="/events?state=failed"
        figure={capped(events.failedNotDismissed)}
        name="failed events"
        isDue={events.failedNotDismissed > 0}
      >
        not dismissed
      </Tile>
      <Tile
        href="/events?state=queued"
        figure={events.oldestDueSeconds === null ? 'none' : wholeDuration(events.oldestDueSeconds)}
        name="oldest due event"
        isDue={(events.oldestDueSeconds ?? 0) > longestDue}
      >
        {`${about(events.byState.queued)} queued`}
      </Tile>
      <Tile
        href="/events?state=running"
        figure={capped(unclaimed.events)}
        name="stuck events"
        isDue={unclaimed.events > 0}
      >
        {`of ${about(events.byState.running)} running; housekeeping requeues them`}
      </Tile>
      <Tile
        href="/entities?status=audit_in_progress"
        figure={capped(unclaimed.audits)}
        name="stuck audits"
        isDue={unclaimed.audits > 0}
      >
        {`of ${entities.byStatus.audit_in_progress.toLocaleString('en')} in progress`}
      </Tile>
    </ul>
  );
}

/** Seconds: an event that could have been carried out for this long is not just waiting for its turn. */
const longestDue = 3600;

/** How the archive stands, and what was done in the last 60 minutes and since a day. */
export function WorkTiles({ overview, standing, audit }: TilesProps) {
  const { figures, verified, weeks, lastHour, lastDay } = standing;
  const { entities, pace, budgets } = figures;
  const day = overview.activity?.hours.slice(-24) ?? [];
  const share = shareInStep(entities.byStatus);
  const coolDown = Math.max(0, ...budgets.map(({ coolDownSeconds }) => coolDownSeconds));
  const hourly = (what: string, values: (hour: ActivityHour) => number) => (
    <Sparkline values={day.map(values)} description={`${what}, hour by hour, in the last day`} />
  );
  const audited = (hour: ActivityHour): number => sumOf(hour.audit) - (hour.audit['not_now'] ?? 0);
  const inDay = day.reduce((sum, hour) => sum + audited(hour), 0);
  return (
    <ul class="tiles" aria-label="How the archive stands">
      <Tile href="/entities?status=clean" figure={share === null ? 'none' : percent(share)} name="in step">
        {share === null
          ? 'nothing is decided about yet'
          : `${numberOf(entities.byStatus.clean, 'entity is', 'entities are')} clean`}
        {weeks.length > 1 && (
          <Sparkline
            values={weeks.map((week) => week.share ?? 0)}
            most={1}
            description={`In step, week by week: ${weeks.map((week) => `${week.share === null ? 'none' : percent(week.share)} by ${week.day}`).join(', ')}`}
          />
        )}
      </Tile>
      <Tile href="/entities?newer=1h" figure={countInWords(lastHour.audited)} name="audited in 60 minutes">
        {`the pace is ${rounded(pace.pace.perHour)} an hour; ${inDay.toLocaleString('en')} since ${clock(day[0]?.hour)}`}
        {hourly('Audits', audited)}
      </Tile>
      <Tile href="/events?state=completed" figure={countInWords(lastHour.repaired)} name="repaired in 60 minutes">
        {`${countInWords(lastDay.repaired)} in 24 hours; below, all completed events`}
        {hourly('Completed events', ({ attempt }) => attempt['completed'] ?? 0)}
      </Tile>
      <Tile href="/reviews?status=any" figure={countInWords(lastHour.reviewed)} name="reviewed in 60 minutes">
        {`${countInWords(lastDay.reviewed)} in 24 hours`}
      </Tile>
      <Tile
        href="#requests"
        figure={countInWords(lastHour.requests)}
        name="requests of audits in 60 minutes"
        isDue={coolDown > 0}
      >
        {coolDown > 0 ? `cooling down for ${wholeDuration(coolDown)}` : 'no cool-down'}
        {hourly('Requests of audits', ({ request }) => sumOf(request))}
      </Tile>
      <Tile
        href={`/entities?older=${audit.recheckDays}d`}
        figure={verified.share === null ? 'none' : percent(verified.share)}
        name={`verified within ${rounded(audit.recheckDays)} days`}
      >
        {`${verified.verified.count.toLocaleString('en')} of ${about(verified.entities)} entities; the list has the others`}
      </Tile>
      <Tile href="/schedule" figure={fullPass(pace.fullPass)} name="for a full pass">
        {fullPassInWords(pace.fullPass)}
      </Tile>
    </ul>
  );
}

interface TileProps {
  readonly href: string;
  readonly figure: string;
  readonly name: string;
  /** Whether somebody has to see to it. */
  readonly isDue?: boolean;
  readonly children?: Child;
}

function Tile({ href, figure, name, isDue = false, children }: TileProps) {
  return (
    <li class={isDue ? 'tile is-due' : 'tile'}>
      <a href={href}>
        <span class="figure">{figure}</span> {name}
      </a>{' '}
      <span class="hint">{children}</span>
    </li>
  );
}

/** Counts end there. */
const most = 10_000;

function capped(count: number): string {
  return countInWords({ count, exact: count < most });
}

function about({ count, isEstimate }: { readonly count: number; readonly isEstimate: boolean }): string {
  return `${isEstimate ? 'about ' : ''}${count.toLocaleString('en')}`;
}

/** An hour's beginning: `20:00 UTC`. */
function clock(hour: Date | undefined): string {
  return hour === undefined ? 'the start' : `${hour.toISOString().slice(11, 16)} UTC`;
}

function fullPass({ entities, hours }: Standing['figures']['pace']['fullPass']): string {
  return entities === 0 ? 'none' : aboutDuration(3600 * hours);
}

interface SparklineProps {
  /** The newest last. */
  readonly values: readonly number[];
  /** What one sees, in a sentence. */
  readonly description: string;
  /** What a bar of full height is; the largest value where not given. */
  readonly most?: number;
}

/** Units of the drawing; the page scales it. */
const [width, height, gap] = [120, 24, 1];

/** Values as small bars, the newest marked: where something is heading, without axes. */
function Sparkline({ values, description, most = Math.max(1, ...values) }: SparklineProps) {
  const step = width / Math.max(values.length, 1);
  return (
    <svg
      class="sparkline"
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={description}
    >
      {values.map((value, n) => {
        // What is little is still seen to be something.
        const tall = value === 0 ? 0 : Math.max(1, (height * value) / most);
        return (
          <rect
            class={n === values.length - 1 ? 'now' : ''}
            x={tenths(n * step)}
            y={tenths(height - tall)}
            width={tenths(Math.max(step - gap, 0.5))}
            height={tenths(tall)}
          />
        );
      })}
    </svg>
  );
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}
