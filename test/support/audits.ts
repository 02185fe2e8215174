import type { WorkflowHandle } from '@temporalio/client';
import { expect, vi } from 'vitest';
import type { AuditResult } from '../../src/audit/steps.ts';
import { type AuditEntity, readAuditEntity } from '../../src/database/audits/entity-history.ts';
import type { Queryable } from '../../src/database/connection.ts';
import { addEntities } from '../../src/database/entities/add-entities.ts';
import { readEntityNames } from '../../src/database/musicbrainz/entity-kinds.ts';
import { readIdentity } from '../../src/database/schema/deployment.ts';
import type { EntityKey } from '../../src/domain/entity.ts';
import { type ItemPlan, itemSeedOf, planItem } from '../../src/simulator/drift/item-plan.ts';
import { seedDemo } from '../../src/simulator/drift/seed-demo.ts';
import { addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import type { StoredEntity } from '../../src/simulator/musicbrainz/specs.ts';
import { startAudit } from '../../src/starters/start.ts';
import { auditWorkflowId } from '../../src/temporal/task-queues.ts';
import type { Deployment } from './deployment.ts';
import { describeOpenEvents } from './open-events.ts';
import { patience } from './patience.ts';

/** For deployments whose pacer is to start nothing: audits are started by the test. Its ticks would only take CPU. */
export const unpaced = { AUDIT_PER_HOUR: '0.0001', AUDIT_TICK_SECONDS: '60' } as const;

/** Where links lead in a deployment like the real one. */
const realLinks = {
  archive: { url: 'https://archive.org' },
  dashboard: { publicUrl: 'https://reconciler.example.org' },
  musicbrainz: { url: 'https://musicbrainz.org' },
} as const;

/** The demo's cases, in the archive and due for an audit. */
export async function addDueCases(
  { db, simulator }: Pick<Deployment, 'db' | 'simulator'>,
  options: Parameters<typeof seedDemo>[2],
): ReturnType<typeof seedDemo> {
  const cases = await seedDemo(db, simulator.archive, options);
  await addEntities(
    db,
    cases.map((entity) => ({ ...entity, priority: 100 })),
  );
  return cases;
}

/** Starts an operator's audit of an entity, as the dashboard does. */
export async function beginAuditOf({ db, temporal }: Deployment, key: EntityKey): Promise<WorkflowHandle> {
  const name = (await readEntityNames(db, [key])).get(key.gid) ?? null;
  const shown = { name, links: realLinks };
  await startAudit(temporal, key, 'operator', { maxWaitHours: 24 }, await readIdentity(db), shown);
  return temporal.workflow.getHandle(auditWorkflowId(key.entityType, key.gid));
}

/** Audits an entity as an operator asks for it, and returns what came of it. An audit that is under way is not that. */
export async function auditOf({ db, temporal }: Deployment, key: EntityKey): Promise<AuditResult> {
  const handle = temporal.workflow.getHandle(auditWorkflowId(key.entityType, key.gid));
  const own = await readIdentity(db);
  while (!(await startAudit(temporal, key, 'operator', { maxWaitHours: 24 }, own))) await handle.result();
  return (await handle.result()) as AuditResult;
}

/** Makes an entity due now for the pacer. */
export async function makeDue(q: Queryable, keys: readonly EntityKey[]): Promise<void> {
  await addEntities(
    q,
    keys.map(({ entityType, gid }) => ({ entityType, gid, priority: 100 })),
  );
}

/** Puts the entity's item at the archive, in step with MusicBrainz but for what is changed of it. */
export async function seedItem(
  { db, simulator }: Pick<Deployment, 'db' | 'simulator'>,
  key: EntityKey,
  change: (plan: ItemPlan) => void = () => undefined,
): Promise<void> {
  const plan = await planItem(db, key);
  change(plan);
  if (!plan.absent) simulator.archive.seedItem(itemSeedOf(plan));
}

/** A release whose item is dark and should not be, and the review that its audit opened. */
export async function darkReview(
  deployment: Deployment,
  { images }: { readonly images: number },
): Promise<{ readonly release: StoredEntity; readonly id: number }> {
  const release = await addRelease(deployment.db, { images });
  await seedItem(deployment, release, (plan) => void (plan.dark = true));
  expect((await auditOf(deployment, release)).outcome).toBe('manual_review');
  const { rows } = await deployment.db.query<{ id: number }>(
    `select review.id from artwork_reconciler.needs_manual_review review
     join artwork_reconciler.audit_entity entity on entity.id = review.audit_entity_id
     where review.status = 'open' and entity.gid = $1`,
    [release.gid],
  );
  return { release, id: rows[0]!.id };
}

/** The entity's row as it is now. */
export async function entityNow(q: Queryable, key: EntityKey): Promise<AuditEntity> {
  const entity = await readAuditEntity(q, key);
  if (!entity) throw new Error(`${key.entityType} ${key.gid} is no audit entity`);
  return entity;
}

export async function untilStatus(q: Queryable, key: EntityKey, status: AuditEntity['status']): Promise<void> {
  await vi.waitFor(async () => expect((await entityNow(q, key)).status).toBe(status), patience);
}

/** Waits until no event is queued or running; says of those that are left what they wait for. */
export async function untilQueueIsEmpty(q: Queryable): Promise<void> {
  await vi.waitFor(async () => expect(await describeOpenEvents(q)).toEqual([]), patience);
}
