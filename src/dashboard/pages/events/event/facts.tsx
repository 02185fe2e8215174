import type { ShownEvent } from '../../../../database/event-queries/index.ts';
import { queuedByInWords } from '../../../../wording/event-origin.ts';
import type { PageContext } from '../../../environment.ts';
import { Badge } from '../../../layout/badge.tsx';
import { TemporalRun } from '../../../layout/temporal-run.tsx';
import { When } from '../../../layout/when.tsx';
import { MessageLinks } from '../event-entities.tsx';

/** State, what it is about, who queued it, why it waits, who has it in hand. */
export function EventFacts({ c, event }: { readonly c: PageContext; readonly event: ShownEvent }) {
  const { claim, notBefore, dismissal, waitsBecause } = event;
  return (
    <>
      <p>
        <Badge of={event.state} /> {dismissal !== null && <Badge of="dismissed" />} <Badge of={event.action} />{' '}
        <MessageLinks entityType={event.entityType} message={event.message} />
      </p>
      {waitsBecause !== null && <p class="notice warn">It waits: {waitsBecause}.</p>}
      <dl class="facts">
        <div>
          <dt>Queued by</dt>
          <dd>{queuedByInWords(event)}</dd>
        </div>
        <div>
          <dt>Created</dt>
          <dd>
            <When at={event.created} />
          </dd>
        </div>
        <div>
          <dt>Last changed</dt>
          <dd>
            <When at={event.lastUpdated} />
          </dd>
        </div>
        <div>
          <dt>Attempts</dt>
          <dd>{event.attempts}</dd>
        </div>
        {notBefore !== null && (
          <div>
            <dt>Not before</dt>
            <dd>
              <When at={notBefore.until} />: {notBefore.reason}
            </dd>
          </div>
        )}
        {claim !== null && (
          <div>
            <dt>In hand</dt>
            <dd>
              of <TemporalRun c={c} workflowId={claim.workflowId} runId={claim.runId} />, since{' '}
              <When at={claim.claimedAt} />
            </dd>
          </div>
        )}
        {dismissal !== null && (
          <div>
            <dt>Dismissed</dt>
            <dd>
              by {dismissal.actor}, <When at={dismissal.at} />
              {dismissal.note !== null && `: ${dismissal.note}`}
            </dd>
          </div>
        )}
      </dl>
    </>
  );
}
