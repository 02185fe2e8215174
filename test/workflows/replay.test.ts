import { DeterminismViolationError } from '@temporalio/workflow';
import { beforeAll, describe, expect, test } from 'vitest';
import * as workflows from '../../src/workflows/index.ts';
import { replay } from '../support/replay.ts';
import { workflowBundlePath } from '../support/workflow-bundle.ts';
import { bundleOf } from './changed-bundles.ts';
import { recordHistories } from './record-histories.ts';
import { readStoredHistories, type StoredHistory } from './stored-histories.ts';

/*
 * Workflows that are running while a deployment is updated go on with the new code: it must take every step that their
 * histories have. Where a change of the steps is meant, patch the workflow (patched()), or, before the first release
 * and where nothing runs, record the histories anew: RECORD_HISTORIES=1 npx vitest run test/workflows/replay.test.ts
 */

beforeAll(async () => {
  if (process.env.RECORD_HISTORIES) await recordHistories();
}, 120_000);

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

describe('the stored histories', () => {
  test('have one of every workflow', () => {
    const types = new Set(readStoredHistories().map(typeOf));
    expect([...types].sort()).toEqual(Object.keys(workflows).sort());
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
