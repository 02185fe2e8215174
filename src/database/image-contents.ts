import sql, { raw, type Sql } from 'sql-template-tag';
import {
  type ChangedContent,
  type ExtraImage,
  isEmpty,
  onlyMd5,
  type RememberedContent,
  type SeenOriginal,
} from '../domain/documents/image-content.ts';
import { byEntityType, type EntityType } from '../domain/entity.ts';
import { AskTogether } from './ask-together.ts';
import type { Database, Queryable } from './connection.ts';

/**
 * Which originals of an item have a content that can be remembered: a listed md5, and bytes at all. Of others nothing is
 * remembered, and nothing is judged.
 */
export function memorable(originals: readonly ExtraImage[]): SeenOriginal[] {
  return originals.flatMap((original) => {
    const { artworkId, suffix, md5 } = original;
    return md5 === null || isEmpty(original) ? [] : [{ artworkId, suffix, md5 }];
  });
}

/**
 * Judges the originals that were seen on an item by what earlier audits saw, and remembers them: a first sight as it is, a
 * known content as seen today, any other beside the first. One statement, and safe to repeat.
 *
 * @returns those with another content than at first
 */
export async function rememberContents(
  q: Queryable,
  entityType: EntityType,
  seen: readonly SeenOriginal[],
): Promise<readonly ChangedContent[]> {
  return seen.length === 0 ? [] : judged(q, remember, entityType, seen);
}

/**
 * Judges them alike, and remembers nothing: by a statement that is shared with whoever has seen another item meanwhile.
 */
export async function judgeContents(
  db: Database,
  entityType: EntityType,
  seen: readonly SeenOriginal[],
): Promise<readonly ChangedContent[]> {
  if (seen.length === 0) return [];
  const opened = together.get(db) ?? byEntityType((type) => judgeTogether(db, type));
  together.set(db, opened);
  return opened[entityType].ask(seen);
}

/** Items in one statement: few enough for nobody to wait long for the others. */
const mostTogether = 50;

const together = new WeakMap<Database, Readonly<Record<EntityType, ReturnType<typeof judgeTogether>>>>();

function judgeTogether(db: Database, entityType: EntityType) {
  return new AskTogether<readonly SeenOriginal[], readonly ChangedContent[]>(async (items) => {
    // A copy may lie on two items at once.
    const each = new Map(items.flat().map((original) => [nameOf(original), original]));
    const changed = await judged(db, judge, entityType, [...each.values()]);
    return items.map((seen) => {
      const own = new Set(changed.length === 0 ? [] : seen.map(nameOf));
      return changed.filter((content) => own.has(nameOf(content)));
    });
  }, mostTogether);
}

function nameOf({ artworkId, suffix, md5 }: SeenOriginal): string {
  return `${artworkId}.${suffix} ${md5}`;
}

/** All contents that are remembered of some images, the first one of each before others. */
export async function readContents(
  q: Queryable,
  entityType: EntityType,
  artworkIds: readonly number[],
): Promise<readonly RememberedContent[]> {
  if (artworkIds.length === 0) return [];
  const { rows } = await q.query<RememberedContent>(readStatement, [entityType, artworkIds]);
  return rows;
}

/** The md5 of the only content that audits saw of an image, or null. */
export async function readOnlyMd5(
  q: Queryable,
  entityType: EntityType,
  image: Pick<SeenOriginal, 'artworkId' | 'suffix'>,
): Promise<string | null> {
  return onlyMd5(await readContents(q, entityType, [image.artworkId]), image);
}

interface ChangedRow extends Omit<ChangedContent, 'first'> {
  readonly firstMd5: string;
  readonly firstSeen: string;
  readonly lastSeen: string;
}

async function judged(
  q: Queryable,
  statement: (entityType: EntityType, seen: readonly SeenOriginal[]) => Sql,
  entityType: EntityType,
  seen: readonly SeenOriginal[],
): Promise<readonly ChangedContent[]> {
  // In one order, so that audits of two items with the same images don't wait for each other in a circle.
  const ordered = [...seen].sort((one, other) => one.artworkId - other.artworkId);
  const { rows } = await q.query<ChangedRow>(statement(entityType, ordered));
  return rows.map(({ artworkId, suffix, md5, since, firstMd5, firstSeen, lastSeen }) => ({
    artworkId,
    suffix,
    md5,
    since,
    first: { md5: firstMd5, firstSeen, lastSeen },
  }));
}

