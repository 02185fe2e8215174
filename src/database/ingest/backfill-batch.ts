import sql, { raw, type Sql } from 'sql-template-tag';
import { type EntityType, entityTypes, projects } from '../../domain/entity.ts';
import { priorities } from '../../domain/priorities.ts';
import type { Queryable, Transaction } from '../connection.ts';
import { entityTypeLiterals } from '../entity-types.ts';
import { eventsNaming } from '../queue/event-sql.ts';
import { type BackfillResult, type OrphanTable, orphanTables } from './backfill-orphans.ts';

export interface BackfillBatch {
  readonly entityType: EntityType;
  /** MusicBrainz' own id of the last entity read, not its gid; 0 to begin. */
  readonly afterId: number;
  /** Rows of MusicBrainz' table to read, those without art too, so that every batch costs about the same. */
  readonly limit: number;
  /** Fractions are allowed. */
  readonly recentDays: number;
  /** Counts what would be added, and adds nothing. */
  readonly dryRun: boolean;
}

/**
 * Makes audit entities of one batch of MusicBrainz' releases or events: of each that has art, is flagged as having it
 * (present or darkened), or had it. Those with art added lately get the low priority; the queue has just written theirs.
 *
 * *Had it* is known from the edits that add art: each image there ever was came by one, they stay when the image is
 * removed or moved away, and go along when entities are merged. An entity whose edit failed counts too: its image was
 * uploaded before the vote. And by the indexer events that name it, for what moved without an edit of its own.
 *
 * Stopped anywhere, and started again anywhere, it adds nothing twice.
 */
export async function backfillMusicbrainzBatch(tx: Transaction, batch: BackfillBatch): Promise<BackfillResult> {
  const tables = projects[batch.entityType].tables;
  const page = await tx.query<{ last: number | null; count: number }>(
    `select max(id) as last, count(*)::int as count
     from (select id from ${tables.entity} where id > $1 order by id limit $2) page`,
    [batch.afterId, batch.limit],
  );
  const { last, count } = page.rows[0] ?? { last: null, count: 0 };
  if (last === null) return { nextAfterId: null, seen: 0, added: 0, known: 0 };

  // Compiling the statement takes seconds, running it less than one.
  await tx.query('set local jit = off');
  const { seen, added } = await untilAlone(tx, async () => {
    const { rows } = await tx.query<{ seen: number; added: number }>(
      batch.dryRun ? countStatement(batch, last) : addStatement(batch, last),
    );
    return rows[0] ?? { seen: 0, added: 0 };
  });
  return { nextAfterId: count < batch.limit ? null : last, seen, added, known: seen - added };
}

/** Attempts at a batch into whose way somebody else's additions come. Then its step is repeated as a whole. */
const tries = 5;

/**
 * What is known is looked up, and the rest inserted without a conflict clause, which would cost a fifth more for each
 * row. Where somebody else adds one of them at this very moment, the statement fails once that is committed; tried
 * again, it finds that one known.
 */
async function untilAlone<Result>(tx: Transaction, statement: () => Promise<Result>): Promise<Result> {
  for (let tried = 1; ; tried += 1) {
    await tx.query('savepoint batch');
    try {
      return await statement();
    } catch (error) {
      if ((error as { code?: unknown }).code !== uniqueViolation || tried === tries) throw error;
      await tx.query('rollback to savepoint batch');
    }
  }
}

const uniqueViolation = '23505';

/** In the order of the gids, as the lookups were: each page of the largest index is visited once a batch. */
function addStatement(batch: BackfillBatch, last: number): Sql {
  return sql`
    with ${withArt(batch, last)},
    added as (
      insert into artwork_reconciler.audit_entity (entity_type, gid, priority)
      select ${raw(entityTypeLiterals[batch.entityType])}, gid,
        case when recent then ${raw(String(priorities.recentlyAdded))} else ${raw(String(priorities.usual))} end
      from with_art where not known order by gid
    )
    ${counts}`;
}

function countStatement(batch: BackfillBatch, last: number): Sql {
  return sql`with ${withArt(batch, last)} ${counts}`;
}

