import { describe, expect, test } from 'vitest';
import { readAuditHistory } from '../../../src/database/audits/entity-history.ts';
import { beginAudit } from '../../../src/database/entities/begin-audit.ts';
import { decideAudit } from '../../../src/database/audits/decide-audit.ts';
import { releaseEntity } from '../../../src/database/entities/release-entity.ts';
import { createTestDatabase } from '../../support/database.ts';
import {
  addAuditEntity,
  addEvent,
  audit,
  begin,
  clean,
  decideAs,
  entityNow,
  eventsOf,
  finding,
  index,
  repair,
  review,
  settings,
  someoneWaits,
  statusOf,
} from './support.ts';
import { listReviews } from '../../support/lists.ts';

const { db } = await createTestDatabase();

describe('a decision', () => {
  test.each(['clean', 'legacy'] as const)('of %s ends the audit, at the usual priority', async (decision) => {
    const key = await addAuditEntity(db, { priority: 1000 });
    const { auditId } = await audit(db, key, { ...clean, decision });
    expect(await entityNow(db, key)).toMatchObject({ status: decision, priority: 100, claim: null, dueAt: null });
    expect((await entityNow(db, key)).lastAuditAt).not.toBeNull();
    expect(await readAuditHistory(db, key.id, { limit: 10 })).toMatchObject([
      { id: auditId, decision, identity: 'live', mode: 'repair', requests: { metadata: 1, ws: 1 }, repairs: [] },
    ]);
  });

  test('to repair queues the events in dependency order, and remembers them beyond their rows', async () => {
    const key = await addAuditEntity(db, { priority: 200 });
    const deletion = {
      entityType: key.entityType,
      action: 'delete_image',
      message: { gid: key.gid, artwork_id: 12345678901, suffix: 'jpg' },
      dependsOn: [],
    } as const;
    const { eventIds } = await audit(db, key, repair([deletion, index(key, 0)]));

    expect(await entityNow(db, key)).toMatchObject({ status: 'repair_queue', priority: 200, repairs: 1 });
    expect(await eventsOf(db, key)).toEqual([
      { id: eventIds[0], state: 'queued', action: 'delete_image', depends_on: null },
      { id: eventIds[1], state: 'queued', action: 'index', depends_on: [eventIds[0]] },
    ]);
    await db.query(`delete from artwork_indexer.event_queue where id = any ($1)`, [eventIds]);
    const [latest] = await readAuditHistory(db, key.id, { limit: 1 });
    expect(latest!.repairs).toEqual([
      { eventId: eventIds[0], action: 'delete_image', message: deletion.message, dependsOn: [], state: null },
      { eventId: eventIds[1], action: 'index', message: { gid: key.gid }, dependsOn: [0], state: null },
    ]);
  });

  test('to repair waits for an event that is queued already, instead of a second one', async () => {
    const key = await addAuditEntity(db);
    const queued = await addEvent(db, { key });
    const { eventIds } = await audit(db, key, repair([index(key)]));
    expect(eventIds).toEqual([queued]);
    expect(await eventsOf(db, key)).toHaveLength(1);
  });

  test('for review opens one review that names all reasons, and queues nothing', async () => {
    const key = await addAuditEntity(db);
    await audit(
      db,
      key,
      review(finding('files.image', 'review'), finding('item.dark', 'review'), finding('index.value', 'index')),
    );
    expect(await statusOf(db, key)).toBe('manual_review');
    expect(await eventsOf(db, key)).toEqual([]);
    const reviews = await listReviews(db, { entityId: key.id, limit: 10 });
    expect(reviews).toHaveLength(1);
    expect(reviews[0]).toMatchObject({
      status: 'open',
      reasons: [
        { check: 'files.image', evidence: 'evidence of files.image', count: 1 },
        { check: 'item.dark', evidence: 'evidence of item.dark', count: 1 },
      ],
    });
    expect(reviews[0]!.reviewReason.split('\n')).toHaveLength(2);
  });

  test('that is none is refused, and so is a repair without repairs', async () => {
    const key = await addAuditEntity(db);
    const held = await begin(db, key);
    await expect(decideAs(db, held, { ...clean, decision: 'not_now', reason: 'later' })).rejects.toThrow(RangeError);
    await expect(decideAs(db, held, repair([]))).rejects.toThrow(RangeError);
    expect(await statusOf(db, key)).toBe('audit_in_progress');
  });
});

