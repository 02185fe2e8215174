import type { Client, WorkflowHandle } from '@temporalio/client';
import type { ScanInput } from '../activities/scan.ts';
import type { scanArchive } from '../workflows/scan-archive.ts';
import { joinOrStart } from './join-or-start.ts';

/** Starts the scan of both collections where it left off, or joins the one that runs. */
export function startScan(temporal: Client, input: ScanInput): Promise<WorkflowHandle<typeof scanArchive>> {
  const { dryRun } = input;
  return joinOrStart<typeof scanArchive>(temporal, 'scanArchive', {
    workflowId: 'scan-archive',
    dryRun,
    args: [input],
  });
}
