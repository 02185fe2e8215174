import { randomUUID } from 'node:crypto';
import sql, { empty, raw } from 'sql-template-tag';
import { type EntityKey, type EntityType, entityTypes, projects } from '../../domain/entity.ts';
import type { NamedLine } from '../../domain/imports/named-lines.ts';
import type { Database, Queryable, Transaction } from '../connection.ts';
import { entityTypeList } from '../entity-types.ts';
import { conditionOf } from '../lists/fields.ts';
import type { List } from '../lists/list.ts';
import type { WalkedList } from '../lists/walk.ts';
import { readKinds } from '../musicbrainz/entity-kinds.ts';
import { askedEntities, type BulkKind, type BulkOutcome, type ListedTarget } from './bulk-kind.ts';

/** What a bulk action that was given as a list has as its filter. */
export interface ListFilter {
  /** Where the list came from, for people. */
  readonly list: string;
  /** Entities of another type are not taken. */
  readonly entityType?: EntityType;
  /** Nothing is done where a line can't be taken, or its row be done. */
  readonly allOrNothing?: true;
}

/** Whether a bulk action was given as a list. */
export function isListFilter(filter: unknown): filter is ListFilter {
  return filter !== null && typeof filter === 'object' && typeof (filter as Partial<ListFilter>).list === 'string';
}

/** Lines a transaction. */
const linesAtOnce = 1_000;
/** Where nothing is done unless all is, all of it is one transaction, which holds up the audits of its entities. */
export const mostOrNothing = 5_000;

/** A list has more lines than can be done in one transaction. */
export class ListTooLongError extends Error {
  override readonly name = 'ListTooLongError';
}

/**
 * Begins the dry run of a bulk action on what a list names, line by line; `stepBulkAction` continues it. What is not
 * taken is written down with the reason, and so is who is named twice.
 *
 * @param action.filter as the kind reads it
 * @param lines in the order of their numbers
 * @returns the id of the bulk action
 * @throws {ListTooLongError} where all of it is to be done or nothing; nothing was begun
 */
export async function planFromList(
  db: Database,
  action: {
    readonly kind: string;
    readonly filter: ListFilter;
    readonly plannedBy: string;
    readonly rowsOf: NonNullable<BulkKind['rowsOf']>;
  },
  lines: AsyncIterable<readonly NamedLine[]>,
): Promise<string> {
  const id = randomUUID();
  await db.query(
    `insert into artwork_reconciler.bulk_action (id, kind, filter, planned_by, state)
     values ($1, $2, $3::jsonb, $4, 'reading')`,
    [id, action.kind, JSON.stringify(action.filter), action.plannedBy],
  );
  let count = 0;
  for await (const some of inBatches(lines)) {
    count += some.length;
    if (action.filter.allOrNothing && count > mostOrNothing) {
      await db.query(`delete from artwork_reconciler.bulk_action where id = $1`, [id]);
      throw new ListTooLongError(
        `the list has more than ${mostOrNothing} lines: that many can’t be done all or not at all; nothing was changed`,
      );
    }
    await db.transaction((tx) => writeLines(tx, id, some, action));
  }
  await db.query(`update artwork_reconciler.bulk_action set state = 'planning' where id = $1`, [id]);
  return id;
}

/** However few come at once, as from a program that writes line by line. */
async function* inBatches(lines: AsyncIterable<readonly NamedLine[]>): AsyncGenerator<readonly NamedLine[]> {
  const waiting: NamedLine[] = [];
  for await (const some of lines) {
    waiting.push(...some);
    while (waiting.length >= linesAtOnce) yield waiting.splice(0, linesAtOnce);
  }
  if (waiting.length > 0) yield waiting;
}

