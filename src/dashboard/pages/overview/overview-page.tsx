import type { Brake } from '../../../database/brakes/index.ts';
import { auditStatuses } from '../../../database/audit-queries/index.ts';
import { findCheck } from '../../../domain/checks/index.ts';
import { whatStops } from '../../../wording/brakes.ts';
import { modeAndWhoInWords } from '../../../wording/schedule.ts';
import { settingDifferenceInWords } from '../../../wording/workers.ts';
import type { PageContext } from '../../environment.ts';
import { Badge } from '../../layout/badge.tsx';
import { Page } from '../../layout/page.tsx';
import { When } from '../../layout/when.tsx';
import { ActivityCharts } from './activity-charts.tsx';
import type { Overview, Standing } from './read-overview.ts';
import { RequestTables } from './request-tables.tsx';
import { Tiles } from './tiles.tsx';

interface OverviewPageProps {
  readonly c: PageContext;
  readonly overview: Overview;
}

/** How everything stands, and what was done in the last day or week. */
export function OverviewPage({ c, overview }: OverviewPageProps) {
  const { standing, activity, findings } = overview;
  const { audit } = c.var.parts.config();
  const days = activity.hours.length / 24;
  return (
    <Page c={c} title="Overview" section="/" live>
      {standing === null ? (
        <p class="notice warn">The figures took too long to read. They are here as soon as they are read.</p>
      ) : (
        <>
          <ModeAndWorkers figures={standing.figures} />
          <Brakes brakes={standing.figures.brakes} />
          <Tiles overview={overview} standing={standing} audit={audit} />
          <Statuses standing={standing} />
        </>
      )}
      <h2>Activity</h2>
      <p class="inline-list">
        {days === 1 ? <strong>The last day</strong> : <a href="/">The last day</a>}
        {days === 7 ? <strong>The last week</strong> : <a href="/?period=week">The last week</a>}
      </p>
      {activity.isPart && (
        <p class="notice">
          More was done since the last full hour than is read here: it is complete once that is counted.
        </p>
      )}
      <ActivityCharts activity={activity} perHour={standing?.figures.pace.pace.perHour ?? null} />
      <h2>Requests and faults</h2>
      <RequestTables activity={activity} />
      <h2>Commonest findings</h2>
      <Findings findings={findings} />
    </Page>
  );
}

/** What is done with what is found; and in what the workers differ, since then it depends on which one does it. */
function ModeAndWorkers({ figures: { mode, differences } }: Pick<Standing, 'figures'>) {
  return (
    <>
      <p class="notice" id="mode">
        Mode: <a href="/schedule#mode">{modeAndWhoInWords(mode)}</a>
      </p>
      {differences.length > 0 && (
        <ul class="notice warn" id="differing-workers" aria-label="Settings in which the workers differ">
          {differences.map((difference) => (
            <li>{settingDifferenceInWords(difference)}</li>
          ))}
        </ul>
      )}
    </>
  );
}

function Brakes({ brakes }: { readonly brakes: readonly Brake[] }) {
  if (brakes.length === 0) return <p class="notice good">No brake is on.</p>;
  return (
    <ul class="notice warn" id="brakes-on" aria-label="Brakes that are on">
      {brakes.map(({ name, reason, since, stops }) => (
        <li>
          <a href="/schedule#brakes">{name.replaceAll('_', ' ')}</a>: {whatStops[stops]}
          {since !== null && (
            <>
              , since <When at={since} />
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
    <div class="scroll">
      <table>
        <caption>{`What the last ${of} decided audits found`}</caption>
        <thead>
          <tr>
            <th scope="col">Check</th>
            <th scope="col" class="number">
              Audits
            </th>
            <th scope="col">What it means</th>
          </tr>
        </thead>
        <tbody>
          {findings.map(({ check, count }) => (
            <tr>
              <th scope="row">
                <a href={`/entities?check=${encodeURIComponent(check)}`}>{check}</a>
              </th>
              <td class="number">{count.toLocaleString('en')}</td>
              <td>{findCheck(check)?.sentence}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
