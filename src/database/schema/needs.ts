import { byEntityType, type EntityType, entityTypes, projects } from '../../domain/entity.ts';
import type { Queryable } from '../connection.ts';
import { imageTypeTable } from '../musicbrainz/art-tables.ts';
import { readTriggerState } from './trigger-files.ts';

/** Relations with their schemas, and the columns of each. */
export type Columns = Readonly<Record<string, readonly string[]>>;

/**
 * Every column of MusicBrainz' that this program's statements name; a test renames each in turn. Without one of them
 * audits would fail one after the other, with nobody knowing why: so `check`, the metrics and a worker's start check first.
 */
export const columnsRead: Columns = {
  'musicbrainz.artist_credit': ['id', 'name'],
  'musicbrainz.deleted_entity': ['gid', 'data'],
  'musicbrainz.edit': ['id', 'type', 'open_time', 'close_time'],
  [imageTypeTable]: ['mime_type', 'suffix'],
  ...Object.fromEntries(entityTypes.flatMap(columnsOf)),
};

function columnsOf(entityType: EntityType): [relation: string, columns: readonly string[]][] {
  const { hasBack, tables } = projects[entityType];
  const { entityColumn } = tables;
  return [
    [tables.editLink, ['edit', entityColumn]],
    [tables.entity, ['id', 'gid', 'name', ...(tables.credit === null ? [] : [tables.credit])]],
    [tables.redirect, ['gid', 'new_id']],
    [tables.meta, ['id', tables.presence]],
    [tables.artType, ['id', 'name']],
    [tables.art, ['id', entityColumn, 'mime_type']],
    [
      tables.listing,
      [
        ...['id', entityColumn, 'comment', 'edit', 'ordering', 'mime_type'],
        ...['approved', 'is_front', ...(hasBack ? ['is_back'] : []), 'types'],
      ],
    ],
  ];
}

const { release, event } = byEntityType((entityType) => projects[entityType].tables);

/** Those that the functions of our triggers name. Without one of them edits at MusicBrainz would fail. */
export const columnsReadByTriggers: Readonly<Record<EntityType, Columns>> = {
  release: {
    'musicbrainz.artist': ['id', 'name', 'sort_name'],
    'musicbrainz.artist_credit_name': ['artist', 'artist_credit'],
    [release.entity]: ['id', 'gid', 'name', 'artist_credit', 'language', 'barcode'],
    'musicbrainz.release_first_release_date': [release.entityColumn],
    [release.meta]: ['id', 'amazon_asin'],
    [release.art]: ['id', release.entityColumn, 'ordering', 'mime_type'],
    [`${release.art}_type`]: ['id'],
    [imageTypeTable]: ['mime_type', 'suffix'],
  },
  event: {
    [event.entity]: ['id', 'gid', 'name'],
    [imageTypeTable]: ['mime_type', 'suffix'],
    [event.art]: ['id', event.entityColumn, 'ordering', 'mime_type'],
    [`${event.art}_type`]: ['id'],
  },
};

/** A right on a table, or on one of its columns. */
export interface Need {
  /** With its schema. */
  readonly relation: string;
  /** Null: the table as a whole. */
  readonly column: string | null;
  /** USAGE is that of a sequence. */
  readonly right: 'DELETE' | 'INSERT' | 'SELECT' | 'TRIGGER' | 'UPDATE' | 'USAGE';
}

export interface UnmetNeed {
  /** `absent`: there is no such thing. `refused`: this user may not. */
  readonly kind: 'absent' | 'refused';
  /** `table a.b`, `column a.b.c`; or, refused, a right: `SELECT on a.b`, `USAGE on schema a`. */
  readonly what: string;
  readonly role: string;
}

/** For people. */
export function unmetInWords({ kind, what, role }: UnmetNeed): string {
  return kind === 'absent' ? `${what} does not exist` : `${role} lacks ${what}`;
}

/** The right to read each of some columns. */
export function readingOf(columns: Columns): readonly Need[] {
  return Object.entries(columns).flatMap(([relation, names]) =>
    names.map((column) => ({ relation, column, right: 'SELECT' as const })),
  );
}

/** What is read of MusicBrainz' tables here: by this program, and by its triggers, where they are in place. */
export async function musicbrainzNeeds(q: Queryable): Promise<readonly Need[]> {
  const withTriggers = (await readTriggerState(q)).filter(({ present }) => present.length > 0);
  const kinds = entityTypes.filter((kind) => withTriggers.some(({ entityType }) => entityType === kind));
  return [columnsRead, ...kinds.map((kind) => columnsReadByTriggers[kind])].flatMap(readingOf);
}

