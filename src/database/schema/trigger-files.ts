import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type EntityType, entityTypes } from '../../domain/entity.ts';
import type { Queryable } from '../connection.ts';

/** Beside the migrations but not one of them: the triggers are asked for by name. */
const folder = resolve(import.meta.dirname, '../../../migrations/triggers');

/** One trigger of ours on a table of MusicBrainz'. */
export interface Trigger {
  readonly name: string;
  /** With its schema. */
  readonly table: string;
  /** The statement that makes it. */
  readonly create: string;
}

/** The statements that make our functions, or replace them by what they are now. */
export async function readFunctions(entityTypes: readonly EntityType[]): Promise<readonly string[]> {
  return Promise.all(['queue', ...entityTypes.map((type) => `${type}-functions`)].map(readSql));
}

/** The names of all functions that this version makes, without their schema. */
export async function readFunctionNames(): Promise<readonly string[]> {
  const statements = await readFunctions(entityTypes);
  return statements.flatMap((sql) =>
    [...sql.matchAll(/^create or replace function artwork_reconciler\.(\w+)/gm)].map(([, name]) => name!),
  );
}

/** The triggers that fill the queue with what happens to one kind of entity. */
export async function readTriggers(entityType: EntityType): Promise<readonly Trigger[]> {
  const sql = await readSql(`${entityType}-triggers`);
  return [...sql.matchAll(/^create trigger (\w+)[^;]*?\son ([a-z_]+\.[a-z_]+)[^;]*;/gm)].map(
    ([create, name, table]) => ({ name: name!, table: table!, create }),
  );
}

function readSql(name: string): Promise<string> {
  return readFile(resolve(folder, `${name}.sql`), 'utf8');
}

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
    `select trigger.tgname as name, schema.nspname || '.' || relation.relname as "table", owner.nspname as schema,
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
     where not trigger.tgisinternal and schema.nspname || '.' || relation.relname = any ($1::text[])
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
