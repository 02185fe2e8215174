import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { Config } from '../config/config.ts';
import type { EntityKey } from '../domain/entity.ts';
import { auditWorkflowId, runTimeouts, stepPriorities, taskQueues } from '../temporal/task-queues.ts';
import type { auditEntity } from '../workflows/audit-entity.ts';

/** Who asked for an audit, and so how soon its requests are made. */
export type AuditHow = 'operator' | 'paced';

/**
 * Starts the audit of one entity; where one is running already, that one does. The workflow id is the entity's, so that
 * starting twice starts once.
 *
 * @returns whether this call started it.
 */
export async function startAudit(
  temporal: Client,
  key: EntityKey,
  how: AuditHow,
  settings: Pick<Config['audit'], 'maxWaitHours'>,
): Promise<boolean> {
  try {
    await temporal.workflow.start<typeof auditEntity>('auditEntity', {
      workflowId: auditWorkflowId(key.entityType, key.gid),
      taskQueue: taskQueues.reconciler,
      workflowRunTimeout: runTimeouts.audit(settings),
      args: [{ entityType: key.entityType, gid: key.gid, how }],
      priority: { priorityKey: how === 'operator' ? stepPriorities.operatorsAudit : stepPriorities.pacedAudit },
    });
    return true;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
    throw error;
  }
}
