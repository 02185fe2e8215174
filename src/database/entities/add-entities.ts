import sql, { type Sql } from 'sql-template-tag';
import type { EntityKey } from '../../domain/entity.ts';
import type { Queryable } from '../connection.ts';

type EntityToAdd = EntityKey & { readonly priority: number };

export interface AddedEntities {
  readonly added: number;
  /** Known before, and given a higher priority. */
  readonly raised: number;
  /** Known before, with that priority or a higher one. */
  readonly known: number;
}

/**
 * Adds entities to be audited, for imports. Those known already keep their status; their priority may be raised, never
 * lowered. An entity named several times counts once, with its highest priority. Safe to repeat.
 *
 * @param entities a batch of at most some thousands: they go as one statement
 */
export async function addEntities(q: Queryable, entities: readonly EntityToAdd[]): Promise<AddedEntities> {
  const { rows } = await q.query<Counts>(
    sql`with ${named(entities)}, written as (
       insert into artwork_reconciler.audit_entity as entity (entity_type, gid, priority)
       select entity_type, gid, priority from named
       -- Two imports side by side take the rows in one order.
       order by entity_type, gid
       on conflict (entity_type, gid) do update set priority = excluded.priority
         where entity.priority < excluded.priority
       returning xmax = 0 as is_new
     )
     select (select count(*) from named) as named,
            count(*) filter (where is_new) as added,
            count(*) filter (where not is_new) as raised
     from written`,
  );
  return countsOf(rows);
}

/** Counts what `addEntities` would do, and does nothing. */
export async function countEntitiesToAdd(q: Queryable, entities: readonly EntityToAdd[]): Promise<AddedEntities> {
  const { rows } = await q.query<Counts>(
    sql`with ${named(entities)}
     select count(*) as named,
            count(*) filter (where known.priority is null) as added,
            count(*) filter (where known.priority < named.priority) as raised
     from named
     -- A lookup for each, however many entities there are.
     left join lateral (
       select entity.priority from artwork_reconciler.audit_entity entity
       where entity.entity_type = named.entity_type and entity.gid = named.gid limit 1
     ) known on true`,
  );
  return countsOf(rows);
}

/** Each entity once, with its highest priority. */
const named = (entities: readonly EntityToAdd[]): Sql => sql`named as (
       select entity_type::artwork_indexer.indexable_entity_type, gid::uuid, max(priority)::smallint as priority
       from unnest(
         ${entities.map(({ entityType }) => entityType)}::text[],
         ${entities.map(({ gid }) => gid)}::text[],
         ${entities.map(({ priority }) => priority)}::int[]
       ) as listed (entity_type, gid, priority)
       group by 1, 2
     )`;

interface Counts {
  readonly named: number;
  readonly added: number;
  readonly raised: number;
}

function countsOf([counts]: readonly Counts[]): AddedEntities {
  const { named: all, added, raised } = counts ?? { named: 0, added: 0, raised: 0 };
  return { added, raised, known: all - added - raised };
}
