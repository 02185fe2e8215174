import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { expect, vi } from 'vitest';
import { findBrokenLifeCycles } from '../../src/database/audits/broken-life-cycles.ts';
import { eventWorkflowId } from '../../src/temporal/task-queues.ts';
import type { Deployment } from './deployment.ts';

/**
 * What must hold at the end of every end-to-end test, whatever went wrong on purpose: every row has somebody or some
 * moment that moves it on, no original is gone without another copy or a person's word, and we were good guests.
 *
 * The first is waited for: what housekeeping mends at its next turn is not broken.
 */
export async function expectSoundEnd({
  db,
  simulator,
  temporal,
}: Pick<Deployment, 'db' | 'simulator' | 'temporal'>): Promise<void> {
  const isRunning = (workflowId: string, runId: string | null): Promise<boolean> => runs(temporal, workflowId, runId);
  await vi.waitFor(async () => expect(await findBrokenLifeCycles(db, { isRunning })).toEqual([]), {
    timeout: 140_000,
    interval: 200,
  });
  expect(simulator.archive.lostOriginals()).toEqual([]);
  expect(simulator.violations()).toEqual([]);
}

/** Puts an event out of the world that would sleep for an hour: its workflow, and its row with the claim. */
export async function abandonEvent({ db, temporal }: Pick<Deployment, 'db' | 'temporal'>, id: number): Promise<void> {
  await temporal.workflow.getHandle(eventWorkflowId(id)).terminate('end of the test');
  await db.query('delete from artwork_indexer.event_queue where id = $1', [id]);
}

async function runs(temporal: Client, workflowId: string, runId: string | null): Promise<boolean> {
  try {
    const { status } = await temporal.workflow.getHandle(workflowId, runId ?? undefined).describe();
    return status.name === 'RUNNING';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}
