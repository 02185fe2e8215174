import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { readAuditHistory } from '../../src/database/audits/entity-history.ts';
import { type EntityType, entityTypes } from '../../src/domain/entity.ts';
import { type DriftCase, type Outcome, statusOf } from '../../src/simulator/drift/drift-kind.ts';
import { addDrift, driftKinds } from '../../src/simulator/drift/seed-demo.ts';
import { entityNow, makeDue } from '../support/audits.ts';
import { type Deployment, startDeployment } from '../support/deployment.ts';
import { expectSoundEnd } from '../support/end-of-test.ts';
import { patience } from '../support/patience.ts';

const kinds = driftKinds.flatMap(({ name, entityTypes: types }) => types.map((entityType) => ({ name, entityType })));

/** All are audited side by side, so whichever is looked at first waits for nearly all of them. Milliseconds. */
const untilAllEnd = { ...patience, timeout: 3 * patience.timeout };
vi.setConfig({ testTimeout: 4 * patience.timeout });

let deployment: Deployment;
const cases = new Map<string, readonly DriftCase[]>();

/** All kinds at once, fed as an import would feed them: the pacer audits them, side by side, in repair mode. */
beforeAll(async () => {
  deployment = await startDeployment({ settings: { EVENTS_CONCURRENCY: '8' } });
  const { db, simulator } = deployment;
  for (const { name, entityType } of kinds) {
    const made = await addDrift(db, simulator.archive, name, { entityType, seed: 'audits' });
    cases.set(`${name} ${entityType}`, made);
  }
  await makeDue(db, [...cases.values()].flat());
  await deployment.startWorker();
});
afterAll(() => deployment.stop());

describe.each(entityTypes)('of a %s', (entityType: EntityType) => {
  const ofType = kinds.filter((kind) => kind.entityType === entityType);
  test.each(ofType)('$name ends as it says', async ({ name }) => {
    for (const entity of cases.get(`${name} ${entityType}`)!) {
      await vi.waitFor(async () => expect(await statusNow(entity)).toBe(statusOf(entity.outcome)), untilAllEnd);
      expect(await outcomeOf(entity)).toBe(entity.outcome);
      await expectReasons(entity);
    }
  });
});

test('when all have ended, no row is stuck, no original is lost, and nothing was sent that is not decent', async () => {
  await expectSoundEnd(deployment);
});

test('what was found in step was not written to', async () => {
  const { simulator } = deployment;
  const written = new Set(
    simulator
      .requestLog()
      .filter(({ method }) => method !== 'GET')
      .map(({ url }) => /mbid-([0-9a-f-]{36})\//.exec(url)?.[1]),
  );
  const inStep = [...cases.values()].flat().filter(({ outcome }) => outcome === 'clean');
  expect(inStep.filter(({ gid }) => written.has(gid))).toEqual([]);
});

async function statusNow(entity: DriftCase): Promise<string> {
  return (await entityNow(deployment.db, entity)).status;
}

/** `repaired` is clean after events that name it; what was in step from the start has none. */
async function outcomeOf(entity: DriftCase): Promise<Outcome> {
  const status = (await statusNow(entity)) as Outcome;
  if (status !== 'clean') return status;
  const { rows } = await deployment.db.query(
    `select from artwork_indexer.event_queue
     where state = 'completed' and (message->>'gid' = $1 or message->>'new_gid' = $1)`,
    [entity.gid],
  );
  return rows.length > 0 ? 'repaired' : 'clean';
}

/** Whoever waits for a person has one open review with reasons, and nothing was queued for it by that audit. */
async function expectReasons(entity: DriftCase): Promise<void> {
  const { db } = deployment;
  const { rows } = await db.query<{ review_reason: string }>(
    `select review_reason from artwork_reconciler.needs_manual_review review
     join artwork_reconciler.audit_entity entity on entity.id = review.audit_entity_id
     where review.status = 'open' and gid = $1`,
    [entity.gid],
  );
  expect(rows).toHaveLength(entity.outcome === 'manual_review' ? 1 : 0);
  const [last] = await readAuditHistory(db, (await entityNow(db, entity)).id, { limit: 1 });
  expect(last?.decision).toBe(statusOf(entity.outcome));
  expect(last?.repairs).toEqual([]);
}