async function writeLines(
  tx: Transaction,
  id: string,
  lines: readonly NamedLine[],
  { filter, rowsOf }: { readonly filter: ListFilter; readonly rowsOf: NonNullable<BulkKind['rowsOf']> },
): Promise<void> {
  const keys = await keysOf(tx, lines, filter);
  const known = keys.flatMap((key) => ('refused' in key ? [] : [key]));
  const targets = await rowsOf(tx, known);
  let place = 0;
  const taken = keys.map((key): ListedTarget => ('refused' in key ? key : targets[place++]!));
  await tx.query(
    `with given as (
       select * from unnest($2::int[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[])
         as given (line, input, entity_type, gid, target, reason)
     ),
     fresh as (
       insert into artwork_reconciler.bulk_action_row (bulk_action, target, place)
       -- In the list's order: rows are done by their place.
       select $1, target, to_timestamp(min(line)) from given where target is not null group by target
       on conflict (bulk_action, target) do nothing
       returning target, extract(epoch from place)::int as first
     ),
     written as (
       insert into artwork_reconciler.bulk_action_line (bulk_action, line, input, entity_type, gid, target, reason)
       select $1, given.line, given.input, given.entity_type::artwork_indexer.indexable_entity_type, given.gid::uuid,
         given.target,
         case when given.target is null or fresh.first = given.line then given.reason
              else 'the same as line ' || coalesce(fresh.first, extract(epoch from earlier.place)::int) end
       from given
       left join fresh on fresh.target = given.target
       left join artwork_reconciler.bulk_action_row earlier
         on earlier.bulk_action = $1 and earlier.target = given.target
     )
     update artwork_reconciler.bulk_action set chosen = chosen + (select count(*) from fresh) where id = $1`,
    [
      id,
      lines.map(({ line }) => line),
      lines.map(({ text }) => text.replaceAll('\0', '\uFFFD')),
      keys.map((key) => ('refused' in key ? null : key.entityType)),
      keys.map((key) => ('refused' in key ? null : key.gid)),
      taken.map((each) => ('refused' in each ? null : each.target)),
      taken.map((each) => ('refused' in each ? each.refused : null)),
    ],
  );
}

/** Which entity each line means, or why none: MusicBrainz' tables and ours are asked. */
async function keysOf(
  tx: Transaction,
  lines: readonly NamedLine[],
  { entityType: only }: ListFilter,
): Promise<readonly (EntityKey | { readonly refused: string })[]> {
  const gids = lines.flatMap(({ reading }) => (reading.kind === 'named' ? [reading.gid] : []));
  const kinds = await readKinds(tx, gids);
  const ours = await readOwnTypes(tx, gids);
  return lines.map(({ reading }) => {
    if (reading.kind === 'refused') return { refused: reading.reason };
    const { gid, entityType: said } = reading;
    const entityType = kinds.knownAs(gid, said) ?? ours.get(gid);
    if (entityType === undefined) return { refused: 'neither MusicBrainz nor this program knows it' };
    const is = `its MBID is that of ${projects[entityType].one}`;
    if (said !== null && said !== entityType) return { refused: `it says ${projects[said].one}, and ${is}` };
    if (only !== undefined && only !== entityType)
      return { refused: `${is}: only ${projects[only].many} were asked for` };
    return { entityType, gid };
  });
}

async function readOwnTypes(q: Queryable, gids: readonly string[]): Promise<ReadonlyMap<string, EntityType>> {
  const { rows } = await q.query<EntityKey>(
    sql`select entity.entity_type::text as "entityType", entity.gid::text
     from unnest(${gids}::uuid[]) as asked (gid)
     join artwork_reconciler.audit_entity entity
       on entity.gid = asked.gid and entity.entity_type in (${raw(entityTypeList)})`,
  );
  return new Map(rows.map(({ gid, entityType }) => [gid, entityType]));
}

/**
 * How an entity that is no audit entity yet stands in for one: 48 bits of its MBID that are random.
 * That two entities of one list have the same is less likely than a fault of the memory that holds it.
 */
function standIn({ entityType, gid }: EntityKey): number {
  const hex = gid.replaceAll('-', '');
  const number = Number.parseInt(hex.slice(0, 8) + hex.slice(-4), 16);
  return -(number * entityTypes.length + entityTypes.indexOf(entityType)) - 1;
}

