import type { EntityType } from '../../domain/entity.ts';
import { type EventAction, gidsNamed } from '../../domain/queue/indexer-event.ts';
import type { Queryable } from '../connection.ts';
import { type EntityName, readEntityNames } from '../musicbrainz/entity-kinds.ts';

/** An event, and what people call the entities that its message names. */
export interface NamedEvent {
  readonly id: number;
  readonly entityType: EntityType;
  readonly action: EventAction;
  readonly message: unknown;
  readonly entities: readonly { readonly gid: string; readonly name: EntityName | null }[];
}

/** Reads events with the names of their entities, in the order of the ids; one that is gone is left out. */
export async function readNamedEvents(q: Queryable, ids: readonly number[]): Promise<readonly NamedEvent[]> {
  if (ids.length === 0) return [];
  const { rows } = await q.query<Omit<NamedEvent, 'entities'>>(
    `select e.id, e.entity_type as "entityType", e.action, e.message
     from unnest($1::bigint[]) with ordinality as asked (id, place) join artwork_indexer.event_queue e using (id)
     order by asked.place`,
    [ids],
  );
  const named = rows.map((event) => ({ ...event, gids: gidsNamed(event.action, event.message) }));
  const keys = named.flatMap(({ entityType, gids }) => gids.map((gid) => ({ entityType, gid })));
  const names = keys.length === 0 ? new Map<string, EntityName>() : await readEntityNames(q, keys);
  return named.map(({ gids, ...event }) => ({
    ...event,
    entities: gids.map((gid) => ({ gid, name: names.get(gid) ?? null })),
  }));
}