/** The day by UTC, whatever the session's zone is. */
const today = sql`(now() at time zone 'UTC')::date`;
const hex = (md5: string): string => `replace(${md5}::text, '-', '')`;

/** The `materialized` lookups go by the index, one an image. */
const known = (entityType: EntityType, seen: readonly SeenOriginal[]): Sql => sql`
  seen as materialized (
    select artwork_id, suffix, md5::uuid
    from unnest(
      ${seen.map(({ artworkId }) => artworkId)}::bigint[],
      ${seen.map(({ suffix }) => suffix)}::text[],
      ${seen.map(({ md5 }) => md5)}::text[]
    ) as seen (artwork_id, suffix, md5)
  ),
  known as materialized (
    select seen.artwork_id, seen.suffix, seen.md5, content.md5 as first_md5, content.first_seen, content.last_seen
    from seen cross join lateral (
      select content.md5, content.first_seen, content.last_seen from artwork_reconciler.image_content content
      where content.artwork_id = seen.artwork_id and content.suffix = seen.suffix and content.entity_type = ${entityType}
      limit 1
    ) content
  )`;

const changed = raw(`
  known.artwork_id as "artworkId", known.suffix, ${hex('known.md5')} as md5, ${hex('known.first_md5')} as "firstMd5",
  known.first_seen::text as "firstSeen", known.last_seen::text as "lastSeen"`);

const remember = (entityType: EntityType, seen: readonly SeenOriginal[]): Sql => sql`
  with ${known(entityType, seen)},
  added as (
    insert into artwork_reconciler.image_content (artwork_id, md5, first_seen, last_seen, entity_type, suffix)
    select seen.artwork_id, seen.md5, ${today}, ${today}, ${entityType}, seen.suffix
    from seen left join known using (artwork_id, suffix) where known.artwork_id is null
    on conflict do nothing
  ),
  again as (
    update artwork_reconciler.image_content content set last_seen = ${today}
    from known
    where content.artwork_id = known.artwork_id and content.suffix = known.suffix and content.entity_type = ${entityType}
      and known.md5 = known.first_md5 and known.last_seen < ${today}
  ),
  other as (
    insert into artwork_reconciler.image_other_content as other
      (entity_type, artwork_id, suffix, md5, first_seen, last_seen)
    select ${entityType}, artwork_id, suffix, md5, ${today}, ${today} from known where md5 <> first_md5
    on conflict (artwork_id, suffix, entity_type, md5) do update set last_seen = excluded.last_seen
    returning artwork_id, suffix, first_seen
  )
  select ${changed}, other.first_seen::text as since from known join other using (artwork_id, suffix)
  order by known.artwork_id, known.suffix`;

const judge = (entityType: EntityType, seen: readonly SeenOriginal[]): Sql => sql`
  with ${known(entityType, seen)}
  select ${changed}, coalesce(other.first_seen, ${today})::text as since
  from known left join artwork_reconciler.image_other_content other
    on other.artwork_id = known.artwork_id and other.suffix = known.suffix and other.entity_type = ${entityType}
    and other.md5 = known.md5
  where known.md5 <> known.first_md5
  order by known.artwork_id, known.suffix`;

const readStatement = `
  select artwork_id as "artworkId", suffix, ${hex('md5')} as md5,
    first_seen::text as "firstSeen", last_seen::text as "lastSeen"
  from (
    select 0 as place, artwork_id, suffix, md5, first_seen, last_seen from artwork_reconciler.image_content
    where artwork_id = any ($2::bigint[]) and entity_type = $1
    union all
    select 1, artwork_id, suffix, md5, first_seen, last_seen from artwork_reconciler.image_other_content
    where artwork_id = any ($2::bigint[]) and entity_type = $1
  ) content
  order by artwork_id, suffix, place, first_seen, md5`;
