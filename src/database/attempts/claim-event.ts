import sql, { raw } from 'sql-template-tag';
import type { EventOrigin } from '../../domain/decision/delete-guard.ts';
import type { DeploymentIdentity } from '../../domain/deployment.ts';
import { probedBrakes } from '../../domain/brake.ts';
import { type EntityType, projects } from '../../domain/entity.ts';
import type { Database, Transaction } from '../connection.ts';
import { lockEvents, lockItems, transactionWithRetry } from '../locks.ts';
import { type EventSettings, items } from '../queue/event-sql.ts';
import { whyNotClaimable } from '../queue/why-not-claimable.ts';
import { whyNotOurs } from '../schema/deployment.ts';
import { returnProbes, takingProbes } from './probes.ts';

export type EventClaim =
  | {
      readonly kind: 'claimed';
      readonly eventId: number;
      /** From 1 to 5, this one counted. */
      readonly attempt: number;
      readonly entityType: EntityType;
      /** As the row has them: neither need be one that we know. */
      readonly action: string;
      readonly message: unknown;
      /** `trigger` also stands for any other writer. */
      readonly origin: EventOrigin;
      readonly dependsOn: readonly number[];
      readonly created: Date;
    }
  | { readonly kind: 'not_claimed'; readonly reason: string };

/**
 * Claims an event for a workflow run: `queued → running`, with one more attempt. Claiming again for the same run gives
 * the same claim; a run that has ended its attempt gets none.
 *
 * Strategy: first the locks of the items it touches, and only then, in later statements, the questions whether an event
 * of theirs runs or an earlier one is due: in one statement, two claims that are not committed don't see each other, and
 * an earlier event may have been committed while this one waited. The row itself is taken with `skip locked`, as the
 * Python daemon does; a row that a trigger is just changing is left for the next poll.
 */
export async function claimEvent(
  db: Database,
  claim: {
    readonly eventId: number;
    readonly workflowId: string;
    readonly runId: string;
    /** Whose event it is: in another database it is not claimed. */
    readonly served?: DeploymentIdentity | null | undefined;
  },
  settings: EventSettings,
): Promise<EventClaim> {
  return transactionWithRetry(db, async (tx) => {
    const touched = await tx.query<{ id: number }>(
      lockItems(
        sql`select e.id, ${raw(items('e'))} as items from artwork_indexer.event_queue e
         where e.id = ${claim.eventId}
           and not exists (select from artwork_reconciler.deployment where identity <> ${claim.served?.id ?? null}::uuid)`,
      ),
    );
    const notOurs = touched.rows[0] === undefined ? await whyNotOurs(tx, claim.served) : null;
    if (notOurs !== null) return notClaimed(notOurs);
    if (touched.rows[0] === undefined) return notClaimed(`event ${claim.eventId} does not exist (any more)`);

    const row = await lockRow(tx, claim);
    if (row === undefined) return notClaimed('its row is locked by another transaction, or gone');
    if (row.endedAs !== null) return notClaimed(`this run has ended its attempt: ${row.endedAs}`);
    if (row.claimedBy === claim.runId && row.claimedAttempt === row.attempts) return toClaim(row, row.attempts);

    const reason = await whyNotClaimable(tx, claim.eventId, settings);
    if (reason !== null) return notClaimed(reason);
    if (!(await takeRow(tx, { ...claim, entityType: row.entityType }))) {
      return notClaimed('its project is stopped, and another event is being tried');
    }
    return toClaim(row, row.attempts + 1);
  });
}

interface ClaimableRow {
  readonly id: number;
  readonly entityType: EntityType;
  readonly action: string;
  readonly message: unknown;
  readonly dependsOn: number[] | null;
  readonly created: Date;
  readonly attempts: number;
  readonly origin: EventOrigin;
  readonly claimedBy: string | null;
  readonly claimedAttempt: number | null;
  readonly endedAs: string | null;
}

async function lockRow(
  tx: Transaction,
  claim: { readonly eventId: number; readonly runId: string },
): Promise<ClaimableRow | undefined> {
  const { rows } = await tx.query<ClaimableRow>(
    lockEvents(
      sql`select e.id, e.entity_type as "entityType", e.action, e.message, e.depends_on as "dependsOn", e.created, e.attempts,
         coalesce(origin.origin, 'trigger') as origin,
         claim.run_id as "claimedBy", claim.attempt as "claimedAttempt", attempt.outcome as "endedAs"
       from artwork_indexer.event_queue e
       left join artwork_reconciler.event_origin origin on origin.event = e.id
       left join artwork_reconciler.event_claim claim on claim.event = e.id
       left join artwork_reconciler.event_attempt attempt on attempt.event = e.id and attempt.run_id = ${claim.runId}
       where e.id = ${claim.eventId}`,
      'e skip locked',
    ),
  );
  return rows[0];
}

interface TakenRow {
  readonly eventId: number;
  readonly entityType: EntityType;
  readonly workflowId: string;
  readonly runId: string;
}

/**
 * One statement, so that row and claim are of one moment. A *not before* that has passed goes.
 *
 * @returns false where its project is stopped and another event is being tried: nothing was changed
 */
export async function takeRow(tx: Transaction, { eventId, entityType, workflowId, runId }: TakenRow): Promise<boolean> {
  const { rows } = await tx.query<{ taken: boolean }>(
    `with ${takingProbes},
     before as (
       select id, attempts, last_updated from artwork_indexer.event_queue
       where id = $1 and (select let_through from let_through)
     ),
     taken as (
       update artwork_indexer.event_queue
       set state = 'running', attempts = attempts + 1, last_updated = clock_timestamp()
       where id = $1 and (select let_through from let_through)
     ),
     waited as (
       delete from artwork_reconciler.event_not_before where event = $1 and (select let_through from let_through)
     ),
     claimed as (
       insert into artwork_reconciler.event_claim
         (event, workflow_id, run_id, attempt, claimed_at, attempts_before, last_updated_before)
       select id, $3, $4, attempts + 1, clock_timestamp(), attempts, last_updated from before
     )
     select let_through as taken from let_through`,
    [eventId, probedBrakes(projects[entityType].name), workflowId, runId],
  );
  const isTaken = rows[0]?.taken === true;
  if (!isTaken) await returnProbes(tx, eventId);
  return isTaken;
}

function toClaim(row: ClaimableRow, attempt: number): EventClaim {
  return {
    kind: 'claimed',
    eventId: row.id,
    attempt,
    entityType: row.entityType,
    action: row.action,
    message: row.message,
    origin: row.origin,
    dependsOn: row.dependsOn ?? [],
    created: row.created,
  };
}

function notClaimed(reason: string): EventClaim {
  return { kind: 'not_claimed', reason };
}
