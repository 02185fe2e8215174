import type { Client } from '@temporalio/client';
import type { Config } from '../config/config.ts';
import type { Queryable } from '../database/connection.ts';
import { auditsInHand } from '../database/entities/lost-audits.ts';
import { claimsInHand } from '../database/event-queries/index.ts';
import { isWorkflowOpen } from '../temporal/connection.ts';

/** Rows in the hand of a workflow that is gone. Housekeeping gives them back; where they stay, it doesn't. */
export interface LostClaims {
  readonly events: number;
  readonly audits: number;
}

interface Claim {
  readonly workflowId: string;
  readonly runId: string | null;
}

/** So many claims and workflows are compared; there are never more audits in progress than `[audit] max_in_progress`. */
const most = 2000;
/** What the list lacks is asked for one by one, no more than this: the list is a little behind, and knows no pauses. */
const askedSingly = 50;

const openWorkflows = `ExecutionStatus = 'Running' AND WorkflowType IN ('processEvent', 'auditEntity')`;

/**
 * Counts the claims, young ones apart, whose workflow is not open any more: one list for all of them, since audits that
 * wait for their item are in hand for hours.
 *
 * @param settings.timeout milliseconds, for Temporal's answers
 *
 * @throws where Temporal can't be asked: then nothing is known, and nothing is to be said
 */
export async function countLostClaims(
  q: Queryable,
  temporal: Client,
  { timeout, youngClaimSeconds }: { readonly timeout: number } & Pick<Config['housekeeping'], 'youngClaimSeconds'>,
): Promise<LostClaims> {
  const events = await claimsInHand(q, { youngClaimSeconds });
  const audits = await auditsInHand(q, { youngClaimSeconds, limit: most });
  if (events.length + audits.length === 0) return { events: 0, audits: 0 };
  return temporal.withDeadline(Date.now() + timeout, async () => {
    const open = await listOpen(temporal);
    return { events: await countLost(events), audits: await countLost(audits) };

    async function countLost(claims: readonly Claim[]): Promise<number> {
      const missing = claims.filter(({ workflowId, runId }) => !open.has(runId ?? workflowId)).slice(0, askedSingly);
      const states = await Promise.all(
        missing.map(({ workflowId, runId }) => isWorkflowOpen(temporal, workflowId, runId)),
      );
      return states.filter((isOpen) => !isOpen).length;
    }
  });
}

/** The ids of the open workflows, and of their runs. */
async function listOpen(temporal: Client): Promise<ReadonlySet<string>> {
  const open = new Set<string>();
  for await (const { workflowId, runId } of temporal.workflow.list({ query: openWorkflows, pageSize: 1000 })) {
    open.add(workflowId).add(runId);
    if (open.size >= 2 * most) break;
  }
  return open;
}
