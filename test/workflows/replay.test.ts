import { DeterminismViolationError } from '@temporalio/workflow';
import { beforeAll, describe, expect, test } from 'vitest';
import * as workflows from '../../src/workflows/index.ts';
import { replay, stepOf } from '../support/replay.ts';
import { workflowBundlePath } from '../support/workflow-bundle.ts';
import { bundleOf } from './changed-bundles.ts';
import { recordHistories } from './record-histories.ts';
import { readStoredHistories, type StoredHistory } from './stored-histories.ts';

/*
 * Workflows that are running while a deployment is updated continue with the new code: it must take every step that their
 * histories have. Where a change of the steps is meant, patch the workflow (patched()), or, before the first release
 * and where nothing runs, record the histories again: RECORD_HISTORIES=all npx vitest run test/workflows/replay.test.ts
 * (RECORD_HISTORIES=missing: those that record-histories.ts makes and that are not there yet)
 */

beforeAll(async () => {
  const asked = process.env.RECORD_HISTORIES;
  if (asked) await recordHistories(asked === 'missing' ? 'missing' : 'all');
}, 300_000);

/** What could not be replayed, by the history's name. */
async function replayByName(bundle: Parameters<typeof replay>[0], histories: readonly StoredHistory[]) {
  const failed = await replay(bundle, histories);
  return Object.fromEntries(
    histories.flatMap(({ name, workflowId }) => (workflowId in failed ? [[name, failed[workflowId]]] : [])),
  );
}

function typeOf({ history }: StoredHistory): string | null | undefined {
  return history.events?.[0]?.workflowExecutionStartedEventAttributes?.workflowType?.name;
}

/** What a workflow did, one thing after the other: the names of its steps, its timers, and whether it continued as new. */
function stepsOf({ history }: StoredHistory): string {
  const steps = (history.events ?? []).map((event) => {
    if (event.timerStartedEventAttributes) return 'timer';
    return event.workflowExecutionContinuedAsNewEventAttributes ? 'continuedAsNew' : stepOf(event);
  });
  return steps.filter((step) => /^[a-zA-Z]+$/.test(step)).join(' ');
}

describe('the stored histories', () => {
  test('have one of every workflow', () => {
    const types = new Set(readStoredHistories().map(typeOf));
    expect([...types].sort()).toEqual(Object.keys(workflows).sort());
  });

  test.each([
    ['the dispatcher to where it continues as new', 'dispatchEvents', ['dispatchEvents continuedAsNew']],
    [
      'each kind of event',
      'processEvent',
      ['copyImage', 'deleteImage', 'deleteIndex', 'doNothing', 'putIndex', 'putXml'],
    ],
    ['how an attempt ends', 'processEvent', ['completeEvent', 'endAttempt', 'stopForRefusedKey']],
    ['an audit that waits for tasks', 'auditEntity', ['askTasks timer']],
    ['how a bulk action ends', 'bulkAction', ['bulkActionTurn', 'bulkActionTurn continuedAsNew', 'endBulkAction']],
    ['how an audit ends', 'auditEntity', ['decideAudit', 'giveBackAudit']],
  ])('reach %s', (_what, type, steps) => {
    const taken = readStoredHistories()
      .filter((history) => typeOf(history) === type)
      .map((history) => stepsOf(history));
    for (const step of steps) expect([step, taken.some((each) => each.includes(step))]).toEqual([step, true]);
  });

  test('are replayed by the workflows as they are now', async () => {
    const workflowBundle = { codePath: await workflowBundlePath() };
    expect(await replayByName(workflowBundle, readStoredHistories())).toEqual({});
  });

  test('are not by a workflow that takes another step: each of its histories says so, no other does', async () => {
    const workflowBundle = await bundleOf('changed-unpatched.ts');
    const histories = readStoredHistories();
    const audits = histories.filter((history) => typeOf(history) === 'auditEntity');
    const events = histories.filter((history) => typeOf(history) === 'processEvent');

    const broken = await replayByName(workflowBundle, [...audits, ...events]);
    expect(Object.keys(broken).sort()).toEqual(audits.map(({ name }) => name).sort());
    for (const error of Object.values(broken)) expect(error).toBeInstanceOf(DeterminismViolationError);
  });

  test('are by one that takes the same other step behind a patch', async () => {
    expect(await replayByName(await bundleOf('changed-patched.ts'), readStoredHistories())).toEqual({});
  });
});
