import type { Queryable } from '../../database/connection.ts';
import type { EntityKey, EntityType } from '../../domain/entity.ts';
import { createRandom } from '../random.ts';
import { artTables } from './art-tables.ts';
import { insertEvents } from './insert-events.ts';
import { insertReleases } from './insert-releases.ts';
import type { World } from './random-entities.ts';
import { createWorld, randomEvent, randomImages, randomRelease } from './random-entities.ts';
import type { EventSpec, ImageSpec, ReleaseSpec, StoredEntity } from './specs.ts';

export interface SeedOptions {
  readonly seed: number;
  /** How many of each are live in the end. */
  readonly releases: number;
  readonly events: number;
  /** Shares of the live entities, from 0 to 1. A share of `merged` has one more gid that redirects to it. */
  readonly withoutArt?: number;
  readonly darkened?: number;
  readonly merged?: number;
  /** As many gids, as a share of the live ones, were deleted. */
  readonly deleted?: number;
}

export interface MergedEntity extends EntityKey {
  /** The live entity's gid. */
  readonly into: string;
  /** Its images, which are the live entity's now. */
  readonly images: readonly ImageSpec[];
}

export interface DeletedEntity extends EntityKey {
  /** The images it had; MusicBrainz knows nothing of them any more. */
  readonly images: readonly ImageSpec[];
}

export interface SeededMusicbrainz {
  readonly live: readonly StoredEntity[];
  readonly merged: readonly MergedEntity[];
  readonly deleted: readonly DeletedEntity[];
}

/** Rows of one statement. More saves nothing, and the JSON they travel as grows long. */
const batchSize = 1000;

/**
 * Fills MusicBrainz' tables with entities of all sorts, their edits, merges and deletions. The same seed gives the same
 * rows in a fresh fixture. Where artwork-indexer's triggers are installed already, they queue events for all of it.
 */
export async function seedMusicbrainz(db: Queryable, options: SeedOptions): Promise<SeededMusicbrainz> {
  const releases = await seedKind(db, 'release', options.releases, options);
  const events = await seedKind(db, 'event', options.events, options);
  // Plans made for the empty tables read whole tables, until autovacuum comes round, minutes later.
  await db.query('analyze');
  return {
    live: [...releases.live, ...events.live],
    merged: [...releases.merged, ...events.merged],
    deleted: [...releases.deleted, ...events.deleted],
  };
}

async function seedKind(
  db: Queryable,
  entityType: EntityType,
  count: number,
  options: SeedOptions,
): Promise<SeededMusicbrainz> {
  const { withoutArt = 0.1, darkened = 0.02, merged = 0.03, deleted = 0.02 } = options;
  const world = createWorld(createRandom(options.seed).fork(entityType), 5 + Math.floor(count / 10));
  const { random } = world;
  const specs: (EventSpec | ReleaseSpec)[] = [];
  const merges: MergedEntity[] = [];
  for (let made = 0; made < count; made += 1) {
    const images = random.chance(withoutArt) ? [] : randomImages(world, entityType, imageCount(world));
    const isDarkened = images.length > 0 && random.chance(darkened);
    const spec = (entityType === 'release' ? randomRelease : randomEvent)(world, images, isDarkened);
    if (random.chance(merged)) {
      // Images that came with a merge stand behind those that were there.
      const brought = images.slice(random.integer(0, images.length));
      merges.push({ entityType, gid: random.uuid(), into: spec.gid, images: brought });
    }
    specs.push(spec);
  }
  const live: StoredEntity[] = [];
  for (const batch of batches(specs)) {
    const inserted =
      entityType === 'release'
        ? await insertReleases(db, batch as ReleaseSpec[])
        : await insertEvents(db, batch as EventSpec[]);
    live.push(...inserted);
  }
  const deletions = Array.from({ length: Math.round(count * deleted) }, () => ({
    entityType,
    gid: random.uuid(),
    images: randomImages(world, entityType, imageCount(world)),
  }));
  await insertRedirects(db, entityType, merges);
  await insertDeletions(db, entityType, deletions);
  return { live, merged: merges, deleted: deletions };
}

/** 1 to 10, rather few. */
function imageCount({ random }: World): number {
  return 1 + Math.floor(10 * random.next() ** 3);
}

async function insertRedirects(db: Queryable, entityType: EntityType, merges: readonly MergedEntity[]): Promise<void> {
  const tables = artTables[entityType];
  await db.query(
    `insert into ${tables.redirect} (gid, new_id)
     select r.gid, entity.id from jsonb_to_recordset($1::jsonb) as r (gid uuid, "into" uuid)
     join ${tables.entity} entity on entity.gid = r."into"`,
    [JSON.stringify(merges.map(({ gid, into }) => ({ gid, into })))],
  );
}

async function insertDeletions(
  db: Queryable,
  entityType: EntityType,
  deletions: readonly DeletedEntity[],
): Promise<void> {
  await db.query(
    `insert into musicbrainz.deleted_entity (gid, data)
     select gid, jsonb_build_object('entity_type', $2::text, 'entity_gid', gid, 'last_known_name', 'gone',
                                    'last_known_comment', '')
     from unnest($1::uuid[]) as deleted (gid)`,
    [deletions.map(({ gid }) => gid), entityType],
  );
}

function* batches<Item>(items: readonly Item[]): Generator<readonly Item[]> {
  for (let from = 0; from < items.length; from += batchSize) yield items.slice(from, from + batchSize);
}
