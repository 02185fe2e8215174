import { type EntityType, entityTypes } from '../../domain/entity.ts';
import type { Queryable } from '../connection.ts';
import { readTriggers, type Trigger } from '../triggers/trigger-files.ts';

/** Which triggers on MusicBrainz' tables fill the queue with what happens to one kind of entity. */
export interface TriggerState {
  readonly entityType: EntityType;
  /** Of ours: in place. */
  readonly present: readonly Trigger[];
  /** Of ours: not in place. */
  readonly missing: readonly Trigger[];
  /** artwork-indexer's own, or what somebody made in their stead: `name on table`, and whether it is disabled. */
  readonly foreign: readonly string[];
}

/**
 * What is in place, for releases and for events. A trigger is somebody else's way of filling the queue by its function's
 * schema (`artwork_indexer`), by its name (`artwork_indexer_…`), or because its function's body names the queue.
 */
export async function readTriggerState(q: Queryable): Promise<readonly TriggerState[]> {
  const states: TriggerState[] = [];
  for (const entityType of entityTypes) states.push(await stateOf(q, entityType));
  return states;
}

async function stateOf(q: Queryable, entityType: EntityType): Promise<TriggerState> {
  const ours = await readTriggers(entityType);
  const { rows } = await q.query<{ name: string; table: string; schema: string; foreign: boolean; disabled: boolean }>(
    `select trigger.tgname as name, schema.nspname || '../triggers' || relation.relname as "table", owner.nspname as schema,
       owner.nspname <> 'artwork_reconciler' and (
         owner.nspname = 'artwork_indexer' or trigger.tgname like 'artwork\\_indexer\\_%'
         or function.prosrc ~* 'artwork_indexer\\W+event_queue'
       ) as foreign,
       trigger.tgenabled = 'D' as disabled
     from pg_catalog.pg_trigger trigger
     join pg_catalog.pg_class relation on relation.oid = trigger.tgrelid
     join pg_catalog.pg_namespace schema on schema.oid = relation.relnamespace
     join pg_catalog.pg_proc function on function.oid = trigger.tgfoid
     join pg_catalog.pg_namespace owner on owner.oid = function.pronamespace
     where not trigger.tgisinternal and schema.nspname || '../triggers' || relation.relname = any ($1::text[])
     order by "table", name`,
    [[...new Set(ours.map(({ table }) => table))]],
  );
  const isPresent = ({ name, table }: Trigger): boolean =>
    rows.some((row) => row.schema === 'artwork_reconciler' && row.name === name && row.table === table);
  return {
    entityType,
    present: ours.filter(isPresent),
    missing: ours.filter((trigger) => !isPresent(trigger)),
    foreign: rows
      .filter((row) => row.foreign)
      .map(({ name, table, disabled }) => `${name} on ${table}${disabled ? ' (disabled)' : ''}`),
  };
}
