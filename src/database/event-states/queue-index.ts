import type { EntityKey } from '../../domain/entity.ts';
import type { Transaction } from '../connection.ts';
import { queueEvent } from './queue-event.ts';

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
