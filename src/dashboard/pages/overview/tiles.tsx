import type { Child } from 'hono/jsx';
import type { Config } from '../../../config/config.ts';
import { duration, rounded } from '../../../wording/duration.ts';
import { fullPassInWords } from '../../../wording/pace.ts';
import { sumOf } from './activity-charts.tsx';
import type { Overview, Standing } from './read-overview.ts';

interface TilesProps {
  readonly overview: Overview;
  readonly standing: Standing;
  readonly audit: Config['audit'];
}

/** The figures that an operator looks at first; each leads to the list behind it. */
export function Tiles({ overview, standing, audit }: TilesProps) {
  const { figures, verified } = standing;
  const { events, entities, unclaimed, pace, budgets } = figures;
  const [lastHour, currentHour] = overview.activity.hours.slice(-2);
  const coolDown = Math.max(0, ...budgets.map(({ coolDownSeconds }) => coolDownSeconds));
  return (
    <ul class="tiles">
      <Tile href="/entities?newer=2h" figure={sumOf(lastHour?.audit).toLocaleString('en')} name="audited last hour">
        {`of ${rounded(pace.pace.perHour)} an hour; ${sumOf(currentHour?.audit).toLocaleString('en')} since then`}
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
      <Tile
        href="/events?state=queued"
        figure={events.oldestDueSeconds === null ? 'none' : duration(events.oldestDueSeconds / 3600)}
        name="since the oldest due event could go"
      >
        {`${about(events.byState.queued)} queued`}
      </Tile>
      <Tile href="/events?state=failed" figure={capped(events.failedNotDismissed)} name="failed events">
        not dismissed
      </Tile>
      <Tile href="/events?state=running" figure={capped(unclaimed.events)} name="stuck events">
        {`of ${about(events.byState.running)} running; housekeeping gives them back`}
      </Tile>
      <Tile href="/entities?status=audit_in_progress" figure={capped(unclaimed.audits)} name="stuck audits">
        {`of ${entities.byStatus.audit_in_progress.toLocaleString('en')} in progress`}
      </Tile>
      <Tile href="/reviews" figure={capped(entities.openReviews)} name="open reviews">
        {`${capped(entities.regressedReviews)} regressed`}
      </Tile>
      <Tile href="#requests" figure={sumOf(lastHour?.request).toLocaleString('en')} name="requests of audits last hour">
        {coolDown > 0 ? `cooling down for ${duration(coolDown / 3600)}` : 'no cool-down'}
      </Tile>
    </ul>
  );
}

interface TileProps {
  readonly href: string;
  readonly figure: string;
  readonly name: string;
  readonly children?: Child;
}

function Tile({ href, figure, name, children }: TileProps) {
  return (
    <li class="tile">
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
  return count === most ? `${most.toLocaleString('en')}+` : count.toLocaleString('en');
}

function about({ count, isEstimate }: { readonly count: number; readonly isEstimate: boolean }): string {
  return `${isEstimate ? 'about ' : ''}${count.toLocaleString('en')}`;
}

function percent(share: number): string {
  return `${(100 * share).toLocaleString('en', { maximumFractionDigits: share > 0.1 && share < 0.99 ? 0 : 1 })} %`;
}

function fullPass({ entities, hours }: Standing['figures']['pace']['fullPass']): string {
  return entities === 0 ? 'none' : duration(hours);
}
