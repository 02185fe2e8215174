import type { AuditRepair, PastAudit } from '../../../database/audits/entity-history.ts';
import { describeMessage } from '../../../wording/events.ts';
import type { PageContext } from '../../environment.ts';
import { FindingView } from '../../layout/finding-view.tsx';
import { Badge, Reason, TemporalRun, When } from '../../layout/inline.tsx';
import { figures, ListTable } from '../../lists/list-view.tsx';
import { addressWith } from '../../forms/parameters.ts';
import type { EntityFacts } from './read-entity-page.ts';

/** An entity's audits, the newest first. */
export function AuditsSection({ c, facts }: { readonly c: PageContext; readonly facts: EntityFacts }) {
  const { audits, nextAudit } = facts;
  const isFirst = c.req.query('before') === undefined;
  return (
    <section aria-labelledby="audits">
      <h2 id="audits">Audits</h2>
      {audits.length === 0 && <p class="none">It was never audited.</p>}
      {audits.map((audit) => (
        <AuditView c={c} audit={audit} />
      ))}
      {(!isFirst || nextAudit !== null) && (
        <nav class="pager" aria-label="Audits">
          {!isFirst && <a href={`${addressWith(c, { before: null })}#audits`}>Newest audits</a>}
          {nextAudit !== null && (
            <a href={`${addressWith(c, { before: String(nextAudit) })}#audits`} rel="next">
              Earlier audits
            </a>
          )}
        </nav>
      )}
    </section>
  );
}

function AuditView({ c, audit }: { readonly c: PageContext; readonly audit: PastAudit }) {
  const { id, decision, cause, reason, identity, mode, findings, requests, repairs } = audit;
  const counts = Object.entries(requests);
  return (
    <article class="audit" id={`audit-${id}`}>
      <h3>
        Audit {id} <Badge of={decision} /> <When at={audit.decidedAt} />
      </h3>
      {reason !== null && (
        <p>
          Released{cause !== null && ` (${cause.replaceAll('_', ' ')})`}: <Reason text={reason} most={1000} />
        </p>
      )}
      {decision === 'repair_queue' && mode === 'report' && (
        <p class="notice">In report mode: what it would have queued is named, and nothing was queued.</p>
      )}
      {findings.length === 0 && reason === null && <p>Nothing differs.</p>}
      {findings.map((finding) => (
        <FindingView finding={finding} />
      ))}
      {repairs.length > 0 && <Repairs repairs={repairs} />}
      <p class="hint">
        Asked for by {audit.askedBy}
        {identity !== null && `, as ${identity}`}, in{' '}
        {((audit.decidedAt.getTime() - audit.startedAt.getTime()) / 1000).toFixed(1)} s
        {counts.length > 0 && `, with ${counts.map(([kind, count]) => `${count} ${kind}`).join(', ')}`};{' '}
        <TemporalRun c={c} workflowId={audit.workflowId} runId={audit.runId} />
      </p>
    </article>
  );
}

function Repairs({ repairs }: { readonly repairs: readonly AuditRepair[] }) {
  return (
    <>
      <ListTable caption="Repairs it ordered" columns={['Repair', 'Of', 'After', 'Event']}>
        {repairs.slice(0, mostRepairs).map(({ action, message, dependsOn, eventId, state }, n) => (
          <tr>
            <th scope="row">
              {n + 1}. <Badge of={action} />
            </th>
            <td data-label="Of">{describeMessage(message)}</td>
            <td data-label="After">{dependsOn.map((place) => place + 1).join(', ')}</td>
            <td data-label="Event">
              {eventId === null ? (
                'not queued'
              ) : (
                <>
                  <a href={`/events/${eventId}`}>event {eventId}</a>{' '}
                  {state === null ? <span class="none">gone from the queue</span> : <Badge of={state} />}
                </>
              )}
            </td>
          </tr>
        ))}
      </ListTable>
      {repairs.length > mostRepairs && <p class="hint">and {repairs.length - mostRepairs} more</p>}
    </>
  );
}

/** A box set has a thousand images. */
const mostRepairs = 100;

/** The newest indexer events that name an entity. */
export function EventsSection({ facts }: { readonly facts: EntityFacts }) {
  const { rows: events, next } = facts.events;
  return (
    <section aria-labelledby="events">
      <h2 id="events">Indexer events</h2>
      {events.length === 0 ? (
        <p class="none">None that is still in the queue’s table names it.</p>
      ) : (
        <ListTable
          caption="The newest events that name it"
          columns={['Event', 'State', 'Of', 'Created', figures('Attempts'), 'Last reason']}
        >
          {events.map((event) => (
            <tr data-row={`event-${event.id}`}>
              <th scope="row">
                <a href={`/events/${event.id}`}>
                  {event.action.replace('_', ' ')} {event.id}
                </a>
              </th>
              <td data-label="State">
                <Badge of={event.state} />
                {event.dismissed && ' dismissed'}
              </td>
              <td data-label="Of">{describeMessage(event.message)}</td>
              <td data-label="Created">
                <When at={event.created} />
              </td>
              <td class="number" data-label="Attempts">
                {event.attempts}
              </td>
              <td data-label="Last reason">{event.lastReason !== null && <Reason text={event.lastReason} />}</td>
            </tr>
          ))}
        </ListTable>
      )}
      {next !== null && (
        <p>
          <a href={`/events?state=any&dismissed=shown&mbid=${facts.key.gid}`}>All events that name it</a>
        </p>
      )}
    </section>
  );
}
