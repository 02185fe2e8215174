import type { EntityType } from '../../domain/entity.ts';
import type { Queryable } from '../connection.ts';
import { ended, item, open, target } from './event-sql.ts';

/**
 * The id of the event that names an entity and changed last, ended ones too; null where none names it. Part of an
 * audit's fingerprint: an event that came, started or ended since is another one.
 *
 * Why by the last change and not by id: ids are handed out before transactions commit, so an event with a smaller id
 * may appear after one with a larger; and a failed event that is queued again keeps its id.
 *
 * @param gid in canonical form
 */
export async function newestEventNaming(q: Queryable, entityType: EntityType, gid: string): Promise<number | null> {
  const { rows } = await q.query<{ id: number }>(newestEventSql('$1', '$2'), [entityType, gid]);
  return rows[0]?.id ?? null;
}

/**
 * The same as a subquery, for statements that ask more than that.
 *
 * @param entityType an expression of the enum's type
 * @param gid an expression of a text in canonical form
 */
export function newestEventSql(entityType: string, gid: string): string {
  const namedBy = (where: string): string => `
    select e.id, e.last_updated from artwork_indexer.event_queue e
    where ${where} and e.entity_type = ${entityType} and e.action <> 'noop'`;
  // Each of the four by its index, then sorted. Materialized: an entity has a handful of events, but with the limit in
  // sight the planner may look for the newest by walking over all that ever ended.
  return `
  with named as materialized (${[open('e'), ended('e')]
    .flatMap((state) => [
      namedBy(`${state} and ${item('e')} = ${gid}::text`),
      namedBy(`${state} and e.action = 'copy_image' and ${target('e')} = ${gid}::text`),
    ])
    .join('\n    union all')}
  )
  select id from named order by last_updated desc, id desc limit 1`;
}
