import type { EntityKey } from '../../domain/entity.ts';
import type { Operator } from '../brakes/index.ts';
import type { Database, Transaction } from '../connection.ts';
import { queueEvent } from './queue-event.ts';
import { recordAction } from './record-action.ts';
import { transactionWithRetry } from './retry-on-conflict.ts';

/**
 * Queues an `index` of an entity, as a trigger would; where one is queued already, that one does.
 *
 * @returns the event's id, and whether it is new
 */
export async function queueIndex(
  tx: Transaction,
  key: EntityKey,
): Promise<{ readonly id: number; readonly isNew: boolean }> {
  const event = { action: 'index', entityType: key.entityType, message: { gid: key.gid }, dependsOn: [] } as const;
  return queueEvent(tx, event);
}

/**
 * Queues an `index` for a person, and records who asked for it. Where one is queued already nothing is recorded: nothing
 * was done.
 *
 * @returns the event's id
 */
export async function indexForPerson(db: Database, key: EntityKey, by: Operator): Promise<number> {
  return transactionWithRetry(db, async (tx) => {
    const { id, isNew } = await queueIndex(tx, key);
    const target = `${key.entityType} ${key.gid}`;
    if (isNew) await recordAction(tx, by, { action: 'index entity', target, after: { event: id } });
    return id;
  });
}
