import type { ImageOwner } from '../../domain/documents/image-content.ts';
import { byEntityType, type EntityType, projects } from '../../domain/entity.ts';
import type { Queryable } from '../connection.ts';
import { imageTypeTable } from './art-tables.ts';

/**
 * Which entity MusicBrainz lists each image for. An id that is not in the answer belongs to nobody. An artwork id is one
 * image's in its whole archive, so no id has two owners.
 *
 * @throws {Error} where an image is of a mime type without a suffix: what its file is called is unknown.
 */
export async function findImageOwners(
  q: Queryable,
  entityType: EntityType,
  artworkIds: readonly number[],
): Promise<ReadonlyMap<number, ImageOwner>> {
  if (artworkIds.length === 0) return new Map();
  const { rows } = await q.query<OwnerRow>(statements[entityType], [artworkIds]);
  return new Map(rows.map((row) => [row.id, toOwner(entityType, row)]));
}

/** The edit that added each image, of those that MusicBrainz lists. */
export async function readImageEdits(
  q: Queryable,
  entityType: EntityType,
  artworkIds: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  if (artworkIds.length === 0) return new Map();
  const { rows } = await q.query<{ id: number; edit: number }>(
    `select listed.id, listed.edit from ${projects[entityType].tables.listing} listed where listed.id = any ($1::bigint[])`,
    [artworkIds],
  );
  return new Map(rows.map(({ id, edit }) => [id, edit]));
}

interface OwnerRow extends Omit<ImageOwner, 'suffix'> {
  readonly id: number;
  readonly suffix: string | null;
  readonly mimeType: string;
}

function toOwner(entityType: EntityType, { id, gid, suffix, presence, mimeType }: OwnerRow): ImageOwner {
  if (suffix === null) {
    throw new Error(
      `image ${id} of ${entityType} ${gid} has the mime type ${mimeType}, which ${imageTypeTable} does not have: ` +
        'the name of its file is unknown, and nothing is decided about it',
    );
  }
  return { gid, suffix, presence };
}

const statements = byEntityType(statement);

function statement(entityType: EntityType): string {
  const tables = projects[entityType].tables;
  return `
    select art.id, entity.gid::text as gid, image_type.suffix, art.mime_type as "mimeType", meta.${tables.presence}::text as presence
    from ${tables.art} art
    join ${tables.entity} entity on entity.id = art.${tables.entityColumn}
    left join ${tables.meta} meta on meta.id = entity.id
    left join ${imageTypeTable} image_type using (mime_type)
    where art.id = any ($1::bigint[])
    order by art.id`;
}
