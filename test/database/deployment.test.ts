import { beforeEach, describe, expect, test } from 'vitest';
import { claimEvent } from '../../src/database/attempts/claim-event.ts';
import { openDatabase } from '../../src/database/connection.ts';
import { beginAudit } from '../../src/database/entities/begin-audit.ts';
import { claimPacedBatch } from '../../src/database/entities/claims.ts';
import { readIdentity, requireIdentity } from '../../src/database/schema/deployment.ts';
import { adoptDatabase, noteScannedSince, readRestoredAsOf } from '../../src/database/ingest/adopt.ts';
import { migrateUp } from '../../src/database/schema/migrate.ts';
import { createEmptyDatabase, createTestDatabase } from '../support/database.ts';
import { addAuditEntity, addEvent, entityNow } from './entities/support.ts';
import { settings } from './queue/queue.ts';

const ida = { actor: 'ida', note: 'a trial' };

const database = await createTestDatabase();
const { db } = database;
beforeEach(async () => {
  await adoptDatabase(db, { isMoved: false, restoredAsOf: null, by: ida });
  await db.query('delete from artwork_reconciler.operator_action');
});

const deploymentRow = async () =>
  (await db.query<Record<string, unknown>>('select * from artwork_reconciler.deployment')).rows[0]!;

test('migrating makes an identity that is the database’s own, and stays', async () => {
  const { url } = await createEmptyDatabase();
  await migrateUp({ connectionString: url });
  const own = openDatabase({ connectionString: url });
  const identity = await readIdentity(own);
  expect(identity).toEqual({
    id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
    database: new URL(url).pathname.slice(1),
  });
  await migrateUp({ connectionString: url });
  expect(await readIdentity(own)).toEqual(identity);
  expect(identity.id).not.toBe((await readIdentity(db)).id);
  await own.close();
});

// As a restored dump and a clone have it, and a server that pg_upgrade or another initdb made.
describe.each([
  ['under another name', 'database_oid = database_oid::int8 + 1'],
  ['on another server', `system_identifier = '7'`],
])('a copy %s', (_where, changed) => {
  test('is noticed, and says what to do', async () => {
    await db.query(`update artwork_reconciler.deployment set ${changed}`);
    await expect(readIdentity(db)).rejects.toThrow(/is a copy: .*`artwork-reconciler adopt`.*`adopt --moved`/);
  });

  test('is a deployment of its own once it is adopted, with a record', async () => {
    const { id } = await readIdentity(db);
    await db.query(`update artwork_reconciler.deployment set ${changed}`);
    const { identity } = await adoptDatabase(db, { isMoved: false, restoredAsOf: null, by: ida });
    expect(identity.id).not.toBe(id);
    expect(await readIdentity(db)).toEqual(identity);
    const { rows } = await db.query(
      'select actor, action, target, before, note from artwork_reconciler.operator_action',
    );
    expect(rows).toMatchObject([
      { actor: 'ida', action: 'adopt database', target: 'deployment', before: { identity: id }, note: 'a trial' },
    ]);
  });

  test('is the same deployment where it was moved', async () => {
    const { id } = await readIdentity(db);
    await db.query(`update artwork_reconciler.deployment set ${changed}`);
    await adoptDatabase(db, { isMoved: true, restoredAsOf: null, by: ida });
    expect((await readIdentity(db)).id).toBe(id);
  });
});

test('a server that doesn’t show its identifier is told by the database’s number alone', async () => {
  await db.query('update artwork_reconciler.deployment set system_identifier = null');
  expect((await readIdentity(db)).id).toBe((await deploymentRow())['identity']);
});

test('who works for another database is refused, with both named', async () => {
  const own = await readIdentity(db);
  const other = { id: '11111111-1111-4111-8111-111111111111', database: 'their_db' };
  expect(await requireIdentity(db, own)).toEqual(own);
  expect(await requireIdentity(db, null)).toEqual(own);
  const refused = requireIdentity(db, other);
  await expect(refused).rejects.toThrow(`database their_db (deployment ${other.id})`);
  await expect(refused).rejects.toThrow(`database ${own.database} (deployment ${own.id})`);
});

