import { createHash } from 'node:crypto';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { auditAndApply, auditHere } from '../../src/activities/audit-here.ts';
import type { Dependencies } from '../../src/activities/dependencies.ts';
import { createDocumentComparisons } from '../../src/activities/document-comparisons.ts';
import { wontFixReview } from '../../src/database/entities/close-review.ts';
import { readExpectedState } from '../../src/database/musicbrainz/expected-state.ts';
import { expectedIndexBytes, type IndexImage } from '../../src/domain/documents/index-document.ts';
import { projects } from '../../src/domain/entity.ts';
import { changeIndexImage } from '../../src/simulator/drift/documents.ts';
import { addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import type { StoredEntity } from '../../src/simulator/musicbrainz/specs.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { program } from '../../src/version.ts';
import { openReviewOf } from '../dashboard/open-review.ts';
import { addAuditEntity } from '../database/entities/support.ts';
import { entityNow, seedItem } from '../support/audits.ts';
import { createTestDatabase } from '../support/database.ts';
import { patience } from '../support/patience.ts';
import { dependenciesAt } from './dependencies-at.ts';

const database = await createTestDatabase();
let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ seed: 1, musicbrainz: database.db });
});
afterEach(() => vi.useRealTimers());

const dependenciesOf = (): Dependencies =>
  dependenciesAt(database, simulator, { S3_CAA_ACCESS: 'caa', S3_CAA_SECRET: 'secret-of-caa' });

const byAurelia = () => ({ actor: 'aurelia', stopped: new AbortController().signal });

test('a review that a person lets stand while the shell audits is let stand by the decision', async () => {
  const { db } = database;
  const dependencies = dependenciesOf();
  const entity = await addRelease(db, { images: 1 });
  await seedItem({ db, simulator }, entity, (plan) => void (plan.dark = true));
  expect(await auditAndApply(dependencies, entity, byAurelia())).toMatchObject({
    audit: { decision: 'manual_review' },
  });
  const reviewId = await openReviewOf(db, (await entityNow(db, entity)).id);

  let looks = 0;
  const clients: Dependencies['clients'] = (options) => {
    const opened = dependencies.clients(options);
    const observe = async (gid: string) => {
      looks += 1;
      if (looks === 1) await wontFixReview(db, { reviewId, actor: 'bertram', note: 'it is to be dark' });
      return opened.reader.observe(gid);
    };
    return { ...opened, reader: { ...opened.reader, observe } };
  };
  expect(await auditAndApply({ ...dependencies, clients }, entity, byAurelia())).toMatchObject({
    audit: { decision: 'clean' },
  });
  expect(looks).toBe(2);
});

/** An entity whose index.json is to be written again. */
async function drifted(): Promise<StoredEntity> {
  const { db } = database;
  const entity = await addRelease(db, { images: 1 });
  const before = (image: IndexImage) => ({ ...image, comment: 'before' });
  await seedItem({ db, simulator }, entity, (plan) => changeIndexImage(plan, 0, before));
  return entity;
}

test.each([
  [0, { decision: 'repair_queue' }],
  [1, { decision: 'not_now', reason: 'the archive has 1 tasks outstanding for the item' }],
])('with %d tasks outstanding at the archive, what an audit without Temporal would do', async (tasks, outcome) => {
  const entity = await drifted();
  // Writes that are accepted, and applied on another day.
  simulator.archive.applySeconds = { min: 86_400, max: 86_400 };
  const { writer } = dependenciesOf().clients();
  for (let n = 0; n < tasks; n += 1) await writer.deleteFile(projects.release, entity.gid, 'index.json');
  expect(await auditHere(dependenciesOf(), entity)).toMatchObject({ ...outcome, requests: { tasks: 1 } });
});

test('what another version of this program judged of a document is judged again', async () => {
  const { db } = database;
  const dependencies = dependenciesOf();
  const entity = await drifted();
  const explainer = createDocumentComparisons(dependencies);
  const entityId = (await addAuditEntity(db, { key: entity })).id;
  const item = await dependencies.clients().reader.observe(entity.gid);
  if (item.kind !== 'present') throw new Error('the item was just put there');
  const document = { md5: null, place: { nodes: item.nodes, dir: item.dir }, heldExtraIds: [] };
  const { md5 } = item.files.find(({ name }) => name === 'index.json')!;
  const downloads = async (): Promise<number> => {
    const { findings, requests } = await explainer.explainIndex(entity, entityId, { ...document, md5 });
    expect(findings).toMatchObject([{ check: 'index.value' }]);
    return requests.download ?? 0;
  };
  expect([await downloads(), await downloads()]).toEqual([1, 0]);

  // The hash of all that the judgement rested on, this version first.
  const expected = await readExpectedState(db, entity);
  const expectationOf = (version: string): string => {
    const hash = createHash('sha256').update(version);
    for (const part of [expectedIndexBytes(expected), '[]']) hash.update(`\n${part.length}\n`).update(part);
    return hash.digest('hex');
  };
  const { rowCount } = await db.query(
    'update artwork_reconciler.judged_document set expectation = $1, differences = $2 where expectation = $3',
    [expectationOf('artwork-reconciler/0.0.1'), '[]', expectationOf(program)],
  );
  expect(rowCount).toBe(1);
  expect(await downloads()).toBe(1);
});

test('a shell renews its claim while it works; one that lost its claim all the same changes nothing', async () => {
  const { db } = database;
  const dependencies = dependenciesOf();
  const entity = await addRelease(db, { images: 1 });
  await seedItem({ db, simulator }, entity);
  Object.assign(simulator.faults, { slow: { items: [`mbid-${entity.gid}`], next: 1 }, slowSeconds: 600 });

  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const answer = auditAndApply(dependencies, entity, byAurelia());
  await vi.waitFor(() => expect(simulator.requestLog()).not.toEqual([]), patience);
  const lapses = async (): Promise<number> => {
    const { rows } = await db.query<{ minutes: number }>(
      `select extract(epoch from claim_expires_at - now())::float8 / 60 as minutes
       from artwork_reconciler.audit_entity where gid = $1`,
      [entity.gid],
    );
    return rows[0]!.minutes;
  };
  expect(await lapses()).toBeGreaterThan(9);
  await db.query(`update artwork_reconciler.audit_entity set claim_expires_at = now() + interval '1 minute'`);
  vi.advanceTimersByTime(60_000);
  await vi.waitFor(async () => expect(await lapses()).toBeGreaterThan(9), patience);

  // As housekeeping does with one that lapsed, while the archive's answer is still to come; none will.
  await db.query(
    `update artwork_reconciler.audit_entity
     set status = 'unchecked', claim_run_id = null, claimed_at = null, claimed_by = null, claim_expires_at = null`,
  );
  await simulator.close();
  expect(await answer).toEqual({ refused: expect.stringContaining('its claim was lost') as string });
  expect(await entityNow(db, entity)).toMatchObject({ status: 'unchecked', lastAuditAt: null });
});