/** Rows of entities, by their ids; of those that are no audit entities yet, below zero. */
export async function entityTargets(q: Queryable, keys: readonly EntityKey[]): Promise<readonly ListedTarget[]> {
  const { rows } = await q.query<{ id: number | null }>(
    sql`select entity.id from ${askedEntities(keys)} order by asked.place`,
  );
  return rows.map(({ id }, n) => ({ target: id ?? standIn(keys[n]!) }));
}

/** The entities that stand-ins of an action's rows stand for, by their targets. */
export async function readStandIns(
  q: Queryable,
  id: string,
  targets: readonly number[],
): Promise<ReadonlyMap<number, EntityKey>> {
  const standIns = targets.filter((target) => target < 0);
  if (standIns.length === 0) return new Map();
  const { rows } = await q.query<EntityKey & { readonly target: number }>(
    `select distinct on (target) target, entity_type::text as "entityType", gid::text
     from artwork_reconciler.bulk_action_line
     where bulk_action = $1 and target is not null and target = any ($2::bigint[]) order by target, line`,
    [id, standIns],
  );
  return new Map(rows.map(({ target, entityType, gid }) => [target, { entityType, gid }]));
}

/** What became of a line, or would. */
export interface BulkLine {
  readonly line: number;
  readonly input: string;
  readonly entityType: EntityType | null;
  readonly gid: string | null;
  readonly target: number | null;
  /** Null where the action did not come to it. */
  readonly planned: BulkOutcome | null;
  readonly plannedReason: string | null;
  readonly outcome: BulkOutcome | null;
  readonly reason: string | null;
}

const fields = {
  bulkAction: { sql: (id: string) => sql`given.bulk_action = ${id}::uuid` },
  /** Those that stand for no row of their own. */
  leftOut: { sql: (_isAsked: true) => sql`given.reason is not null` },
};

/** The lines that a bulk action was given as, and what became of each. */
export const bulkLineList: List<BulkLine, typeof fields> = {
  name: 'bulk-action-lines',
  one: 'line',
  many: 'lines',
  order: 'as they were given',
  fields,
  standard: {},
  columns: [
    { name: 'line', value: ({ line }) => line },
    { name: 'input', value: ({ input }) => input },
    { name: 'entity_type', value: ({ entityType }) => entityType },
    { name: 'mbid', value: ({ gid }) => gid },
    { name: 'id', value: ({ target }) => (target === null || target < 0 ? null : target) },
    { name: 'dry_run', value: ({ planned }) => planned },
    { name: 'dry_run_reason', value: ({ plannedReason }) => plannedReason },
    { name: 'outcome', value: ({ outcome }) => outcome },
    { name: 'reason', value: ({ reason }) => reason },
  ],
  table: 'artwork_reconciler.bulk_action_line given',
  id: 'given.line',
  walk(_q, filter): WalkedList {
    const leftOut = sql`case when given.target is null then 'refused' else 'skipped' end`;
    return {
      walk: {
        alias: 'given',
        from: sql`artwork_reconciler.bulk_action_line given`,
        where: conditionOf(fields, filter),
        order: [{ sql: 'given.line', type: 'bigint' }],
      },
      join: {
        filter: empty,
        columns: sql`left join artwork_reconciler.bulk_action_row done
          on done.bulk_action = given.bulk_action and done.target = given.target and given.reason is null`,
      },
      columns: sql`given.line, given.input, given.entity_type::text as "entityType", given.gid::text, given.target,
        case when given.reason is null then done.planned else ${leftOut} end as planned,
        coalesce(given.reason, done.planned_reason) as "plannedReason",
        case when given.reason is null then done.outcome else ${leftOut} end as outcome,
        coalesce(given.reason, done.reason) as reason`,
      filter: sql`true`,
    };
  },
};

/** How many lines of a list are not taken: those that name nothing that can be done, and those that say it again. */
export async function countLeftOut(
  q: Queryable,
  id: string,
): Promise<{ readonly refused: number; readonly skipped: number }> {
  const { rows } = await q.query<{ refused: number; skipped: number }>(
    `select count(*) filter (where target is null)::int as refused, count(*) filter (where target is not null)::int as skipped
     from artwork_reconciler.bulk_action_line where bulk_action = $1 and reason is not null`,
    [id],
  );
  return rows[0]!;
}
