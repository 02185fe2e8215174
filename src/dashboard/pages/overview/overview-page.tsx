import { Hono } from 'hono';
import { z } from 'zod';
import type { Brake } from '../../../domain/brake.ts';
import { auditStatuses } from '../../../database/entities/count-by-status.ts';
import { dueCauses } from '../../../database/entities/make-due.ts';
import type { Activity } from '../../../database/figures/activity.ts';
import type { Standing } from '../../../database/figures/standing.ts';
import { findCheck } from '../../../domain/checks/catalogue.ts';
import type { AttemptOutcome } from '../../../domain/queue/indexer-event.ts';
import { buildInWords } from '../../../wording/builds.ts';
import { attemptWord } from '../../../wording/events.ts';
import { brakeInWords, settingDifferenceInWords, stopsInWords } from '../../../wording/schedule.ts';
import { wholeDuration } from '../../../wording/time.ts';
import type { DashboardEnv, PageContext } from '../../environment.ts';
import { Badge, When } from '../../layout/inline.tsx';
import { Page } from '../../layout/page.tsx';
import { figures, ListTable } from '../../lists/list-view.tsx';
import { addressWith, choice, readFields, readParameters, sinceMoment } from '../../forms/parameters.ts';
import { EmergencyStop } from '../schedule/brakes.tsx';
import { ActivityCharts } from './activity-charts.tsx';
import { type Overview, readOverview } from './read-overview.ts';
import { AttentionTiles, WorkTiles } from './tiles.tsx';
import { CountTable, PartNote, TooLong, WorkSinceView } from './work-since.tsx';

interface OverviewPageProps {
  readonly c: PageContext;
  readonly overview: Overview;
  readonly period: 'day' | 'week';
}

/** How everything stands, and what was done in the last day or week. */
function OverviewPage({ c, overview, period }: OverviewPageProps) {
  const { standing, activity, findings, builds } = overview;
  const { audit } = c.var.parts.config();
  return (
    <Page c={c} title="Overview" section="/" live>
      {builds !== null && <Builds builds={builds} />}
      {standing === null ? (
        <TooLong />
      ) : (
        <>
          <DifferingWorkers figures={standing.figures} />
          <Brakes brakes={standing.figures.brakes} />
          <EmergencyStop c={c} brakes={standing.figures.brakes} />
          <h2>What needs a person</h2>
          <AttentionTiles standing={standing} />
          <h2>The archive, and the work on it</h2>
          <WorkTiles overview={overview} standing={standing} audit={audit} />
          <Statuses standing={standing} />
        </>
      )}
      <h2>Activity</h2>
      <p class="inline-list">
        {period === 'day' ? <strong>The last day</strong> : <a href={addressWith(c, { period: null })}>The last day</a>}
        {period === 'week' ? (
          <strong>The last week</strong>
        ) : (
          <a href={addressWith(c, { period: 'week' })}>The last week</a>
        )}
      </p>
      {activity === null ? (
        <TooLong />
      ) : (
        <>
          {activity.isPart && <PartNote c={c} activity={activity} />}
          <div class="charts">
            <ActivityCharts activity={activity} perHour={standing?.figures.pace.pace.perHour ?? null} />
          </div>
        </>
      )}
      <h2>Requests and faults</h2>
      <CoolDowns standing={standing} />
      {activity !== null && <RequestTables activity={activity} />}
      <h2>What was done, and by whom</h2>
      <WorkSinceView c={c} work={overview.work} />
      <h2>Most common findings</h2>
      <Findings findings={findings} />
    </Page>
  );
}

/** In what the workers differ: then it depends on which one does it. */
function DifferingWorkers({ figures: { differences } }: Pick<Standing, 'figures'>) {
  if (differences.length === 0) return null;
  return (
    <ul class="notice warn" id="differing-workers" aria-label="Settings in which the workers differ">
      {differences.map((difference) => (
        <li>{settingDifferenceInWords(difference)}</li>
      ))}
    </ul>
  );
}

function Brakes({ brakes }: { readonly brakes: readonly Brake[] }) {
  if (brakes.length === 0) return <p class="notice good">No brake is on.</p>;
  return (
    <ul class="notice warn" id="brakes-on" aria-label="Brakes that are on">
      {brakes.map(({ name, reason, since, stops }) => (
        <li>
          <a href={`/schedule#brake-${name}`}>{brakeInWords(name)}</a>: {stopsInWords({ name, stops })}
          {since !== null && (
            <>
              , began <When at={since} />
            </>
          )}
          . {reason}
        </li>
      ))}
    </ul>
  );
}

function Statuses({ standing }: { readonly standing: Standing }) {
  const { byStatus } = standing.figures.entities;
  return (
    <ul class="inline-list" aria-label="Entities by status">
      {auditStatuses.map((status) => (
        <li>
          <a href={`/entities?status=${status}`}>
            <Badge of={status} /> {byStatus[status].toLocaleString('en')}
          </a>
        </li>
      ))}
    </ul>
  );
}

