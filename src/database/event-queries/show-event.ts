import type { AttemptOutcome, EventAction, EventState } from '../../domain/queue/indexer-event.ts';
import type { Queryable } from '../connection.ts';
import { listed, type ListedEvent } from './list-events.ts';
import type { EventSettings } from './settings.ts';
import { whyNotClaimable } from '../queue/why-not-claimable.ts';

/** An attempt of ours that has ended, with what the archive answered where it did. */
export interface EventAttempt {
  readonly attempt: number;
  readonly runId: string;
  readonly startedAt: Date;
  readonly endedAt: Date;
  readonly outcome: AttemptOutcome;
  readonly reason: string | null;
  readonly status: number | null;
  readonly bodyExcerpt: string | null;
  readonly requestId: string | null;
}

export interface RelatedEvent {
  readonly id: number;
  readonly state: EventState;
  readonly action: EventAction;
  readonly message: unknown;
}

/** Everything known of one event. */
export interface ShownEvent extends ListedEvent {
  /** Why it can't be claimed now, in words; null where it can. Only for what is queued. */
  readonly waitsBecause: string | null;
  readonly claim: { readonly workflowId: string; readonly runId: string; readonly claimedAt: Date } | null;
  readonly notBefore: { readonly until: Date; readonly reason: string } | null;
  readonly dismissal: { readonly at: Date; readonly actor: string; readonly note: string | null } | null;
  /** The person who asked for it, where one did who is on record. */
  readonly askedBy: { readonly at: Date; readonly actor: string; readonly note: string | null } | null;
  /** All of them, the oldest first; the other daemon's attempts have left nothing else. */
  readonly reasons: readonly { readonly reason: string; readonly at: Date }[];
  readonly attemptsMade: readonly EventAttempt[];
  /** Those that are still there: completed ones are cleaned up. */
  readonly parents: readonly RelatedEvent[];
  /** What depends on it and has not completed. */
  readonly dependents: readonly RelatedEvent[];
}

/** Everything known of one event, or null where there is none of that id. */
export async function showEvent(q: Queryable, eventId: number, settings: EventSettings): Promise<ShownEvent | null> {
  const events = await q.query<ListedEvent>(listed('select * from artwork_indexer.event_queue e where e.id = $1'), [
    eventId,
  ]);
  const [event] = events.rows;
  if (event === undefined) return null;
  const rows = async <Row extends object>(sql: string): Promise<Row[]> => (await q.query<Row>(sql, [eventId])).rows;
  return {
    ...event,
    waitsBecause: event.state === 'queued' ? await whyNotClaimable(q, eventId, settings) : null,
    claim: (await rows<NonNullable<ShownEvent['claim']>>(claimStatement))[0] ?? null,
    notBefore: (await rows<NonNullable<ShownEvent['notBefore']>>(notBeforeStatement))[0] ?? null,
    dismissal: event.dismissed
      ? ((await rows<NonNullable<ShownEvent['dismissal']>>(dismissalStatement))[0] ?? null)
      : null,
    askedBy: (await rows<NonNullable<ShownEvent['askedBy']>>(askedByStatement))[0] ?? null,
    reasons: await rows(reasonsStatement),
    attemptsMade: await rows(attemptsStatement),
    parents: await rows(parentsStatement),
    dependents: await rows(dependentsStatement),
  };
}

const claimStatement = `
  select workflow_id as "workflowId", run_id as "runId", claimed_at as "claimedAt"
  from artwork_reconciler.event_claim where event = $1`;

const notBeforeStatement = `select until, reason from artwork_reconciler.event_not_before where event = $1`;

const dismissalStatement = `select at, actor, note from artwork_reconciler.event_dismissal where event = $1`;

const askedByStatement = `
  select at, actor, note from artwork_reconciler.operator_action
  where action = 'index entity' and after->'event' = to_jsonb($1::bigint) order by id limit 1`;

const reasonsStatement = `
  select failure_reason as reason, created as at
  from artwork_indexer.event_failure_reason where event = $1 order by created`;

const attemptsStatement = `
  select attempt, run_id as "runId", started_at as "startedAt", ended_at as "endedAt", outcome, reason, status,
    body_excerpt as "bodyExcerpt", request_id as "requestId"
  from artwork_reconciler.event_attempt where event = $1 order by ended_at`;

const related = `select e.id, e.state, e.action, e.message from artwork_indexer.event_queue e`;

const parentsStatement = `
  ${related}
  where e.id = any ((select depends_on from artwork_indexer.event_queue where id = $1)::bigint[]) order by e.id`;

const dependentsStatement = `
  ${related} where e.depends_on @> array[$1::bigint] and e.state in ('queued', 'failed') order by e.id`;
