import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { readAuditHistory } from '../../src/database/audits/entity-history.ts';
import { addWindow, endWindow } from '../../src/database/pace/change-windows.ts';
import { queueIndex } from '../../src/database/queue/queue-event.ts';
import { bytesOf } from '../../src/simulator/content.ts';
import type { FaultSwitch } from '../../src/simulator/archive/faults.ts';
import { itemSeedOf, planItem } from '../../src/simulator/drift/item-plan.ts';
import { addDrift } from '../../src/simulator/drift/seed-demo.ts';
import { addImage, addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import type { StoredEntity } from '../../src/simulator/musicbrainz/specs.ts';
import { auditOf, beginAuditOf, entityNow, seedItem, unpaced } from '../support/audits.ts';
import { type Deployment, goodDay, startDeployment } from '../support/deployment.ts';
import { patience } from '../support/patience.ts';

let deployment: Deployment;

beforeAll(async () => {
  deployment = await startDeployment({
    settings: {
      ...unpaced,
      // It doubles with each answer of that kind.
      ARCHIVE_COOL_DOWN_SECONDS: '0.1',
      AUDIT_MAX_RETURNS: '3',
      AUDIT_QUICK_RETRIES: '1',
      AUDIT_QUICK_RETRY_SECONDS: '0.05',
      AUDIT_MODE: 'report',
      AUDIT_SETTLE_MINUTES: '1',
    },
  });
  await deployment.startWorker();
});
afterEach(() => {
  Object.assign(deployment.simulator.faults, goodDay());
});
afterAll(() => deployment.stop());

/** A release that is in step, but for both documents, which have to be downloaded. */
async function released(): Promise<StoredEntity> {
  const entity = await addRelease(deployment.db, { images: 2 });
  await seedItem(deployment, entity, (plan) => {
    for (const [name, file] of plan.files) {
      if (/\.(json|xml)$/.test(name)) {
        plan.files.set(name, { content: Buffer.from(`${Buffer.from(bytesOf(file.content)).toString('utf8')}\n`) });
      }
    }
  });
  return entity;
}

describe('a fault is never read as absence or difference: the entity is released, without a finding', () => {
  const faults = [
    ['metadata of an error with status 200', 'metadataError', {}],
    ['metadata that is empty for an item that exists', 'emptyMetadata', {}],
    ['a reset', 'connectionReset', { kinds: ['metadata'] }],
    ['an answer that ends early', 'truncated', { kinds: ['metadata'] }],
    ['JSON that is cut', 'cut', { kinds: ['metadata'] }],
    ['a page of HTML in the place of metadata', 'htmlPage', { kinds: ['metadata'] }],
    ['a 503', 'serviceUnavailable', { kinds: ['metadata'] }],
    ['a web service that fails', 'wsError', {}],
    ['XML that is cut', 'cut', { kinds: ['ws'] }],
    ['a page of HTML in the place of XML', 'htmlPage', { kinds: ['ws'] }],
    ['downloads and nodes that fail', 'downloadError+dataNodeError', {}],
  ] as const;
  test.each(faults)('%s', async (_what, names, scope) => {
    const entity = await released();
    const items = [entity.gid, `mbid-${entity.gid}`];
    const faulty: FaultSwitch = { ...scope, items };
    Object.assign(deployment.simulator.faults, Object.fromEntries(names.split('+').map((name) => [name, faulty])));
    const result = await auditOf(deployment, entity);
    expect(result).toMatchObject({ outcome: 'given_back' });
    expect(result.reason).not.toBe('');
    expect(await entityNow(deployment.db, entity)).toMatchObject({ status: 'unchecked' });
    const [last] = await readAuditHistory(deployment.db, (await entityNow(deployment.db, entity)).id, { limit: 1 });
    expect(last).toMatchObject({
      decision: 'not_now',
      findings: [],
      cause: expect.stringMatching(/unreadable$/) as string,
    });

    Object.assign(deployment.simulator.faults, goodDay());
    expect(await auditOf(deployment, entity)).toMatchObject({ outcome: 'clean', findings: [] });
  });
});

test('while indexer events that name it are open it is released until one of them ends', async () => {
  const { db } = deployment;
  const entity = await released();
  const { id } = await db.transaction((tx) => queueIndex(tx, entity));
  await db.query(
    `update artwork_indexer.event_queue set attempts = 1, last_updated = now() + interval '1 hour' where id = $1`,
    [id],
  );
  expect(await auditOf(deployment, entity)).toMatchObject({
    outcome: 'given_back',
    reason: expect.stringContaining(`event ${id}`) as string,
  });
  expect(await entityNow(db, entity)).toMatchObject({ status: 'unchecked', dueCause: 'pending_events', returns: 0 });
  await db.query(`delete from artwork_indexer.event_queue where id = $1`, [id]);
});

test('in a window without audits nothing is asked of the archive; the audit goes on when the window is over', async () => {
  const { db, simulator } = deployment;
  const window = await addWindow(db, {
    order: { kind: 'moments', begins: null, ends: new Date(Date.now() + 3_600_000), daily: false },
    stops: 'audits',
    reason: 'maintenance',
    by: { actor: 'ida' },
  });
  const asked = (entity: StoredEntity) => simulator.requestLog().some(({ url }) => url.includes(entity.gid));
  const keptAudit = async () => {
    const entity = await released();
    expect(await auditOf(deployment, entity)).toMatchObject({
      outcome: 'given_back',
      reason: expect.stringContaining('maintenance') as string,
    });
    return entity;
  };
  let kept: StoredEntity;
  try {
    // Each process looks once a second: one that has not yet seen the window audits as before, and the first audit that
    // the window stops may have asked in a step before.
    await vi.waitFor(keptAudit, patience);
    kept = await keptAudit();
    expect(asked(kept)).toBe(false);
    const waiting = await entityNow(db, kept);
    expect(waiting).toMatchObject({ status: 'unchecked', dueCause: 'window', returns: 0 });
    expect(Math.abs(waiting.dueAt!.getTime() - window.until.getTime())).toBeLessThan(60_000);
  } finally {
    await endWindow(db, { id: window.id, by: { actor: 'ida' } });
    // Nor do the next tests meet a worker that has not yet seen that it is over.
    const next = await released();
    await vi.waitFor(async () => expect(await auditOf(deployment, next)).toMatchObject({ outcome: 'clean' }), patience);
  }
  expect(await auditOf(deployment, kept)).toMatchObject({ outcome: 'clean' });
  expect(asked(kept)).toBe(true);
});

test('an item that changed a moment ago is looked at again, after a durable timer', async () => {
  const { db, simulator } = deployment;
  // Of how long it takes to settle, a slow machine may use up a second or two before it is looked at: then longer.
  let waited = false;
  for (let seconds = 2; !waited; seconds *= 2) {
    const entity = await addRelease(db, { images: 1 });
    const lastUpdated = new Date(Date.now() + (seconds - 60) * 1000);
    simulator.archive.seedItem({ ...itemSeedOf(await planItem(db, entity)), lastUpdated });
    const handle = await beginAuditOf(deployment, entity);
    expect(await handle.result()).toMatchObject({ outcome: 'clean' });
    const { events } = await handle.fetchHistory();
    waited = events?.some((event) => event.timerStartedEventAttributes) ?? false;
  }
});

test('what changes at MusicBrainz while it is audited is judged again, and nothing is decided on the old', async () => {
  const { db, simulator } = deployment;
  const entity = await addRelease(db, { images: 1 });
  await seedItem(deployment, entity);
  simulator.faults.slow = { items: [entity.gid], kinds: ['ws'], next: 1 };
  const handle = await beginAuditOf(deployment, entity);
  const asked = () => simulator.requestLog().some(({ kind, url }) => kind === 'ws' && url.includes(entity.gid));
  await vi.waitFor(() => expect(asked()).toBe(true), patience);
  const image = await addImage(db, entity);
  const result = (await handle.result()) as { outcome: string; findings: { check: string }[] };
  // The image that was added is missed: the decision is about what MusicBrainz has by now.
  expect(result.outcome).toBe('manual_review');
  expect(result.findings.map(({ check }) => check)).toContain('files.image');
  expect(image.id).toBeGreaterThan(0);
});

test('what can never be judged is for a person, who sees why', async () => {
  const { db, simulator } = deployment;
  const entity = await released();
  const other = await released();
  simulator.faults.metadataError = [`mbid-${entity.gid}`];
  let outcome: string = 'given_back';
  for (let back = 0; back < 20 && outcome === 'given_back'; back += 1) {
    // That others can be read just now makes it this item's own trouble.
    await auditOf(deployment, other);
    ({ outcome } = await auditOf(deployment, entity));
  }
  expect(outcome).toBe('manual_review');
  const { rows } = await db.query<{ review_reason: string }>(
    `select review_reason from artwork_reconciler.needs_manual_review review
     join artwork_reconciler.audit_entity entity on entity.id = audit_entity_id where gid = $1`,
    [entity.gid],
  );
  expect(rows[0]?.review_reason).toMatch(/could not be judged.*metadata/);
});

test('in report mode nothing is queued, and what would be is on record', async () => {
  const { db } = deployment;
  const { rows } = await db.query(`select from artwork_indexer.event_queue`);
  expect(rows).toEqual([]);
  const [drifted] = await addDrift(db, deployment.simulator.archive, 'moved_images_left', {
    entityType: 'event',
    seed: 1,
  });
  expect(await auditOf(deployment, drifted!)).toMatchObject({ outcome: 'repair_queue' });
  expect(await entityNow(db, drifted!)).toMatchObject({ status: 'unchecked', dueCause: 'report_mode' });
  expect((await db.query(`select from artwork_indexer.event_queue`)).rows).toEqual([]);
  expect((await db.query(`select from artwork_reconciler.audit_repair where event_id is null`)).rows).not.toEqual([]);
});

test('an audit that is cancelled in Temporal while it waits is released at once', async () => {
  const { db, simulator } = deployment;
  const fresh = await addRelease(db, { images: 1 });
  simulator.archive.seedItem({ ...itemSeedOf(await planItem(db, fresh)), lastUpdated: new Date(Date.now() + 600_000) });
  const audit = await beginAuditOf(deployment, fresh);
  const types = async () => (await audit.fetchHistory()).events?.map(({ eventType }) => Number(eventType));
  // `EVENT_TYPE_TIMER_STARTED`.
  await vi.waitFor(async () => expect(await types()).toContain(17), patience);
  await audit.cancel();
  await expect(audit.result()).rejects.toThrow('Workflow execution cancelled');
  const { id, status } = await entityNow(db, fresh);
  expect(status).toBe('unchecked');
  const [last] = await readAuditHistory(db, id, { limit: 1 });
  expect(last).toMatchObject({ decision: 'not_now', reason: 'its workflow was cancelled' });
});
