import type { EventAttempt, ShownEvent } from '../../../../database/event-queries/index.ts';
import type { PageContext } from '../../../environment.ts';
import { Badge } from '../../../layout/badge.tsx';
import { TemporalRun } from '../../../layout/temporal-run.tsx';
import { When } from '../../../layout/when.tsx';

/** Every attempt of ours, with what the archive answered, and the reasons that others wrote. */
export function Attempts({ c, event }: { readonly c: PageContext; readonly event: ShownEvent }) {
  // Those of our own attempts stand there already.
  const told = new Set(event.attemptsMade.map(({ reason }) => reason));
  const others = event.reasons.filter(({ reason }) => !told.has(reason));
  return (
    <section aria-labelledby="attempts">
      <h2 id="attempts">Attempts</h2>
      {event.attemptsMade.length === 0 && <p class="none">None of ours has ended yet.</p>}
      <ol class="timeline">
        {event.attemptsMade.map((attempt) => (
          <Attempt c={c} attempt={attempt} workflowId={`event-${event.id}`} />
        ))}
      </ol>
      {others.length > 0 && (
        <>
          <h3>Other reasons for failure</h3>
          <ol class="timeline">
            {others.map(({ reason, at }) => (
              <li>
                <When at={at} />
                <pre tabindex={0} aria-label="Reason">
                  {reason}
                </pre>
              </li>
            ))}
          </ol>
        </>
      )}
    </section>
  );
}

interface AttemptProps {
  readonly c: PageContext;
  readonly attempt: EventAttempt;
  readonly workflowId: string;
}

function Attempt({ c, attempt, workflowId }: AttemptProps) {
  const { status, reason, bodyExcerpt, requestId, runId } = attempt;
  const seconds = (attempt.endedAt.getTime() - attempt.startedAt.getTime()) / 1000;
  return (
    <li>
      Attempt {attempt.attempt}: <Badge of={attempt.outcome} /> <When at={attempt.endedAt} />, after{' '}
      {seconds.toLocaleString('en', { maximumFractionDigits: 1 })} s
      {status !== null && (
        <>
          , <strong>HTTP {status}</strong>
        </>
      )}
      {requestId !== null && (
        <>
          , RequestId <code>{requestId}</code>
        </>
      )}
      , by <TemporalRun c={c} workflowId={workflowId} runId={runId} />
      {reason !== null && (
        <pre tabindex={0} aria-label="Reason">
          {reason}
        </pre>
      )}
      {bodyExcerpt !== null && (
        <details>
          <summary>What the archive answered</summary>
          <pre tabindex={0} aria-label="Beginning of the answer">
            {bodyExcerpt}
          </pre>
        </details>
      )}
    </li>
  );
}
