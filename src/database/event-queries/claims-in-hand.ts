import type { Config } from '../../config/config.ts';
import type { Queryable } from '../connection.ts';

export interface ClaimInHand {
  readonly eventId: number;
  readonly workflowId: string;
  readonly runId: string;
  readonly claimedAt: Date;
}

/**
 * The claims to be compared with what Temporal says of their workflow runs, oldest first: without the young ones, whose
 * workflows may be so new that Temporal doesn't find them yet.
 */
export async function claimsInHand(
  q: Queryable,
  { youngClaimSeconds }: Pick<Config['housekeeping'], 'youngClaimSeconds'>,
): Promise<readonly ClaimInHand[]> {
  const { rows } = await q.query<ClaimInHand>(
    `select event as "eventId", workflow_id as "workflowId", run_id as "runId", claimed_at as "claimedAt"
     from artwork_reconciler.event_claim
     where claimed_at < clock_timestamp() - make_interval(secs => $1)
     order by claimed_at, event`,
    [youngClaimSeconds],
  );
  return rows;
}

/** Which of these runs of workflows hold a claim now. */
export async function runsWithClaims(q: Queryable, runIds: readonly string[]): Promise<ReadonlySet<string>> {
  const { rows } = await q.query<{ run_id: string }>(
    'select run_id from artwork_reconciler.event_claim where run_id = any ($1::text[])',
    [runIds],
  );
  return new Set(rows.map(({ run_id }) => run_id));
}
