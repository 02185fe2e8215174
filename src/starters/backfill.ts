import type { Client, WorkflowHandle } from '@temporalio/client';
import type { BackfillInput } from '../activities/backfill.ts';
import type { backfill } from '../workflows/backfill.ts';
import { joinOrStart } from './join-or-start.ts';

/** Starts the backfill of a source, or joins the one that runs: there is never more than one of each. */
export function startBackfill(temporal: Client, input: BackfillInput): Promise<WorkflowHandle<typeof backfill>> {
  const { source, dryRun } = input;
  return joinOrStart<typeof backfill>(temporal, 'backfill', {
    workflowId: `backfill-${source}`,
    dryRun,
    args: [input],
  });
}
