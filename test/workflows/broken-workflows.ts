import { sleep } from '@temporalio/workflow';
import type { AuditInput, AuditResult } from '../../src/activities/audit-results.ts';
import { auditEntity as sound } from '../../src/workflows/audit-entity.ts';
import { processEvent as soundly } from '../../src/workflows/process-event.ts';
import type { ProcessedEvent } from '../../src/workflows/process-event.ts';

/** Deliberately broken: a step that the recorded histories don't have comes before the others. */
export async function auditEntity(input: AuditInput): Promise<AuditResult> {
  await sleep(1000);
  return sound(input);
}

/** As it is: a broken workflow must not make others fail. */
export async function processEvent(eventId: number): Promise<ProcessedEvent> {
  return soundly(eventId);
}
