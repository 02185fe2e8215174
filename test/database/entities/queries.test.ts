import { beforeEach, describe, expect, test } from 'vitest';
import { findBrokenLifeCycles, unsettledEntities } from '../../../src/database/audits/broken-life-cycles.ts';
import { readAuditHistory } from '../../../src/database/audits/entity-history.ts';
import {
  anyAuditDecidedLately,
  readJudgedDocuments,
  rememberJudgedDocument,
  requestsPerCleanAudit,
  summarizeOutcomes,
} from '../../../src/database/audits/past-audits.ts';
import { beginAudit } from '../../../src/database/entities/begin-audit.ts';
import { countByStatus } from '../../../src/database/entities/count-by-status.ts';
import { releaseEntity } from '../../../src/database/entities/release-entity.ts';
import { createTestDatabase } from '../../support/database.ts';
import {
  addAuditEntity,
  addEvent,
  audit,
  begin,
  clean,
  endEvent,
  finding,
  index,
  repair,
  review,
  setEventState,
  settings,
} from './support.ts';

const { db } = await createTestDatabase();
beforeEach(async () => {
  await db.query('truncate artwork_reconciler.audit_entity cascade');
  await db.query('truncate artwork_indexer.event_queue cascade');
});

test('outcomes: how many entities ended where, and how many of the clean ones were mended first', async () => {
  const fine = await addAuditEntity(db);
  const mended = await addAuditEntity(db);
  const reported = await addAuditEntity(db);
  const orphan = await addAuditEntity(db);
  const strange = await addAuditEntity(db);
  await addAuditEntity(db);
  await audit(db, fine, clean);
  const { eventIds } = await audit(db, mended, repair([index(mended)]));
  await endEvent(db, { eventId: eventIds[0]!, entityType: 'release', gids: [mended.gid] }, 'completed');
  await audit(db, mended, clean);
  await audit(db, reported, repair([index(reported)]), 'report');
  await audit(db, reported, clean);
  await audit(db, orphan, { ...clean, decision: 'legacy' });
  await audit(db, strange, review(finding('item.dark', 'review')));

  expect(await summarizeOutcomes(db)).toEqual({ audited: 5, clean: 3, repaired: 1, manualReview: 1, legacy: 1 });
  expect(await countByStatus(db)).toMatchObject({
    unchecked: 1,
    clean: 3,
    manual_review: 1,
    legacy: 1,
    repair_queue: 0,
  });
  expect(await requestsPerCleanAudit(db)).toEqual({ metadata: 1, ws: 1 });
});

test('what is not settled is named, with the reason of its last audit', async () => {
  const waiting = await addAuditEntity(db);
  const repairing = await addAuditEntity(db);
  await audit(db, await addAuditEntity(db), clean);
  await audit(db, repairing, repair([index(repairing)]));
  const { runId } = await begin(db, waiting);
  const back = { entityId: waiting.id, runId, cause: 'settling', reason: '2 tasks are outstanding' } as const;
  await releaseEntity(db, back, settings);
  expect(await unsettledEntities(db, { limit: 10 })).toMatchObject([
    { gid: waiting.gid, status: 'unchecked', dueCause: 'settling', lastReason: '2 tasks are outstanding' },
    { gid: repairing.gid, status: 'repair_queue', lastReason: null },
  ]);
});

test('an entity’s history is paged, the newest first', async () => {
  const key = await addAuditEntity(db);
  const ids: number[] = [];
  for (let n = 0; n < 3; n++) ids.unshift((await audit(db, key, clean)).auditId);
  const [newest] = await readAuditHistory(db, key.id, { limit: 1 });
  const rest = await readAuditHistory(db, key.id, { limit: 10, beforeId: newest!.id });
  expect([newest!.id, ...rest.map(({ id }) => id)]).toEqual(ids);
});

test('whether anything was decided lately doesn’t count what was released, nor what is long ago', async () => {
  const key = await addAuditEntity(db);
  const { runId } = await begin(db, key);
  await releaseEntity(db, { entityId: key.id, runId, cause: 'unreadable', reason: 'timeout' }, settings);
  expect(await anyAuditDecidedLately(db, 60)).toBe(false);
  await audit(db, key, clean);
  expect(await anyAuditDecidedLately(db, 60)).toBe(true);
  await db.query(`update artwork_reconciler.audit set decided_at = now() - interval '61 minutes'`);
  expect(await anyAuditDecidedLately(db, 60)).toBe(false);
});

test('the judgement of a document is remembered: the latest of each file', async () => {
  const { id } = await addAuditEntity(db);
  const differences = [{ check: 'index.value', subject: 'image 1: comment', expected: 'a', found: 'b', artworkId: 1 }];
  const judged = { fileName: 'index.json', md5: 'm1', expectation: 'e1', differences };
  await rememberJudgedDocument(db, id, judged);
  await rememberJudgedDocument(db, id, judged);
  expect(await readJudgedDocuments(db, id)).toEqual([judged]);
  const later = { ...judged, md5: 'm2', differences: [] };
  await rememberJudgedDocument(db, id, later);
  expect(await readJudgedDocuments(db, id)).toEqual([later]);
});

describe('life cycles', () => {
  test('are whole in every status that has its way out', async () => {
    const key = () => addAuditEntity(db);
    await key();
    await addAuditEntity(db, { due_at: '2999-01-01', due_cause: 'settling' });
    await audit(db, await key(), clean);
    await audit(db, await key(), review(finding('item.dark', 'review')));
    await begin(db, await key());
    await beginAudit(db, { key: await key(), workflowId: null, runId: 'shell', how: 'operator' });
    const repairing = await key();
    await audit(db, repairing, repair([index(repairing)]));
    await addEvent(db, { key: await key(), state: 'running' });
    expect(await findBrokenLifeCycles(db, { isRunning: async () => true })).toEqual([]);
  });

  test('are broken where nothing will ever move a row on, and each is named', async () => {
    const inNobodysHand = await addAuditEntity(db, { status: 'audit_in_progress' });
    const withoutReview = await addAuditEntity(db, { status: 'manual_review' });
    const withoutRepairs = await addAuditEntity(db);
    const { eventIds } = await audit(db, withoutRepairs, repair([index(withoutRepairs)]));
    await setEventState(db, eventIds[0]!, 'completed');
    const cleanInReview = await addAuditEntity(db);
    await audit(db, cleanInReview, review(finding('item.dark', 'review')));
    await db.query(`update artwork_reconciler.audit_entity set status = 'clean' where id = $1`, [cleanInReview.id]);
    const abandoned = await addAuditEntity(db);
    await begin(db, abandoned);
    const parent = await addEvent(db, { key: abandoned, state: 'failed' });
    const child = await addEvent(db, { key: abandoned });
    await db.query(`update artwork_indexer.event_queue set depends_on = array[$2::bigint] where id = $1`, [
      child,
      parent,
    ]);

    const broken = await findBrokenLifeCycles(db, { isRunning: async () => false });

    const problemOf = (subject: string) => broken.find((each) => each.subject === subject)?.problem;
    expect(broken).toHaveLength(6);
    expect(problemOf(`release ${inNobodysHand.gid}`)).toContain('claimed by nobody');
    expect(problemOf(`release ${withoutReview.gid}`)).toContain('no open review');
    expect(problemOf(`release ${withoutRepairs.gid}`)).toContain('none of them is queued or running');
    expect(problemOf(`release ${cleanInReview.gid}`)).toContain('has an open review');
    expect(problemOf(`release ${abandoned.gid}`)).toContain('is not running');
    expect(problemOf(`event ${child}`)).toContain(`event ${parent}`);
  });
});
