import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { readCanarySummary } from '../../src/database/pace/canary.ts';
import { changeMode, readMode } from '../../src/database/pace/mode.ts';
import { changeIndexImage } from '../../src/simulator/drift/documents.ts';
import { addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import type { StoredEntity } from '../../src/simulator/musicbrainz/specs.ts';
import { runCommand } from '../commands/run-command.ts';
import { entityNow, makeDue, seedItem } from '../support/audits.ts';
import { type Deployment, startDeployment } from '../support/deployment.ts';
import { patience } from '../support/patience.ts';

let deployment: Deployment;
beforeAll(async () => {
  deployment = await startDeployment({ settings: { AUDIT_MODE: 'report' } });
});
afterAll(() => deployment.stop());

test('two workers repair as many entities as a canary has, then report again and say what has come of them', async () => {
  const { db, environment } = deployment;
  const configured = { mode: 'report' } as const;
  const drifted: StoredEntity[] = [];
  for (let n = 0; n < 5; n++) {
    const release = await addRelease(db, { images: 1 });
    await seedItem(deployment, release, (plan) =>
      changeIndexImage(plan, 0, (image) => ({ ...image, comment: 'as it was' })),
    );
    drifted.push(release);
  }
  await changeMode(db, configured, { mode: 'repair', canary: 3, by: { actor: 'ida', note: 'a few first' } });
  await makeDue(db, drifted);
  await Promise.all([deployment.startWorker(), deployment.startWorker()]);

  await vi.waitFor(async () => {
    expect(await readCanarySummary(db)).toMatchObject({
      entities: 3,
      remaining: 0,
      repaired: 3,
      clean: 3,
      events: { completed: 3, failed: 0, open: 0 },
    });
    const states: string[] = [];
    for (const release of drifted) {
      const { status, dueCause } = await entityNow(db, release);
      states.push(`${status} ${dueCause}`);
    }
    // The others were found, and wait for repair mode.
    const [repaired, waiting] = ['clean null', 'unchecked report_mode'];
    expect(states.toSorted()).toEqual([repaired, repaired, repaired, waiting, waiting]);
  }, patience);
  expect(await readMode(db, configured)).toMatchObject({ mode: 'report', setBy: 'ida', canary: null });
  const { stdout } = await runCommand(['schedule', 'show'], environment);
  expect(stdout).toMatch(
    /^canary +3 of 3 entities repaired \(begun by ida, .+ ago\), ended .+ ago\)\): 3 clean; events: 3 completed, 0 failed, 0 open$/m,
  );
  const { rows } = await db.query(
    `select action, after, note from artwork_reconciler.operator_action where target = 'mode' order by id`,
  );
  expect(rows).toEqual([
    { action: 'set mode', after: { mode: 'repair', canary: 3 }, note: 'a few first' },
    { action: 'set mode', after: { mode: 'report' }, note: 'the canary of 3 entities has had its repairs queued' },
  ]);
});