test('no event and no audit of another database is begun here', async () => {
  const other = { id: '11111111-1111-4111-8111-111111111111', database: 'their_db' };
  const key = await addAuditEntity(db);
  const begun = { workflowId: `audit-release-${key.gid}`, runId: 'run', served: other };
  const eventId = await addEvent(db, { key });
  expect(await claimEvent(db, { ...begun, eventId }, settings)).toMatchObject({
    kind: 'not_claimed',
    reason: expect.stringContaining('their_db') as string,
  });
  await db.transaction((tx) => claimPacedBatch(tx, { shares: [{ count: 10, entityTypes: null }] }));
  expect(await beginAudit(db, { ...begun, key, how: 'paced' })).toMatchObject({
    kind: 'refused',
    reason: expect.stringContaining('their_db') as string,
  });
});

test('a restored database: what events name that changed since its dump is due; what is in other hands is not', async () => {
  const dumpedAt = new Date(Date.now() - 3600_000);
  const clean = { status: 'clean', priority: 10 };
  const [changed, ended, before, inReview] = [
    await addAuditEntity(db, clean),
    await addAuditEntity(db, clean),
    await addAuditEntity(db, clean),
    await addAuditEntity(db, { status: 'manual_review' }),
  ];
  const longAgo = async (id: number) =>
    db.query(
      `update artwork_indexer.event_queue set created = now() - interval '3 hours', last_updated = now() - interval '2 hours' where id = $1`,
      [id],
    );
  await addEvent(db, { key: changed });
  await longAgo(await addEvent(db, { key: before, state: 'completed' }));
  const lately = await addEvent(db, { key: ended, state: 'completed' });
  await db.query(`update artwork_indexer.event_queue set created = now() - interval '3 hours' where id = $1`, [lately]);
  await addEvent(db, { key: inReview });
  const unknown = '99999999-9999-4999-8999-999999999999';
  await addEvent(db, { key: { ...changed, gid: unknown } });
  const { madeDue } = await adoptDatabase(db, { isMoved: true, restoredAsOf: dumpedAt, by: ida });
  expect(madeDue).toBe(3);
  const due = { status: 'unchecked', dueAt: null, priority: 100 };
  expect(await entityNow(db, changed)).toMatchObject(due);
  expect(await entityNow(db, ended)).toMatchObject(due);
  expect(await entityNow(db, before)).toMatchObject({ status: 'clean' });
  expect(await entityNow(db, inReview)).toMatchObject({ status: 'manual_review' });
  const { rows } = await db.query('select status from artwork_reconciler.audit_entity where gid = $1', [unknown]);
  expect(rows).toEqual([{ status: 'unchecked' }]);
});

describe('the moment of a restored database’s dump', () => {
  const [earlier, later] = [new Date('2026-01-31T12:00:00Z'), new Date('2026-02-01T12:00:00.001Z')];
  const restore = (restoredAsOf: Date | null, isMoved = true) => adoptDatabase(db, { isMoved, restoredAsOf, by: ida });
  const moments = () => Promise.all([readRestoredAsOf(db, 'coverartarchive'), readRestoredAsOf(db, 'eventartarchive')]);

  test('is kept until both collections were gone through', async () => {
    expect(await moments()).toEqual([null, null]);
    await restore(later);
    expect(await moments()).toEqual([later, later]);
    await noteScannedSince(db, 'coverartarchive', later);
    await noteScannedSince(db, 'coverartarchive', later);
    expect(await moments()).toEqual([null, later]);
    await noteScannedSince(db, 'eventartarchive', later);
    expect(await moments()).toEqual([null, null]);
    expect(await deploymentRow()).toMatchObject({ restored_as_of: null, unscanned: [] });
  });

  test('stays the earlier one of two restores, and a scan by the later one doesn’t end it', async () => {
    await restore(later);
    await noteScannedSince(db, 'coverartarchive', later);
    await restore(earlier);
    await restore(later);
    await noteScannedSince(db, 'coverartarchive', later);
    expect(await moments()).toEqual([earlier, earlier]);
  });

  test('stays where the database is moved once more, and is gone where it becomes another deployment', async () => {
    await restore(later);
    await restore(null);
    expect(await moments()).toEqual([later, later]);
    await restore(null, false);
    expect(await moments()).toEqual([null, null]);
  });
});
