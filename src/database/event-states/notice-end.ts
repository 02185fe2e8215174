import type { EntityType } from '../../domain/entity.ts';
import { isMbid } from '../../domain/entity.ts';
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
  const { id: eventId, entityType } = event;
  await noticeEndedEvent(tx, { eventId, entityType, gids: gidsNamed(event), outcome }, settings.audit);
}

/**
 * The gids that a message names, sorted. Unlike `gidsOf` it takes any message: also an event that failed because nobody
 * can make sense of it has ended, and an entity may be waiting for it.
 */
function gidsNamed({ action, message }: { readonly action: string; readonly message: unknown }): readonly string[] {
  if (action === 'noop' || typeof message !== 'object' || message === null) return [];
  const { gid, old_gid, new_gid } = message as Record<string, unknown>;
  const named = (action === 'copy_image' ? [old_gid, new_gid] : [gid]).map((value) =>
    typeof value === 'string' ? value.toLowerCase() : value,
  );
  return [...new Set(named.filter(isMbid))].sort();
}