/**
 * What this program needs to run: MusicBrainz' columns, and rights on the queue and on the tables of ours that are there.
 * docs/install.md has them as GRANT statements.
 */
export async function programNeeds(q: Queryable): Promise<readonly Need[]> {
  const { rows } = await q.query<Need>(`
    select schema.nspname || '.' || relation.relname as relation, null as "column", "right"
    from pg_catalog.pg_class relation
    join pg_catalog.pg_namespace schema on schema.oid = relation.relnamespace
    cross join lateral unnest(case
      when relation.relname = 'migration' then array['SELECT']
      when relation.relname = 'event_failure_reason' then array['SELECT', 'INSERT']
      else array['SELECT', 'INSERT', 'UPDATE', 'DELETE']
    end) as "right"
    where relation.relkind in ('r', 'p')
      and (schema.nspname = 'artwork_reconciler'
        or schema.nspname = 'artwork_indexer' and relation.relname in ('event_queue', 'event_failure_reason'))`);
  return [...(await musicbrainzNeeds(q)), ...rows, ...(await sequenceNeeds(q))];
}

/** Writing to the queue, as the functions of triggers do, too. */
export async function queueNeeds(q: Queryable): Promise<readonly Need[]> {
  const relation = 'artwork_indexer.event_queue';
  const rights = (['SELECT', 'INSERT', 'UPDATE', 'DELETE'] as const).map((right) => ({
    relation,
    column: null,
    right,
  }));
  return [...rights, ...(await sequenceNeeds(q)).filter(({ relation: name }) => name.startsWith('artwork_indexer.'))];
}

/** What gives ids to new rows. (Those of identity columns ask for no right.) */
async function sequenceNeeds(q: Queryable): Promise<readonly Need[]> {
  const { rows } = await q.query<Need>(`
    select schema.nspname || '.' || sequence.relname as relation, null as "column", 'USAGE' as "right"
    from pg_catalog.pg_class sequence
    join pg_catalog.pg_namespace schema on schema.oid = sequence.relnamespace
    join pg_catalog.pg_depend owned on owned.classid = 'pg_class'::regclass and owned.objid = sequence.oid
    join pg_catalog.pg_class owner on owner.oid = owned.refobjid
    where sequence.relkind = 'S' and owned.deptype = 'a'
      and (schema.nspname = 'artwork_reconciler' and owner.relname <> 'migration'
        or schema.nspname = 'artwork_indexer' and owner.relname = 'event_queue')`);
  return rows;
}

/**
 * Which of some needs aren't met for the current user. Reads PostgreSQL's catalogue only, so that a table which is locked
 * is not waited for, and all that is missing is named at once. Tables are looked up without the right to use their schema.
 */
export async function findUnmetNeeds(q: Queryable, needs: readonly Need[]): Promise<readonly UnmetNeed[]> {
  const { rows } = await q.query<UnmetNeed>(statement, [JSON.stringify(needs)]);
  return rows;
}

const statement = `
  select distinct kind, what, current_user::text as role
  from json_to_recordset($1::json) as need (relation text, "column" text, "right" text)
  left join pg_catalog.pg_namespace schema on schema.nspname = split_part(need.relation, '.', 1)
  left join pg_catalog.pg_class found
    on found.relnamespace = schema.oid and found.relname = split_part(need.relation, '.', 2)
  left join pg_catalog.pg_attribute attribute
    on attribute.attrelid = found.oid and attribute.attname = need."column" and not attribute.attisdropped
  cross join lateral (
    select 'absent' as kind, 'table ' || need.relation as what where found.oid is null
    union all
    select 'absent', 'column ' || need.relation || '.' || need."column"
    where found.oid is not null and need."column" is not null and attribute.attname is null
    union all
    select 'refused', 'USAGE on schema ' || schema.nspname where not has_schema_privilege(schema.oid, 'USAGE')
    union all
    select 'refused', need."right" || ' on ' || need.relation
    where case
      when need."right" = 'USAGE' then not has_sequence_privilege(found.oid, 'USAGE')
      when need."column" is null then not has_table_privilege(found.oid, need."right")
      else not has_column_privilege(found.oid, attribute.attnum, need."right")
    end
  ) unmet
  order by kind, what`;
