import { randomInt, randomUUID } from 'node:crypto';
import type { Queryable } from '../../database/connection.ts';
import type { EntityKey } from '../../domain/entity.ts';
import { insertEvents } from './insert-events.ts';
import { artTables, insertImages } from './insert-images.ts';
import { insertReleases } from './insert-releases.ts';
import type { ArtistSpec, EventSpec, ImageSpec, PartialDate, ReleaseSpec, StoredEntity } from './specs.ts';

/** Images may be given as how many, or each with what matters of it. */
type Images = number | readonly Partial<ImageSpec>[];

/** An artist with the given properties; the rest is plausible. */
export function makeArtist(given: Partial<ArtistSpec> = {}): ArtistSpec {
  const name = given.name ?? 'Nina Simone';
  return { gid: randomUUID(), name, sortName: name, type: 'Person', country: 'US', comment: '', ...given };
}

/** An image with the given properties; the rest is plausible. `ordering` is from 1. */
function makeImage(given: Partial<ImageSpec> = {}, ordering = 1): ImageSpec {
  return {
    // 11 digits, as the archive's are nowadays.
    id: randomInt(10_000_000_000, 99_999_999_999),
    suffix: 'jpg',
    types: [],
    comment: '',
    ordering,
    approved: true,
    ageDays: 400,
    ...given,
  };
}

/** Adds one release, by default with one image, a front cover. */
export async function addRelease(
  db: Queryable,
  given: Partial<Omit<ReleaseSpec, 'images'>> & { readonly images?: Images } = {},
): Promise<StoredEntity> {
  const release: ReleaseSpec = {
    gid: randomUUID(),
    name: 'Nothing in Particular',
    credits: [{ artist: makeArtist(), creditedAs: null, joinPhrase: '' }],
    status: 'Official',
    packaging: 'Jewel Case',
    language: 'eng',
    script: 'Latn',
    barcode: '0600753319710',
    asin: null,
    comment: '',
    quality: -1,
    dates: [{ country: 'GB', year: 2011, month: 5, day: 23 }],
    darkened: false,
    ...given,
    images: makeImages(given.images, 'Front'),
  };
  return only(await insertReleases(db, [release]));
}

/** Adds one MusicBrainz event, by default with one image, a poster. */
export async function addEvent(
  db: Queryable,
  given: Partial<Omit<EventSpec, 'images'>> & { readonly images?: Images } = {},
): Promise<StoredEntity> {
  const event: EventSpec = {
    gid: randomUUID(),
    name: 'A Night in May',
    type: 'Concert',
    begin: { year: 2019, month: 5, day: 4 },
    end: { year: 2019, month: 5, day: 4 },
    time: '20:00',
    cancelled: false,
    setlist: null,
    comment: '',
    performers: [{ artist: makeArtist(), role: 'main performer', creditedAs: '' }],
    places: [{ gid: randomUUID(), name: 'The Hall', address: '1 Long Lane', latitude: 51.5, longitude: -0.125 }],
    darkened: false,
    ...given,
    images: makeImages(given.images, 'Poster'),
  };
  return only(await insertEvents(db, [event]));
}

/** Adds an entity of the key's kind under its gid, with everything else left to the defaults. */
export async function addEntity(
  db: Queryable,
  { entityType, gid }: EntityKey,
  given: { readonly name?: string; readonly images?: Images; readonly darkened?: boolean } = {},
): Promise<StoredEntity> {
  return entityType === 'release' ? addRelease(db, { ...given, gid }) : addEvent(db, { ...given, gid });
}

/** Adds an image behind those that the entity has. Returns it. */
export async function addImage(db: Queryable, key: EntityKey, given: Partial<ImageSpec> = {}): Promise<ImageSpec> {
  const tables = artTables[key.entityType];
  const { rows } = await db.query<{ id: number; last: number }>(
    `select entity.id, coalesce(max(art.ordering), 0) as last
     from ${tables.entity} entity left join ${tables.art} art on art.${tables.owner} = entity.id
     where entity.gid = $1 group by entity.id`,
    [key.gid],
  );
  const entity = only(rows, `${key.entityType} ${key.gid}`);
  const image = makeImage(given, given.ordering ?? entity.last + 1);
  await insertImages(db, key.entityType, [{ entityId: entity.id, image }]);
  return image;
}

function makeImages(images: Images | undefined, firstType: string): ImageSpec[] {
  if (Array.isArray(images))
    return (images as readonly Partial<ImageSpec>[]).map((image, at) => makeImage(image, at + 1));
  return Array.from({ length: (images as number | undefined) ?? 1 }, (_, at) =>
    makeImage(at === 0 ? { types: [firstType] } : {}, at + 1),
  );
}

function only<Item>(items: readonly Item[], what = 'one row'): Item {
  const [item] = items;
  if (item === undefined) throw new Error(`expected ${what} in MusicBrainz' tables: found none`);
  return item;
}

/**
 * A date as MusicBrainz writes it: `2011-05-23`, `2011-05` or `2011`; parts that are unknown before one that is known
 * are question marks. Null where nothing is known.
 */
export function formatDate(date: PartialDate): string | null {
  if (date.day !== null) return `${year(date)}-${two(date.month)}-${two(date.day)}`;
  if (date.month !== null) return `${year(date)}-${two(date.month)}`;
  return date.year === null ? null : year(date);
}

function year(date: PartialDate): string {
  return date.year === null ? '????' : String(date.year).padStart(4, '0');
}

function two(part: number | null): string {
  return part === null ? '??' : String(part).padStart(2, '0');
}
