import type { Transaction } from '../connection.ts';

/** An object of the schema: what it is and is called, and what it should be like. */
export interface SchemaObject {
  readonly name: string;
  /** Empty for what only has to be there. */
  readonly definition: string;
}

/**
 * Describes what this program relies on: all of the schema `artwork_reconciler`, its indexes and triggers on the tables
 * of others, and of `artwork_indexer` what has a meaning. There names and defaults are artwork-indexer's own affair, so an
 * index is named after what it indexes, and a trigger after when it runs.
 *
 * In a transaction, whose search path is changed: PostgreSQL leaves schemas out that are in it.
 */
export async function describeSchema(tx: Transaction): Promise<readonly SchemaObject[]> {
  await tx.query('set local search_path = pg_catalog');
  const { rows } = await tx.query<SchemaObject>(everything);
  return rows;
}

/** An index that was interrupted while it was made is there, and of no use. */
const indexes = `
  select case when ours then 'index ' || name else 'index on ' || on_table || ' ' || unnamed end as name,
    case when ours then unnamed else '' end || case when valid then '' else ' INVALID' end as definition
  from (
    select schema.nspname || '../schema-drift' || relation.relname as name, table_schema.nspname || '../schema-drift' || on_relation.relname as on_table,
      schema.nspname = 'artwork_reconciler' or relation.relname like 'reconciler\\_%' as ours, index.indisvalid as valid,
      regexp_replace(pg_get_indexdef(index.indexrelid), '^CREATE (UNIQUE )?INDEX \\S+ ON \\S+ ', '\\1') as unnamed
    from pg_index index
    join pg_class relation on relation.oid = index.indexrelid
    join pg_class on_relation on on_relation.oid = index.indrelid
    join pg_namespace schema on schema.oid = relation.relnamespace
    join pg_namespace table_schema on table_schema.oid = on_relation.relnamespace
    where schema.nspname in ('artwork_indexer', 'artwork_reconciler')
  ) found`;

const columns = `
  select 'column ' || schema.nspname || '../schema-drift' || relation.relname || '../schema-drift' || attribute.attname,
    format_type(attribute.atttypid, attribute.atttypmod) || case when attribute.attnotnull then ' not null' else '' end
      || case when schema.nspname = 'artwork_reconciler'
           then coalesce(' default ' || pg_get_expr(initial.adbin, initial.adrelid), '') else '' end
  from pg_attribute attribute
  join pg_class relation on relation.oid = attribute.attrelid and relation.relkind in ('r', 'p')
  join pg_namespace schema on schema.oid = relation.relnamespace
  left join pg_attrdef initial on initial.adrelid = relation.oid and initial.adnum = attribute.attnum
  where schema.nspname in ('artwork_indexer', 'artwork_reconciler') and attribute.attnum > 0 and not attribute.attisdropped`;

const values = `
  select 'value ' || schema.nspname || '../schema-drift' || type.typname || ' ' || quote_literal(label.enumlabel), ''
  from pg_enum label
  join pg_type type on type.oid = label.enumtypid
  join pg_namespace schema on schema.oid = type.typnamespace
  where schema.nspname in ('artwork_indexer', 'artwork_reconciler')`;

/** NOT NULL stands with its column; PostgreSQL 18 has it as a constraint, too. */
const constraints = `
  select case when schema.nspname = 'artwork_reconciler'
      then 'constraint ' || schema.nspname || '../schema-drift' || relation.relname || '../schema-drift' || con.conname
      else 'constraint on ' || schema.nspname || '../schema-drift' || relation.relname || ' ' || pg_get_constraintdef(con.oid) end,
    case when schema.nspname = 'artwork_reconciler' then pg_get_constraintdef(con.oid) else '' end
  from pg_constraint con
  join pg_class relation on relation.oid = con.conrelid
  join pg_namespace schema on schema.oid = relation.relnamespace
  where schema.nspname in ('artwork_indexer', 'artwork_reconciler') and con.contype in ('c', 'f', 'p', 'u', 'x')`;

const functions = `
  select 'function ' || function.oid::regprocedure, md5(function.prosrc)
  from pg_proc function
  where function.pronamespace = to_regnamespace('artwork_reconciler')`;

/** The bits of `tgtype`: 2 before, 4 insert, 8 delete, 16 update. */
const triggers = `
  select case when owner.nspname = 'artwork_reconciler'
      then 'trigger ' || trigger.tgname || ' on ' || schema.nspname || '../schema-drift' || relation.relname
      else 'trigger on ' || schema.nspname || '../schema-drift' || relation.relname || ' before update' end,
    case when owner.nspname = 'artwork_reconciler'
      then regexp_replace(pg_get_triggerdef(trigger.oid), '^CREATE (CONSTRAINT )?TRIGGER \\S+ ', '') else '' end
      || case when trigger.tgenabled = 'D' then ' DISABLED' else '' end
  from pg_trigger trigger
  join pg_class relation on relation.oid = trigger.tgrelid
  join pg_namespace schema on schema.oid = relation.relnamespace
  join pg_proc function on function.oid = trigger.tgfoid
  join pg_namespace owner on owner.oid = function.pronamespace
  where not trigger.tgisinternal
    and (owner.nspname = 'artwork_reconciler'
      or schema.nspname = 'artwork_indexer' and relation.relname = 'event_queue' and trigger.tgtype & 18 = 18)`;

const everything = `
  select name, regexp_replace(definition, '\\s+', ' ', 'g') as definition
  from (${[indexes, columns, values, constraints, functions, triggers].join('\n  union all')}
  ) as described (name, definition)
  order by name collate "C", definition collate "C"`;
