/** The workflows as builds of a worker deployment have them (docs/deploying-workflow-changes.md): a bundle of its own. */
import { setWorkflowOptions, type Workflow } from '@temporalio/workflow';
import * as workflows from './index.ts';

export * from './index.ts';

// These go to the build that is current whatever `[worker] running_workflows` says: they begin other work, which is to be
// the new build's, or run for days, for which nobody keeps a build up. Not in index.ts: of a worker that is no build Temporal
// refuses every answer that names a behaviour.
const upgraded = [
  'backfill',
  'bulkAction',
  'dispatchEvents',
  'housekeeping',
  'importEntities',
  'paceAudits',
  'scanArchive',
] as const satisfies readonly (keyof typeof workflows)[];
for (const name of upgraded) {
  const workflow: Workflow = workflows[name];
  setWorkflowOptions({ versioningBehavior: 'AUTO_UPGRADE' }, workflow);
}
