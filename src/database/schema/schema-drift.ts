import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Database, Transaction } from '../connection.ts';
import { limitsOfReading } from '../time-limits.ts';
import { findUnmetNeeds, musicbrainzNeeds } from './needs.ts';

/** An object of the schema: what it is and is called, and what it should be like. */
interface SchemaObject {
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
    select schema.nspname || '.' || relation.relname as name, table_schema.nspname || '.' || on_relation.relname as on_table,
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
  select 'column ' || schema.nspname || '.' || relation.relname || '.' || attribute.attname,
    format_type(attribute.atttypid, attribute.atttypmod) || case when attribute.attnotnull then ' not null' else '' end
      || case when schema.nspname = 'artwork_reconciler'
           then coalesce(' default ' || pg_get_expr(initial.adbin, initial.adrelid), '') else '' end
  from pg_attribute attribute
  join pg_class relation on relation.oid = attribute.attrelid and relation.relkind in ('r', 'p')
  join pg_namespace schema on schema.oid = relation.relnamespace
  left join pg_attrdef initial on initial.adrelid = relation.oid and initial.adnum = attribute.attnum
  where schema.nspname in ('artwork_indexer', 'artwork_reconciler') and attribute.attnum > 0 and not attribute.attisdropped`;

const values = `
  select 'value ' || schema.nspname || '.' || type.typname || ' ' || quote_literal(label.enumlabel), ''
  from pg_enum label
  join pg_type type on type.oid = label.enumtypid
  join pg_namespace schema on schema.oid = type.typnamespace
  where schema.nspname in ('artwork_indexer', 'artwork_reconciler')`;

/** NOT NULL stands with its column; PostgreSQL 18 has it as a constraint, too. */
const constraints = `
  select case when schema.nspname = 'artwork_reconciler'
      then 'constraint ' || schema.nspname || '.' || relation.relname || '.' || con.conname
      else 'constraint on ' || schema.nspname || '.' || relation.relname || ' ' || pg_get_constraintdef(con.oid) end,
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
      then 'trigger ' || trigger.tgname || ' on ' || schema.nspname || '.' || relation.relname
      else 'trigger on ' || schema.nspname || '.' || relation.relname || ' before update' end,
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

export interface SchemaDifference {
  /** `unexpected` does no harm: somebody added something to the schema of ours. */
  readonly kind: 'different' | 'missing' | 'unexpected';
  readonly name: string;
  readonly expected: string | null;
  readonly found: string | null;
}

/**
 * How a schema differs from the expected one. Triggers of ours, with their functions, are there where somebody installed
 * them, for one kind of entity or for both: what is there has to be right, and what isn't is not missed here.
 */
function compareSchemas(
  expected: readonly SchemaObject[],
  found: readonly SchemaObject[],
): readonly SchemaDifference[] {
  const byName = new Map(found.map((object) => [object.name, object.definition]));
  const differences = expected.flatMap(({ name, definition }): SchemaDifference[] => {
    const actual = byName.get(name);
    if (actual === definition) return [];
    if (actual !== undefined) return [{ kind: 'different', name, expected: definition, found: actual }];
    return isOptional(name) ? [] : [{ kind: 'missing', name, expected: definition, found: null }];
  });
  const known = new Set(expected.map(({ name }) => name));
  const unexpected = found
    .filter(({ name }) => !known.has(name) && isOurs(name))
    .map(({ name, definition }) => ({ kind: 'unexpected', name, expected: null, found: definition }) as const);
  return [...differences, ...unexpected];
}

function isOptional(name: string): boolean {
  return name.startsWith('function artwork_reconciler.trigger_') || /^trigger \w+ on /.test(name);
}

function isOurs(name: string): boolean {
  return /^\w+ (artwork_reconciler\.|artwork_indexer\.reconciler_)/.test(name) || /^trigger \w+ on /.test(name);
}

/** A difference as a line for people. */
export function differenceInWords({ kind, name, expected, found }: SchemaDifference): string {
  if (kind === 'missing') return `${name} is missing`;
  if (kind === 'unexpected') return `${name} is not part of this program`;
  return `${name} is ${quoted(found)}, expected ${quoted(expected)}`;
}

function quoted(definition: string | null): string {
  return definition === null || definition.trim() === '' ? 'without more' : `"${definition.trim()}"`;
}

/** Written by scripts/write-expected-schema.js from a database that was just migrated, triggers included. */
const file = resolve(import.meta.dirname, '../../../migrations/expected/schema.txt');

/** What the schema is like after the migrations of this version. */
async function readExpectedSchema(): Promise<readonly SchemaObject[]> {
  const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return lines.map((line) => {
    const [name, definition] = line.split('\t');
    return { name: name!, definition: definition ?? '' };
  });
}

/** The lines of that file. */
export function formatSchema(objects: readonly SchemaObject[]): string {
  const lines = objects.map(({ name, definition }) => `${name}\t${definition}`.trimEnd());
  return ['# Written by `npm run expected-schema`: what the migrations make. Not to be edited.', ...lines, ''].join(
    '\n',
  );
}

/**
 * How the database's schema differs from what this version's migrations make, and which of MusicBrainz' columns that this
 * program reads are missing. Reads PostgreSQL's catalogue only.
 */
export async function readSchemaDrift(db: Database, timeoutSeconds: number): Promise<readonly SchemaDifference[]> {
  const expected = await readExpectedSchema();
  return db.transaction(async (tx) => {
    const unmet = await findUnmetNeeds(tx, await musicbrainzNeeds(tx));
    const absent = unmet.filter(({ kind }) => kind === 'absent').map(({ what }) => missing(what));
    return [...compareSchemas(expected, await describeSchema(tx)), ...absent];
  }, limitsOfReading(timeoutSeconds));
}

function missing(name: string): SchemaDifference {
  return { kind: 'missing', name, expected: null, found: null };
}
