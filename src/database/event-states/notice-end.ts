import type { EntityType } from '../../domain/entity.ts';
import { gidsNamed } from '../../domain/queue/indexer-event.ts';
import type { Transaction } from '../connection.ts';
import { noticeEndedEvent } from '../entity-states/notice-ended-event.ts';
import type { EndSettings } from '../event-queries/settings.ts';

/**
 * Lets the entities that an ended event names be looked at, in the transaction that ended it. The row's `last_updated`
 * must be that transaction's `now()`: by it housekeeping tells our ends from those of the other daemon.
 */
export async function noticeEnd(
  tx: Transaction,
  event: { readonly id: number; readonly entityType: EntityType; readonly action: string; readonly message: unknown },
  outcome: 'completed' | 'failed' | 'superseded',
  settings: EndSettings,
): Promise<void> {
  const { id: eventId, entityType, action, message } = event;
  await noticeEndedEvent(tx, { eventId, entityType, gids: gidsNamed(action, message), outcome }, settings.audit);
}
