import type { EntityType } from '../../domain/entity.ts';
import type { Queryable } from '../connection.ts';

/** What the triggers' functions read, with their owner's rights. */
const readTables: Readonly<Record<EntityType, readonly string[]>> = {
  release: [
    'cover_art_archive.cover_art',
    'cover_art_archive.image_type',
    'musicbrainz.artist_credit_name',
    'musicbrainz.release',
  ],
  event: ['cover_art_archive.image_type', 'event_art_archive.event_art', 'musicbrainz.event'],
};

/**
 * What the triggers' functions would lack when they run: tables that don't exist, and rights of the user who is about to
 * own them. Without these every edit at MusicBrainz would fail. Empty where nothing is missing.
 *
 * @param tables those that get a trigger, with their schemas
 */
export async function findMissingRights(
  q: Queryable,
  entityTypes: readonly EntityType[],
  tables: readonly string[],
): Promise<readonly string[]> {
  const { rows } = await q.query<{ problem: string }>(
    `select case
         when to_regclass(needed.relation) is null then needed.relation || ' does not exist'
         else current_user || ' may not ' || lower(needed.what) || ' ' || needed.relation
       end as problem
     from (
       select relation, 'SELECT' as what from unnest($1::text[]) as relation
       union all select relation, 'TRIGGER' from unnest($2::text[]) as relation
       union all
       select 'artwork_indexer.event_queue', what from unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE']) as what
     ) needed
     where case
       when to_regclass(needed.relation) is null then true
       else not has_table_privilege(to_regclass(needed.relation), needed.what)
     end
     union
     select current_user || ' may not use ' || sequence.relation
     from (select pg_get_serial_sequence('artwork_indexer.event_queue', 'id') as relation) sequence
     where sequence.relation is not null and not has_sequence_privilege(sequence.relation, 'USAGE')
     order by problem`,
    [[...new Set(entityTypes.flatMap((type) => readTables[type]))], [...new Set(tables)]],
  );
  return rows.map(({ problem }) => problem);
}
