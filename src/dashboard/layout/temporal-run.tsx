import type { PageContext } from '../environment.ts';

/** A run of a workflow, leading to Temporal's UI where `[dashboard] temporal_ui` says where that is. */
export function TemporalRun({
  c,
  workflowId,
  runId,
}: {
  readonly c: PageContext;
  readonly workflowId: string | null;
  readonly runId: string | null;
}) {
  if (workflowId === null) return <span class="none">no workflow: from a shell</span>;
  const { temporalUi } = c.var.parts;
  if (temporalUi === null) return <code>{workflowId}</code>;
  const run = runId === null ? '' : `/${encodeURIComponent(runId)}/history`;
  return (
    <a href={`${temporalUi}/workflows/${encodeURIComponent(workflowId)}${run}`} rel="noreferrer">
      <code>{workflowId}</code>
    </a>
  );
}
