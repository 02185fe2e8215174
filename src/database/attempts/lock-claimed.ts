import sql, { raw } from 'sql-template-tag';
import type { EntityType } from '../../domain/entity.ts';
import type { AttemptOutcome } from '../../domain/queue/indexer-event.ts';
import type { Transaction } from '../connection.ts';
import { projectOf } from '../entity-types.ts';
import { lockEvents } from '../locks.ts';
import { returnProbes } from './probes.ts';

/** An event's row, locked by the transaction that is about to end it or to snooze it. */
export interface LockedEvent {
  readonly id: number;
  readonly entityType: EntityType;
  readonly action: string;
  readonly message: unknown;
  /** As the row has them now, with the attempt in progress counted. */
  readonly attempts: number;
}

/** Whose claim it is. */
export interface Holder {
  readonly eventId: number;
  readonly runId: string;
}

export type Hold =
  | { readonly kind: 'held'; readonly event: LockedEvent }
  /** This run has ended its attempt before: the step is run a second time. */
  | { readonly kind: 'ended'; readonly outcome: AttemptOutcome }
  | { readonly kind: 'not_ours' };

/** The columns of a LockedEvent. */
export const lockedColumns = `e.id, e.entity_type as "entityType", e.action, e.message, e.attempts`;

/**
 * Locks an event's row if this run holds the current claim: the fence of everything that ends an attempt.
 *
 * Current means that nobody else has touched the row since: it is `running`, or `failed` by the other daemon's
 * housekeeping, with the attempts of the claim. Where somebody has queued it again, or taken it, the claim means nothing
 * any more and goes, so that it doesn't keep the event from being claimed again.
 */
export async function lockClaimed(tx: Transaction, { eventId, runId }: Holder): Promise<Hold> {
  const { rows } = await tx.query<LockedEvent & { readonly current: boolean }>(
    lockEvents(
      sql`select ${raw(lockedColumns)}, e.state in ('running', 'failed') and e.attempts = claim.attempt as current
       from artwork_reconciler.event_claim claim join artwork_indexer.event_queue e on e.id = claim.event
       where claim.event = ${eventId} and claim.run_id = ${runId}`,
      'claim, e',
    ),
  );
  const [row] = rows;
  if (row === undefined) return endedBefore(tx, { eventId, runId });
  if (!row.current) {
    await dropClaim(tx, eventId);
    return { kind: 'not_ours' };
  }
  return { kind: 'held', event: row };
}

async function endedBefore(tx: Transaction, { eventId, runId }: Holder): Promise<Hold> {
  const { rows } = await tx.query<{ outcome: AttemptOutcome }>(
    `select outcome from artwork_reconciler.event_attempt where event = $1 and run_id = $2`,
    [eventId, runId],
  );
  return rows[0] === undefined ? { kind: 'not_ours' } : { kind: 'ended', outcome: rows[0].outcome };
}

/** What the archive answered to an attempt that failed, for the event's page. Where it names no request, those that it has taken are named. */
export interface ArchiveAnswer {
  readonly status?: number | null;
  /** The beginning of the body. */
  readonly bodyExcerpt?: string | null;
  readonly requestId?: string | null;
}

/** Characters of a body that are kept. */
const longestExcerpt = 2000;

/**
 * Ends the claim, and keeps how the attempt went; the row of one that is completed becomes so, too.
 *
 * @returns whether writes of its project are known to fail: `writesWork` has something to end then
 */
export async function endClaim(
  tx: Transaction,
  { eventId, runId }: Holder,
  end: {
    readonly outcome: AttemptOutcome;
    readonly reason?: string;
    readonly answer?: ArchiveAnswer;
    readonly sqlState?: string | undefined;
  },
): Promise<boolean> {
  const { status, bodyExcerpt, requestId } = end.answer ?? {};
  const { rows } = await tx.query<{ failing: boolean }>(
    `with project as (
       select ${projectOf('entity_type')} as name from artwork_indexer.event_queue where id = $1
     ),
     tried as (
       -- Whatever it was tried for, it has not reported: who has, did so before (endProbe).
       update artwork_reconciler.event_probe set at = clock_timestamp(), event = null where event = $1
     ),
     completed as (
       update artwork_indexer.event_queue set state = 'completed', last_updated = now()
       where id = $1 and $3 = 'completed'
     ),
     ended as (
       delete from artwork_reconciler.event_claim where event = $1 and run_id = $2
       returning event, run_id, attempt, claimed_at, request_ids
     ),
     kept as (
       insert into artwork_reconciler.event_attempt
         (event, run_id, attempt, started_at, ended_at, outcome, reason, status, body_excerpt, request_id, sql_state)
       select event, run_id, attempt, claimed_at, clock_timestamp(), $3, $4, $5, $6, coalesce($7, request_ids), $8 from ended
       on conflict (event, run_id) do nothing
     )
     select exists (select from artwork_reconciler.event_failures_alike known join project on project.name = known.project)
       or exists (select from artwork_reconciler.brake join project on brake.name = 'writes_fail_' || project.name)
       as failing`,
    [
      eventId,
      runId,
      end.outcome,
      end.reason === undefined ? null : storable(end.reason),
      status ?? null,
      bodyExcerpt === undefined || bodyExcerpt === null ? null : storable(bodyExcerpt).slice(0, longestExcerpt),
      requestId ?? null,
      end.sqlState ?? null,
    ],
  );
  return rows[0]?.failing ?? true;
}

/** PostgreSQL's text holds no NUL; an answer's body may. */
export function storable(text: string): string {
  return text.replaceAll('\0', '\uFFFD');
}

async function dropClaim(tx: Transaction, eventId: number): Promise<void> {
  await returnProbes(tx, eventId);
  await tx.query('delete from artwork_reconciler.event_claim where event = $1', [eventId]);
}
