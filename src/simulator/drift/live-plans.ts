import type { Queryable } from '../../database/connection.ts';
import { artTables as sourceTables, typesById } from '../../database/musicbrainz/art-tables.ts';
import type { EntityType } from '../../domain/entity.ts';
import type { ExpectedImage, Presence } from '../../domain/expected-state.ts';
import { artTables } from '../musicbrainz/art-tables.ts';
import { webServiceXmls } from '../musicbrainz/web-service.ts';
import type { ItemPlan } from './item-plan.ts';
import { planFor } from './item-plan.ts';

interface Row {
  readonly gid: string;
  readonly presence: Presence;
  readonly images: readonly ExpectedImage[];
}

/**
 * The items of many live entities as `planItem` makes them, read in two statements: one by one, most of the time would
 * go into planning the same statements again.
 *
 * @param dayOf when everything was uploaded, as for `planItem`
 */
export async function planLiveItems(
  db: Queryable,
  entityType: EntityType,
  gids: readonly string[],
  dayOf: (gid: string) => string | undefined = () => undefined,
): Promise<readonly ItemPlan[]> {
  const tables = artTables[entityType];
  const { rows } = await db.query<Row>(
    `select entity.gid, meta.${tables.presence} as presence, listed.images
     from ${tables.entity} entity
     join ${tables.meta} meta using (id)
     cross join lateral (
       select coalesce(json_agg(json_build_object(
         'id', listing.id, 'suffix', image_type.suffix, 'approved', listing.approved, 'isFront', listing.is_front,
         'isBack', ${entityType === 'release' ? 'listing.is_back' : 'null'}, 'comment', listing.comment,
         'edit', listing.edit,
         'types', ${typesById(sourceTables[entityType], 'listing.types')}
       ) order by listing.ordering, listing.id), '[]') as images
       from ${tables.listing} listing
       join cover_art_archive.image_type using (mime_type)
       where listing.${tables.owner} = entity.id
     ) listed
     where entity.gid = any($1::uuid[])
     order by entity.gid`,
    [gids],
  );
  const xmls = await webServiceXmls(db, entityType, gids, dayOf);
  return rows.map(({ gid, presence, images }) => {
    const xml = xmls.get(gid);
    if (xml === undefined)
      throw new Error(`the web service does not know the live ${entityType} ${gid}: expected its XML`);
    return planFor({ key: { entityType, gid }, identity: 'live', presence, images }, xml, dayOf(gid));
  });
}
