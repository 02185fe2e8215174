import { byEntityType, type EntityKey, type EntityType, type Identity, projects } from '../../domain/entity.ts';
import type { ExpectedImage, ExpectedState, Presence } from '../../domain/expected-state.ts';
import type { Queryable } from '../connection.ts';
import { imageTypeTable, typesById } from './art-tables.ts';

/**
 * What MusicBrainz says now about one gid: who it is, and, for a live entity, its images, its presence flag and the
 * gids merged into it.
 *
 * One statement, so that its parts are of one moment. A gid that is live is live, whatever else is recorded of it.
 *
 * @throws {Error} where MusicBrainz lists an image of a mime type without a suffix: what its file is called is unknown.
 */
export async function readExpectedState(q: Queryable, key: EntityKey): Promise<ExpectedState> {
  const { rows } = await q.query<StateRow>(alone[key.entityType], [key.gid]);
  return toExpectedState(key, rows[0]);
}

/** The state in a row of `expectedStateSql`. @throws as `readExpectedState` does */
export function toExpectedState(key: EntityKey, row: StateRow | undefined): ExpectedState {
  if (row === undefined)
    throw new Error(`MusicBrainz gave no answer about ${key.entityType} ${key.gid}: one row was expected`);
  return {
    key,
    identity: row.identity,
    mergedInto: row.mergedInto,
    mergedFrom: row.mergedFrom,
    presence: row.presence,
    images: row.images.map((image) => toImage(key, image)),
  };
}

/** What the statement answers. */
export interface StateRow {
  readonly identity: Identity;
  readonly mergedInto: string | null;
  readonly mergedFrom: readonly string[];
  readonly presence: Presence | null;
  readonly images: readonly ImageJson[];
}

/** Ids come as text: JSON's numbers would round one beyond 2^53 without a word. */
interface ImageJson extends Omit<ExpectedImage, 'edit' | 'id' | 'suffix'> {
  readonly id: string;
  readonly edit: string;
  readonly suffix: string | null;
  readonly mimeType: string;
}

function toImage(key: EntityKey, image: ImageJson): ExpectedImage {
  const { id, edit, suffix, mimeType, ...rest } = image;
  if (suffix === null) {
    throw new Error(
      `image ${id} of ${key.entityType} ${key.gid} has the mime type ${mimeType}, which ${imageTypeTable} does not have: ` +
        'the name of its file is unknown, and nothing is decided about this entity',
    );
  }
  return { id: exactNumber(id), suffix, edit: exactNumber(edit), ...rest };
}

function exactNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`id ${text} from MusicBrainz exceeds 2^53`);
  return value;
}

/**
 * One row, of one gid; for statements that ask more than that, or of many, too. Each table is entered by an index: gid,
 * new_id, or the entity's id.
 *
 * @param gid an SQL expression of type uuid
 */
export function expectedStateSql(entityType: EntityType, gid: string): string {
  const tables = projects[entityType].tables;
  return `
    with live as materialized (select id from ${tables.entity} where gid = ${gid}),
    redirected as materialized (
      select entity.gid
      from ${tables.redirect} redirect join ${tables.entity} entity on entity.id = redirect.new_id
      where redirect.gid = ${gid} and not exists (select from live)
    )
    select
      case
        when exists (select from live) then 'live'
        when exists (select from redirected) then 'merged'
        when exists (
          select from musicbrainz.deleted_entity where gid = ${gid} and data->>'entity_type' = '${entityType}'
        ) then 'deleted'
        else 'unknown'
      end as identity,
      (select gid from redirected) as "mergedInto",
      array(
        select redirect.gid::text from ${tables.redirect} redirect
        where redirect.new_id = (select id from live) order by redirect.gid
      ) as "mergedFrom",
      (select ${tables.presence}::text from ${tables.meta} where id = (select id from live)) as presence,
      (
        select coalesce(json_agg(json_build_object(
          'id', listed.id::text,
          'suffix', image_type.suffix,
          'mimeType', listed.mime_type,
          'approved', listed.approved,
          'isFront', listed.is_front,
          'isBack', ${projects[entityType].hasBack ? 'listed.is_back' : 'null::boolean'},
          'comment', listed.comment,
          'edit', listed.edit::text,
          'types', ${typesById(tables, 'listed.types')}
        ) order by listed.ordering, listed.id), '[]'::json)
        from ${tables.listing} listed left join ${imageTypeTable} image_type using (mime_type)
        where listed.${tables.entityColumn} = (select id from live)
      ) as images`;
}

const alone = byEntityType((entityType) => expectedStateSql(entityType, '$1::uuid'));