describe('a decision whose basis has changed', () => {
  test('is thrown away and counted; the audit keeps the entity', async () => {
    const key = await addAuditEntity(db);
    const held = await begin(db, key);
    expect(await decideAs(db, held, repair([index(key)]), { fingerprint: 'as it was' })).toEqual({
      kind: 'stale',
      discards: 1,
    });
    expect(await eventsOf(db, key)).toEqual([]);
    expect(await statusOf(db, key)).toBe('audit_in_progress');
    expect(await readAuditHistory(db, key.id, { limit: 10 })).toEqual([]);
    expect(await decideAs(db, held, clean, { fingerprint: 'as it was later' })).toEqual({ kind: 'stale', discards: 2 });
    // Begun again by the same run, it is still the same audit.
    await beginAudit(db, { key, workflowId: null, runId: held.runId, how: 'operator' });
    expect(await decideAs(db, held, clean, { fingerprint: 'as it was last' })).toEqual({ kind: 'stale', discards: 3 });
  });

  test('is counted once when the step is repeated', async () => {
    const key = await addAuditEntity(db);
    const held = await begin(db, key);
    await decideAs(db, held, clean, { fingerprint: 'as it was' });
    expect(await decideAs(db, held, clean, { fingerprint: 'as it was' })).toEqual({ kind: 'stale', discards: 1 });
  });

  test('and that is none yet is thrown away as well; on an unchanged basis nothing comes of it', async () => {
    const key = await addAuditEntity(db);
    const held = await begin(db, key);
    const none = { ...held, identity: 'live', startedAt: new Date(), requests: {}, mode: 'repair' } as const;
    const judge = async () => ({ fingerprint: 'as it is', decision: null });
    const of = async (fingerprint: string) => decideAudit(db, { ...none, fingerprint, judge }, settings);
    expect(await of('as it was')).toEqual({ kind: 'stale', discards: 1 });
    expect(await of('as it is')).toEqual({ kind: 'undecided' });
    expect(await statusOf(db, key)).toBe('audit_in_progress');
    expect(await readAuditHistory(db, key.id, { limit: 10 })).toEqual([]);
  });

  test.each([
    ['what a person no longer lets stand', ['x'], []],
    ['what a person lets stand now', [], ['x']],
    ['what a person lets stand besides', ['x'], ['x', 'y']],
  ])('by a person’s word on a finding is thrown away, too: %s', async (_, before, now) => {
    const key = await addAuditEntity(db);
    const held = await begin(db, key);
    await db.query(
      `with review as (
         insert into artwork_reconciler.needs_manual_review
           (audit_entity_id, review_reason, status, reasons, evidence, resolution_notes, resolved_at, resolved_by)
         values ($1, 'x', 'wont_fix', '[]', $2, 'as it was scanned', now(), 'ida') returning id
       )
       insert into artwork_reconciler.wont_fix_evidence (audit_entity_id, evidence, review_id)
       select $1, told, review.id from review, unnest($2::text[]) as told`,
      [key.id, now],
    );
    const answer = await decideAudit(
      db,
      {
        entityId: key.id,
        runId: held.runId,
        identity: 'live',
        fingerprint: 'same',
        judge: async () => ({ fingerprint: 'same', decision: clean }),
        wontFixEvidence: before,
        startedAt: new Date(),
        requests: {},
        mode: 'repair',
      },
      settings,
    );
    expect(answer).toMatchObject({ kind: 'stale' });
  });

  test('sees what was committed while it waited for the entity', async () => {
    const key = await addAuditEntity(db);
    const held = await begin(db, key);
    let current = 'before';
    let deciding: Promise<unknown> | undefined;
    await db.transaction(async (tx) => {
      await tx.query('select from artwork_reconciler.audit_entity where id = $1 for update', [key.id]);
      deciding = decideAudit(
        db,
        {
          entityId: key.id,
          runId: held.runId,
          identity: 'live',
          fingerprint: 'before',
          judge: async () => ({ fingerprint: current, decision: clean }),
          startedAt: new Date(),
          requests: {},
          mode: 'repair',
        },
        settings,
      );
      await someoneWaits(db);
      current = 'after';
    });
    expect(await deciding).toMatchObject({ kind: 'stale' });
  });
});

