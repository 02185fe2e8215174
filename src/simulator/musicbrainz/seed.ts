import { readdir, readFile } from 'node:fs/promises';
import type { Queryable, Transaction } from '../../database/connection.ts';
import type { EntityKey, EntityType } from '../../domain/entity.ts';
import { createRandom } from '../random.ts';
import { insertEvents } from './insert-events.ts';
import { artTables } from './insert-images.ts';
import { insertReleases } from './insert-releases.ts';
import { createWorld, randomEvent, randomImages, randomRelease, type World } from './random-entities.ts';
import type { EventSpec, ImageSpec, ReleaseSpec, StoredEntity } from './specs.ts';

/** At the package's root; this file is three folders below it, in src/ as in dist/. */
const folder = new URL('../../../fixture/musicbrainz/', import.meta.url);
const listRows = '07_list_rows.sql';
const webService = '08_web_service.sql';

/**
 * Makes MusicBrainz' tables, views and lists, empty of entities, in the schemas `musicbrainz`, `cover_art_archive` and
 * `event_art_archive`: all of them or, where one fails, none. Does nothing where `musicbrainz.release` is there already,
 * so a real MusicBrainz database is never touched.
 *
 * @throws the database's error, for example where only some of the schemas exist.
 */
export async function installMusicbrainzFixture(db: Queryable): Promise<void> {
  if (await exists(db, 'musicbrainz.release')) return;
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  // Several statements without parameters are one simple query, which PostgreSQL runs as one transaction.
  await run(db, names);
}

/**
 * Makes ready for entities to be added in the same transaction: MusicBrainz' own schema, as its server makes it, or the
 * fixture where there is none. Lists get the rows that they lack, which in a schema without data is nearly all.
 *
 * @throws {Error} where there are releases or events already, which may be somebody's real ones: nothing is written then.
 */
export async function prepareEmptyMusicbrainz(transaction: Transaction): Promise<void> {
  if (!(await exists(transaction, 'musicbrainz.release'))) return installMusicbrainzFixture(transaction);
  const { rows } = await transaction.query(
    '(select 1 from musicbrainz.release limit 1) union all (select 1 from musicbrainz.event limit 1)',
  );
  if (rows.length > 0) {
    throw new Error('--entities is for empty MusicBrainz tables, and these hold entities already; nothing was written');
  }
  // MusicBrainz' own triggers name its tables without their schema: its server's role has this path.
  await transaction.query('set local search_path to musicbrainz, public');
  await run(transaction, [listRows]);
}

/**
 * Makes the functions that the simulated web service reads entities by, in a schema of their own, where MusicBrainz'
 * tables are there and they are not.
 */
export async function installWebService(db: Queryable): Promise<void> {
  if ((await exists(db, 'musicbrainz.release')) && !(await hasWebService(db))) await run(db, [webService]);
}

async function hasWebService(db: Queryable): Promise<boolean> {
  const { rows } = await db.query<{ there: boolean }>(
    `select to_regnamespace('simulated_web_service') is not null as there`,
  );
  return rows[0]?.there === true;
}

async function exists(db: Queryable, relation: string): Promise<boolean> {
  const { rows } = await db.query<{ there: boolean }>('select to_regclass($1) is not null as there', [relation]);
  return rows[0]?.there === true;
}

async function run(db: Queryable, names: readonly string[]): Promise<void> {
  const files = await Promise.all(names.map((name) => readFile(new URL(name, folder), 'utf8')));
  await db.query(files.join('\n'));
}

interface SeedOptions {
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

interface MergedEntity extends EntityKey {
  /** The live entity's gid. */
  readonly into: string;
  /** Its images, which are the live entity's now. */
  readonly images: readonly ImageSpec[];
}

interface DeletedEntity extends EntityKey {
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
