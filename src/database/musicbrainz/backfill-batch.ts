import type { EntityType } from '../../domain/entity.ts';
import { priorities } from '../../domain/priorities.ts';
import type { Transaction } from '../connection.ts';
import { eventsNaming } from '../event-queries/event-sql.ts';
import { artTables } from './art-tables.ts';

export interface BackfillBatch {
  readonly entityType: EntityType;
  /** MusicBrainz' own id of the last entity looked at, not its gid; 0 to begin. */
  readonly afterId: number;
  /** Rows of MusicBrainz' table to look at, those without art too, so that every batch costs about the same. */
  readonly limit: number;
  /** Fractions are allowed. */
  readonly recentDays: number;
  /** Counts what would be added, and adds nothing. */
  readonly dryRun: boolean;
}

export interface BackfillResult {
  /** Where the next batch begins; null where the table is at its end. */
  readonly nextAfterId: number | null;
  /** Entities that have art, are flagged as having it, or had it: `added + known`. */
  readonly seen: number;
  readonly added: number;
  /** Left alone, whatever their status. */
  readonly known: number;
}

/**
 * Makes audit entities of one batch of MusicBrainz' releases or events: of each that has art, is flagged as having it
 * (present or darkened), or had it. Those with art added lately get the low priority; the queue has just written theirs.
 *
 * *Had it* is told by the edits that add art: each image there ever was came by one, they stay when the image is
 * removed or moved away, and go along when entities are merged. An entity whose edit failed counts too: its image was
 * uploaded before the vote. And by the indexer events that name it, for what moved without an edit of its own.
 *
 * Stopped anywhere, and started again anywhere, it adds nothing twice.
 */
export async function backfillMusicbrainzBatch(tx: Transaction, batch: BackfillBatch): Promise<BackfillResult> {
  const tables = artTables[batch.entityType];
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
      batch.dryRun ? countStatement(batch.entityType) : addStatement(batch.entityType),
      [batch.afterId, last, batch.recentDays],
    );
    return rows[0] ?? { seen: 0, added: 0 };
  });
  return { nextAfterId: count < batch.limit ? null : last, seen, added, known: seen - added };
}

/** How often a batch is tried into whose way somebody else's additions come. Then its step is repeated as a whole. */
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
function addStatement(entityType: EntityType): string {
  return `
    with ${withArt(entityType)},
    added as (
      insert into artwork_reconciler.audit_entity (entity_type, gid, priority)
      select '${entityType}', gid, case when recent then ${priorities.recentlyAdded} else ${priorities.usual} end
      from with_art where not known order by gid
    )
    ${counts}`;
}

function countStatement(entityType: EntityType): string {
  return `with ${withArt(entityType)} ${counts}`;
}

const counts = 'select count(*)::int as seen, count(*) filter (where not known)::int as added from with_art';

/**
 * The batch is one range of ids, so art and recent edits come by ranges of their indexes. Each entity's own edits and
 * events are looked up only where nothing before them tells that it has art; `limit 1` keeps that a lookup, whatever the
 * planner thinks of a hundred million edits: an `exists` might be planned as one reading of them all. Recent edits come
 * by their time; `+ 0` keeps the index of types out, which would be read for all the art ever added.
 */
function withArt(entityType: EntityType): string {
  const tables = artTables[entityType];
  const column = tables.entityColumn;
  return `
    with_art as materialized (
      select gid, recent, coalesce((
        select true from artwork_reconciler.audit_entity known
        where known.entity_type = '${entityType}' and known.gid = has_art.gid limit 1), false) as known
      from (
        select entity.gid, recent.id is not null as recent
        from ${tables.entity} entity
        left join ${tables.meta} meta on meta.id = entity.id and meta.id > $1 and meta.id <= $2
        left join (
          select distinct ${column} as id from ${tables.art} where ${column} > $1 and ${column} <= $2
        ) listed on listed.id = entity.id
        left join (
          select distinct link.${column} as id
          from ${tables.editLink} link join musicbrainz.edit on edit.id = link.edit
          where link.${column} > $1 and link.${column} <= $2
            and edit.type + 0 = ${tables.addArtEditType}
            and edit.open_time > now() - $3::float8 * interval '1 day'
        ) recent on recent.id = entity.id
        where entity.id > $1 and entity.id <= $2
          and (
            meta.${tables.presence}::text <> 'absent' or listed.id is not null or recent.id is not null
            or (
              select true
              from ${tables.editLink} link join musicbrainz.edit on edit.id = link.edit
              where link.${column} = entity.id and edit.type = ${tables.addArtEditType}
              limit 1
            )
            or (select true where exists (${eventsNaming('entity.gid::text')}) limit 1)
          )
        order by entity.gid
      ) has_art
    )`;
}