const counts = sql`select count(*)::int as seen, count(*) filter (where not known)::int as added from with_art`;

/**
 * The batch is one range of ids, so art and recent edits come by ranges of their indexes. Each entity's own edits and
 * events are looked up only where nothing before them tells that it has art; `limit 1` keeps that a lookup, whatever the
 * planner thinks of a hundred million edits: an `exists` might be planned as one reading of them all. Recent edits come
 * by their time; `+ 0` keeps the index of types out, which would be read for all the art ever added.
 */
function withArt({ entityType, afterId, recentDays }: BackfillBatch, last: number): Sql {
  const tables = projects[entityType].tables;
  const column = raw(tables.entityColumn);
  const [entities, meta, art, editLink] = [tables.entity, tables.meta, tables.art, tables.editLink].map(raw);
  const addsArt = raw(String(tables.addArtEditType));
  return sql`
    with_art as materialized (
      select gid, recent, coalesce((
        select true from artwork_reconciler.audit_entity known
        where known.entity_type = ${raw(entityTypeLiterals[entityType])} and known.gid = has_art.gid limit 1), false) as known
      from (
        select entity.gid, recent.id is not null as recent
        from ${entities} entity
        left join ${meta} meta on meta.id = entity.id and meta.id > ${afterId} and meta.id <= ${last}
        left join (
          select distinct ${column} as id from ${art} where ${column} > ${afterId} and ${column} <= ${last}
        ) listed on listed.id = entity.id
        left join (
          select distinct link.${column} as id
          from ${editLink} link join musicbrainz.edit on edit.id = link.edit
          where link.${column} > ${afterId} and link.${column} <= ${last}
            and edit.type + 0 = ${addsArt}
            and edit.open_time > now() - make_interval(secs => ${recentDays * 86_400})
        ) recent on recent.id = entity.id
        where entity.id > ${afterId} and entity.id <= ${last}
          and (
            meta.${raw(tables.presence)}::text <> 'absent' or listed.id is not null or recent.id is not null
            or (
              select true
              from ${editLink} link join musicbrainz.edit on edit.id = link.edit
              where link.${column} = entity.id and edit.type = ${addsArt}
              limit 1
            )
            or (select true where exists (${eventsNaming(raw('entity.gid::text'))}) limit 1)
          )
        order by entity.gid
      ) has_art
    )`;
}

/** How much of a backfill is done, 0 … 1, roughly; null where the tables are too new to be estimated. */
export async function backfillShare(
  q: Queryable,
  { table, after }: { readonly table: EntityType | OrphanTable; readonly after: number | string | null },
): Promise<number | null> {
  const isEntities = entityTypes.some((entityType) => entityType === table);
  const tables: readonly string[] = isEntities ? entityTypes : orphanTables;
  const names = isEntities
    ? entityTypes.map((type) => projects[type].tables.entity)
    : orphanTables.map((name) => `musicbrainz.${name}`);
  const { rows } = await q.query<{ rows: number }>(
    `select greatest(reltuples, 0)::float8 as rows
     from unnest($1::text[]) with ordinality as named (name, place) join pg_class on pg_class.oid = named.name::regclass
     order by place`,
    [names],
  );
  const sizes = rows.map((row) => row.rows);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total === 0) return null;
  const place = tables.indexOf(table);
  const before = sizes.slice(0, place).reduce((sum, size) => sum + size, 0);
  const within =
    (sizes[place] ?? 0) * (isEntities ? await shareById(q, names[place] ?? '', Number(after ?? 0)) : shareByGid(after));
  return Math.min(1, (before + within) / total);
}

async function shareById(q: Queryable, table: string, after: number): Promise<number> {
  const { rows } = await q.query<{ last: number | null }>(`select max(id) as last from ${table}`);
  return rows[0]?.last ? Math.min(1, after / rows[0].last) : 0;
}

/** MBIDs are random: their first digits tell where in all of them one is. */
function shareByGid(after: number | string | null): number {
  return after === null ? 0 : Number.parseInt(String(after).slice(0, 8), 16) / 2 ** 32;
}
