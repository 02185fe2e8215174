import type { EntityName } from '../../../database/musicbrainz/entity-kinds.ts';
import type { EventAttempt, EventTree, ShownEvent, TreeEvent } from '../../../database/queue/show-event.ts';
import { readReason } from '../../../domain/queue/failure-reason.ts';
import type { PageContext } from '../../environment.ts';
import { AttemptBadge, Badge, RawAnswer, TemporalRun, When, WholeReason } from '../../layout/inline.tsx';
import { MessageLinks } from './event-table.tsx';

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
        {event.attemptsMade.map((attempt, n) => (
          <Attempt
            c={c}
            attempt={attempt}
            isRepeated={n > 0 && isTheSame(attempt, event.attemptsMade[n - 1])}
            workflowId={`event-${event.id}`}
          />
        ))}
      </ol>
      {others.length > 0 && (
        <>
          <h3>Other reasons for failure</h3>
          <ol class="timeline">
            {others.map(({ reason, at }) => (
              <li>
                <When at={at} />
                <WholeReason text={reason} />
              </li>
            ))}
          </ol>
        </>
      )}
    </section>
  );
}

/** Whether an attempt failed for the reason of the one before: the request has another id each time. */
function isTheSame({ reason }: EventAttempt, before: EventAttempt | undefined): boolean {
  if (reason === null || before?.reason == null) return false;
  return readReason(reason).what === readReason(before.reason).what;
}

interface AttemptProps {
  readonly c: PageContext;
  readonly attempt: EventAttempt;
  /** Whether its reason stands at the one before already: five times the same text hides what differs. */
  readonly isRepeated: boolean;
  readonly workflowId: string;
}

function Attempt({ c, attempt, isRepeated, workflowId }: AttemptProps) {
  const { reason, bodyExcerpt, requestId, runId, status } = attempt;
  const seconds = (attempt.endedAt.getTime() - attempt.startedAt.getTime()) / 1000;
  return (
    <li>
      Attempt {attempt.attempt}: <AttemptBadge outcome={attempt.outcome} /> <When at={attempt.endedAt} />, after{' '}
      {seconds.toLocaleString('en', { maximumFractionDigits: 1 })} s
      {status !== null && !reason?.includes(`HTTP ${status}`) && `, HTTP ${status}`}
      {requestId !== null && !reason?.includes(requestId) && (
        <>
          , RequestId <code>{requestId}</code>
        </>
      )}
      , by <TemporalRun c={c} workflowId={workflowId} runId={runId} />
      {isRepeated && ': the same reason'}
      {reason === null ? (
        <RawAnswer answer={bodyExcerpt} />
      ) : isRepeated ? (
        <details>
          <summary>The reason of attempt {attempt.attempt}</summary>
          <WholeReason text={reason} answer={bodyExcerpt} />
        </details>
      ) : (
        <WholeReason text={reason} answer={bodyExcerpt} />
      )}
    </li>
  );
}

interface TreeProps {
  readonly event: ShownEvent;
  readonly tree: EventTree;
  /** Of the entities of all these events, by gid. */
  readonly names: ReadonlyMap<string, EntityName>;
}

/** What an event depends on, and what depends on it, to the ends of the tree. Each event is shown once. */
export function DependencyTree({ event, tree, names }: TreeProps) {
  const { ancestors, dependents, isCut } = tree;
  const known = new Map([...ancestors, ...dependents].map((each) => [each.id, each]));
  const parentsOf = (id: number): readonly number[] =>
    id === event.id ? event.dependsOn : (known.get(id)?.dependsOn ?? []);
  const childrenOf = (id: number): readonly number[] =>
    dependents.filter(({ dependsOn }) => dependsOn.includes(id)).map((child) => child.id);
  if (ancestors.length + dependents.length + event.dependsOn.length === 0) {
    return (
      <section aria-labelledby="depends">
        <h2 id="depends">Dependencies</h2>
        <p class="none">It depends on nothing, and nothing that has not completed depends on it.</p>
      </section>
    );
  }
  return (
    <section aria-labelledby="depends">
      <h2 id="depends">Dependencies</h2>
      {isCut && <p class="notice warn">There are more than are shown here.</p>}
      <h3>It depends on</h3>
      <Branch
        ids={parentsOf(event.id)}
        next={parentsOf}
        known={known}
        names={names}
        seen={new Set([event.id])}
        none="Nothing."
      />
      <h3>What depends on it and has not completed</h3>
      <Branch
        ids={childrenOf(event.id)}
        next={childrenOf}
        known={known}
        names={names}
        seen={new Set([event.id])}
        none="Nothing."
      />
    </section>
  );
}

interface BranchProps extends Pick<TreeProps, 'names'> {
  readonly ids: readonly number[];
  readonly next: (id: number) => readonly number[];
  readonly known: ReadonlyMap<number, TreeEvent>;
  /** Those that were shown further up; added to. */
  readonly seen: Set<number>;
  readonly none?: string;
}

function Branch({ ids, next, known, names, seen, none }: BranchProps) {
  if (ids.length === 0) return none === undefined ? null : <p class="none">{none}</p>;
  return (
    <ul class="tree">
      {ids.map((id) => {
        const event = known.get(id);
        const isRepeated = seen.has(id);
        seen.add(id);
        return (
          <li>
            <a href={`/events/${id}`}>event {id}</a>{' '}
            {isRepeated ? (
              <span class="none">shown above</span>
            ) : event === undefined ? (
              <span class="none">not there any more, or not read</span>
            ) : (
              <>
                <Badge of={event.state} /> <Badge of={event.action} />{' '}
                <MessageLinks entityType={event.entityType} message={event.message} names={names} />
                <Branch ids={next(id)} next={next} known={known} names={names} seen={seen} />
              </>
            )}
          </li>
        );
      })}
    </ul>
  );
}
