import { z } from 'zod';
import type { Transaction } from '../../../database/connection.ts';
import { recordAction } from '../../../database/event-states/record-action.ts';
import { startAudit } from '../../../starters/start-audit.ts';
import { auditWorkflowId } from '../../../temporal/task-queues.ts';
import { needTemporal } from '../../need-temporal.ts';
import type { PageContext } from '../../environment.ts';
import { readForm } from '../../forms/read-form.ts';
import { entityPath } from '../../layout/entity-links.tsx';
import { freeText } from '../../lists/parameter-kinds.ts';
import { entityOf } from './entity-of.ts';

const fields = z.object({ note: freeText(2000), from: freeText(200) });

/** Nothing is recorded of a click that started nothing. */
class AlreadyRunning extends Error {}

/**
 * Starts an audit of the entity now, and leads to where it is followed to its outcome. Where one runs already, that one
 * is followed: a double click starts one.
 */
export async function auditAction(c: PageContext): Promise<Response> {
  const key = entityOf(c);
  const { note, from } = await readForm(c, fields);
  const { parts, person } = c.var;
  const runId = await needTemporal(parts, async (temporal) => {
    const startRecorded = async (tx: Transaction): Promise<void> => {
      await recordAction(
        tx,
        { actor: person.name, note: note ?? null },
        { action: 'audit entity', target: `${key.entityType} ${key.gid}`, after: { workflow: workflowId } },
      );
      // Last, so that a record is only kept of what was started.
      if (!(await startAudit(temporal, key, 'operator', parts.config().audit))) throw new AlreadyRunning();
    };
    const workflowId = auditWorkflowId(key.entityType, key.gid);
    await parts.db.transaction(startRecorded).catch((error: unknown) => {
      if (!(error instanceof AlreadyRunning)) throw error;
    });
    return (await temporal.workflow.getHandle(workflowId).describe()).runId;
  });
  const review = /^\/reviews\/\d{1,16}$/.exec(from ?? '')?.[0];
  return c.redirect(`${review ?? entityPath(key)}?followed=${encodeURIComponent(runId)}`, 303);
}
