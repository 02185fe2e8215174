import { Hono } from 'hono';
import { readRepairModePlan } from '../../../database/audits/findings.ts';
import type { RepairModePlan } from '../../../domain/decision/repair-mode-plan.ts';
import { plannedEventsInWords, planTimeInWords } from '../../../wording/schedule.ts';
import { roundShare } from '../../../wording/text.ts';
import type { DashboardEnv, PageContext } from '../../environment.ts';
import { CheckLink } from '../../layout/finding-view.tsx';
import { Page } from '../../layout/page.tsx';
import { figures, ListTable } from '../../lists/list-view.tsx';

/** What repair mode would queue from what report mode has found, check by check. */
function PlanPage({ c, plan }: { readonly c: PageContext; readonly plan: RepairModePlan }) {
  const { entities, isPart, events, imagesCopied, imagesDeleted, requests, checks } = plan;
  return (
    <Page c={c} title="Plan for repair mode" section="/schedule">
      <p class="hint">
        What repair mode would queue from what report mode has found. Every entity is audited again before that, so that
        nothing old is queued.
      </p>
      {isPart && (
        <p class="notice">
          More entities wait than are counted here. <code>artwork-reconciler plan</code> counts all of them.
        </p>
      )}
      <dl class="facts" id="plan">
        <div>
          <dt>Entities</dt>
          <dd>
            <a href="/entities?cause=report_mode">
              {entities.toLocaleString('en')}
              {isPart && '+'}
            </a>{' '}
            wait for repair mode
          </dd>
        </div>
        <div>
          <dt>Events</dt>
          <dd>{plannedEventsInWords(events)}</dd>
        </div>
        <div>
          <dt>Images</dt>
          <dd>
            {imagesCopied.toLocaleString('en')} copied, {imagesDeleted.toLocaleString('en')} deleted
          </dd>
        </div>
        <div>
          <dt>Requests</dt>
          <dd>
            {Object.entries(requests)
              .map(([kind, count]) => `${count.toLocaleString('en')} ${kind}`)
              .join(', ') || 'none'}
          </dd>
        </div>
        <div>
          <dt>Time, if nothing else is audited</dt>
          <dd>{planTimeInWords(plan)}</dd>
        </div>
      </dl>
      {checks.length === 0 ? (
        <p class="none">Report mode has found nothing to repair.</p>
      ) : (
        <ListTable
          caption="Checks, those that touch no image first, then by the number of entities"
          columns={[
            'Check',
            figures('Entities'),
            figures('For this alone'),
            'Events',
            figures('Of decided audits'),
            figures('Of those that wait'),
            'Breaker',
          ]}
        >
          {checks.map((row) => (
            <tr data-row={row.check}>
              <th scope="row">
                <CheckLink check={row.check} />
              </th>
              <td class="number" data-label="Entities">
                <a href={`/entities?check=${encodeURIComponent(row.check)}&cause=report_mode`}>
                  {row.entities.toLocaleString('en')}
                </a>
              </td>
              <td class="number" data-label="For this alone">
                {row.alone.toLocaleString('en')}
              </td>
              <td data-label="Events">{plannedEventsInWords(row.events)}</td>
              <td class="number" data-label="Of decided audits">
                {roundShare(row.shareOfDecided)}
              </td>
              <td class="number" data-label="Of those that wait">
                {roundShare(row.shareOfWaiting)}
              </td>
              <td data-label="Breaker">{row.breaks && 'would be put on'}</td>
            </tr>
          ))}
        </ListTable>
      )}
    </Page>
  );
}

/** What repair mode would do, before it is switched to. */
export function planRoutes(): Hono<DashboardEnv> {
  return new Hono<DashboardEnv>().get('/plan', async (c) => {
    const config = c.var.parts.config();
    const plan = await c.var.read((q) => readRepairModePlan(q, config, config.dashboard.scanRows));
    return c.html(<PlanPage c={c} plan={plan} />);
  });
}
