import type { ListedEvent } from '../database/event-queries/index.ts';

/** An event of a list as a program reads it, from commands and pages alike. */
export function eventInJson(event: ListedEvent): Record<string, unknown> {
  return {
    id: event.id,
    state: event.state,
    entity_type: event.entityType,
    action: event.action,
    message: event.message,
    depends_on: event.dependsOn,
    created: event.created,
    attempts: event.attempts,
    last_updated: event.lastUpdated,
    origin: event.origin,
    last_reason: event.lastReason,
    dismissed: event.dismissed,
  };
}
