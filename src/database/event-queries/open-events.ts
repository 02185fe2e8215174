import type { EntityType } from '../../domain/entity.ts';
import type { EventAction } from '../../domain/indexer-event.ts';
import type { Queryable } from '../connection.ts';
import { item, open, target } from './event-sql.ts';

export interface OpenEvent {
  readonly id: number;
  readonly state: 'queued' | 'running';
  readonly action: EventAction;
}

/**
 * The events queued or running that name an entity (a copy names two), the oldest first: while there are any, it is not
 * the moment to audit it. One that the other daemon's housekeeping failed in our hand is still running.
 *
 * @param gid in canonical form
 */
export async function openEventsNaming(
  q: Queryable,
  entityType: EntityType,
  gid: string,
): Promise<readonly OpenEvent[]> {
  const { rows } = await q.query<OpenEvent>(openEventsSql('$1', '$2'), [entityType, gid]);
  return rows;
}

/**
 * The same as a subquery, for statements that ask more than that.
 *
 * @param entityType an expression of the enum's type
 * @param gid an expression of a text in canonical form
 */
export function openEventsSql(entityType: string, gid: string): string {
  const columns = 'e.id, e.state::text as state, e.action, e.created';
  const ofEntity = (named: string): string =>
    `${named} = ${gid}::text and e.entity_type = ${entityType} and e.action <> 'noop'`;
  return `
  select id, state, action
  from (
    select ${columns} from artwork_indexer.event_queue e where ${open('e')} and ${ofEntity(item('e'))}
    union
    select ${columns} from artwork_indexer.event_queue e
    where ${open('e')} and e.action = 'copy_image' and ${ofEntity(target('e'))}
    union
    select e.id, 'running', e.action, e.created
    from artwork_reconciler.event_claim claim join artwork_indexer.event_queue e on e.id = claim.event
    where e.state = 'failed' and (${ofEntity(item('e'))} or e.action = 'copy_image' and ${ofEntity(target('e'))})
  ) as named
  order by created, id`;
}