function Findings({ findings: { findings, of } }: Pick<Overview, 'findings'>) {
  if (findings.length === 0) return <p class="none">None of the last {of} audits found anything.</p>;
  return (
    <ListTable
      caption={`What the last ${of} decided audits found`}
      columns={['Check', figures('Audits'), 'What it means']}
    >
      {findings.map(({ check, count }) => (
        <tr>
          <th scope="row">
            <a href={`/entities?check=${encodeURIComponent(check)}`}>{check}</a>
          </th>
          <td class="number" data-label="Audits">
            {count.toLocaleString('en')}
          </td>
          <td data-label="">{findCheck(check)?.wrong}</td>
        </tr>
      ))}
    </ListTable>
  );
}

const parameters = z.object({ period: choice(['day', 'week']) });
const workFields = z.object({ since: sinceMoment() });

/** The first page. */
export function overviewRoutes(): Hono<DashboardEnv> {
  return new Hono<DashboardEnv>().get('/', async (c) => {
    const { period = 'day' } = readParameters(c, parameters);
    const { since } = readFields(new Map(Object.entries(c.req.queries())), workFields);
    const overview = await readOverview(c, { hours: period === 'day' ? 24 : 168, since });
    return c.html(<OverviewPage c={c} overview={overview} period={period} />);
  });
}

interface RequestTablesProps {
  readonly activity: Activity;
}

/** Which services asked to be left alone, and for how long still. */
function CoolDowns({ standing }: Pick<Overview, 'standing'>) {
  const cooling = (standing?.figures.budgets ?? []).filter(({ coolDownSeconds }) => coolDownSeconds > 0);
  if (cooling.length === 0) return null;
  return (
    <ul class="notice warn" aria-label="Cool-downs">
      {cooling.map(({ service, coolDownSeconds }) => (
        <li>
          {service} is asked again in {wholeDuration(coolDownSeconds)}
        </li>
      ))}
    </ul>
  );
}

/** What was asked of archive.org and the web service, and what went wrong with it, over the whole time that is shown. */
function RequestTables({ activity }: RequestTablesProps) {
  const total = (what: 'answer' | 'attempt' | 'not_now' | 'request'): readonly (readonly [string, number])[] => {
    const sums = new Map<string, number>();
    for (const hour of activity.hours) {
      for (const [key, count] of Object.entries(hour[what])) sums.set(key, (sums.get(key) ?? 0) + count);
    }
    return [...sums].sort(([, one], [, other]) => other - one);
  };
  return (
    <div class="sides" id="requests">
      <Counts caption="Requests of audits" head="Kind" rows={total('request')} />
      <Counts
        caption="Attempts at events, each with its writes"
        head="Outcome"
        rows={total('attempt').map(([outcome, count]) => [attemptWord(outcome as AttemptOutcome), count])}
      />
      <Counts
        caption="Answers to attempts at events that failed"
        head="Status"
        rows={total('answer')}
        href={eventsAnswered}
      />
      <Counts caption="Audits that were released" head="Why" rows={total('not_now')} href={entitiesReleased} />
    </div>
  );
}

interface CountsProps {
  readonly caption: string;
  readonly head: string;
  readonly rows: readonly (readonly [string, number])[];
  /** Where what a row counts is listed; null where no list has just these. */
  readonly href?: (key: string) => string | null;
}

/** The events whose reasons name the status; of attempts without an answer no text is the same. */
function eventsAnswered(status: string): string | null {
  return status === 'none' ? null : `/events?state=any&dismissed=shown&reason=${encodeURIComponent(`HTTP ${status}`)}`;
}

/** Those that are not due yet for that cause; audits that were released for no known one are listed nowhere. */
function entitiesReleased(cause: string): string | null {
  return dueCauses.some((name) => name === cause) ? `/entities?status=unchecked&cause=${cause}` : null;
}

function Counts({ caption, head, rows, href }: CountsProps) {
  const nameOf = (key: string) => {
    const list = href?.(key) ?? null;
    return (
      <>
        {list === null ? words(key) : <a href={list}>{words(key)}</a>}
        {slowDowns.has(key) && (
          <>
            {' '}
            <Badge of="slow_down" />
          </>
        )}
      </>
    );
  };
  return <CountTable caption={caption} head={head} rows={rows.map(([key, count]) => [nameOf(key), count])} />;
}

/** The statuses by which the archive asks for fewer requests. */
const slowDowns: ReadonlySet<string> = new Set(['429', '503']);

function words(key: string): string {
  return key === 'none' ? 'no answer' : key.replaceAll('_', ' ');
}

/** Which builds of the workers there are, where they are versioned, and what Temporal gives them. */
function Builds({ builds }: { readonly builds: NonNullable<Overview['builds']> }) {
  if (builds.kind === 'unreachable') {
    return (
      <p class="notice warn" id="builds">
        Temporal doesn’t say which builds of the workers there are: {builds.reason}
      </p>
    );
  }
  const isServed = builds.answer.some(({ state, isPolling }) => state === 'current' && isPolling);
  return (
    <ul class={isServed ? 'notice' : 'notice warn'} id="builds" aria-label="Builds of the workers">
      {!isServed && (
        <li>
          No build with workers is current: nothing is carried out (<code>artwork-reconciler check</code> says what to
          do)
        </li>
      )}
      {builds.answer.map((build) => (
        <li>{buildInWords(build)}</li>
      ))}
    </ul>
  );
}