describe('the fence', () => {
  test('a run that lost its claim decides nothing', async () => {
    const key = await addAuditEntity(db);
    const lost = await begin(db, key);
    await db.query(`update artwork_reconciler.audit_entity set status = 'unchecked' where id = $1`, [key.id]);
    const holder = await begin(db, key);
    expect(await decideAs(db, lost, repair([index(key)]))).toEqual({ kind: 'not_ours' });
    expect(await eventsOf(db, key)).toEqual([]);
    expect(await decideAs(db, holder, clean)).toMatchObject({ kind: 'decided', status: 'clean' });
    expect(await decideAs(db, lost, repair([index(key)]))).toEqual({ kind: 'not_ours' });
    expect(await statusOf(db, key)).toBe('clean');
  });

  test('the same run may decide again, side by side or later: it is decided once', async () => {
    const key = await addAuditEntity(db);
    const held = await begin(db, key);
    const decide = () => decideAs(db, held, repair([index(key)]));
    const [one, other] = await Promise.all([decide(), decide()]);
    expect(one).toMatchObject({ kind: 'decided', status: 'repair_queue' });
    expect(other).toEqual(one);
    expect(await decide()).toEqual(one);
    expect(await eventsOf(db, key)).toHaveLength(1);
    expect(await readAuditHistory(db, key.id, { limit: 10 })).toHaveLength(1);
    expect((await entityNow(db, key)).repairs).toBe(1);
  });

  test('the same run gets its events again in the order of their repairs, wherever their rows lie', async () => {
    const key = await addAuditEntity(db);
    const queued = await addEvent(db, { key });
    const held = await begin(db, key);
    const deletion = { action: 'delete_image', message: { gid: key.gid, artwork_id: 1, suffix: 'jpg' } } as const;
    const first = { entityType: key.entityType, ...deletion, dependsOn: [] };
    const decide = () => decideAs(db, held, repair([first, index(key), { ...first, ...other }]));
    const other = { message: { ...deletion.message, artwork_id: 2 } };
    const decided = await decide();
    expect(decided).toMatchObject({ eventIds: [expect.any(Number), queued, expect.any(Number)] });
    // What is updated lies behind the others; a table that is known to be small is read as it lies.
    await db.query('update artwork_reconciler.audit_repair set event_id = event_id where position = 0');
    await db.query('analyze artwork_reconciler.audit_repair');
    expect(await decide()).toEqual(decided);
  });

  test('the same run that decided in report mode gets the same answer, which names no event', async () => {
    const other = await addAuditEntity(db);
    await audit(db, other, repair([index(other)]));
    const key = await addAuditEntity(db);
    const held = await begin(db, key);
    const decide = () => decideAs(db, held, repair([index(key)]), { mode: 'report' });
    const first = await decide();
    expect(first).toMatchObject({ kind: 'decided', status: 'unchecked', eventIds: [] });
    expect(await decide()).toEqual(first);
  });

  test('a run that gave the entity back decides nothing', async () => {
    const key = await addAuditEntity(db);
    const held = await begin(db, key);
    await releaseEntity(db, { entityId: key.id, runId: held.runId, cause: 'unreadable', reason: '503' }, settings);
    expect(await decideAs(db, held, clean)).toEqual({ kind: 'not_ours' });
  });

  test('a run whose entity was set to something else by hand decides nothing', async () => {
    const key = await addAuditEntity(db);
    const held = await begin(db, key);
    await db.query(`update artwork_reconciler.audit_entity set status = 'manual_review' where id = $1`, [key.id]);
    expect(await decideAs(db, held, clean)).toEqual({ kind: 'not_ours' });
    expect(await statusOf(db, key)).toBe('manual_review');
  });

  test('a crash in the middle leaves nothing behind, and the step can be repeated', async () => {
    const key = await addAuditEntity(db);
    const held = await begin(db, key);
    // The second repair depends on one that doesn't come before it: writing fails after the first was queued.
    await expect(decideAs(db, held, repair([index(key), index({ ...key, gid: held.runId }, 7)]))).rejects.toThrow();
    expect(await eventsOf(db, key)).toEqual([]);
    expect(await readAuditHistory(db, key.id, { limit: 10 })).toEqual([]);
    expect(await statusOf(db, key)).toBe('audit_in_progress');
    expect(await decideAs(db, held, repair([index(key)]))).toMatchObject({ kind: 'decided' });
  });
});

describe('consecutive repairs', () => {
  test('count by check; a check that finds nothing any more is out of the row', async () => {
    const key = await addAuditEntity(db);
    const again = async (...checks: string[]) => {
      await db.query(`update artwork_reconciler.audit_entity set status = 'unchecked' where id = $1`, [key.id]);
      await audit(
        db,
        key,
        repair([index(key)], ...checks.map((check) => finding(check, 'index')), finding('files.thumbnail', 'report')),
      );
      const { rows } = await db.query<{ repaired_checks: unknown }>(
        `select repaired_checks from artwork_reconciler.audit_entity where id = $1`,
        [key.id],
      );
      return rows[0]!.repaired_checks;
    };
    expect(await again('index.value', 'xml.value')).toEqual({ 'index.value': 1, 'xml.value': 1 });
    expect(await again('index.value')).toEqual({ 'index.value': 2 });
    expect(await again('index.value', 'xml.value')).toEqual({ 'index.value': 3, 'xml.value': 1 });
  });
});
