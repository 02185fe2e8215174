import type { Queryable } from '../connection.ts';

/** Minutes. A younger claim's workflow may be so new that Temporal doesn't find it yet. */
const youngestMinutes = 2;

export interface ClaimInHand {
  readonly eventId: number;
  readonly workflowId: string;
  readonly runId: string;
  readonly claimedAt: Date;
}

/** The claims older than two minutes, to be compared with what Temporal says of their workflow runs. Oldest first. */
export async function claimsInHand(q: Queryable): Promise<readonly ClaimInHand[]> {
  const { rows } = await q.query<ClaimInHand>(
    `select event as "eventId", workflow_id as "workflowId", run_id as "runId", claimed_at as "claimedAt"
     from artwork_reconciler.event_claim
     where claimed_at < clock_timestamp() - interval '${youngestMinutes} minutes'
     order by claimed_at, event`,
  );
  return rows;
}
