import type { Queryable } from '../../database/connection.ts';
import { typesById } from '../../database/musicbrainz/art-tables.ts';
import { readExpectedState } from '../../database/musicbrainz/expected-state.ts';
import {
  type ImageSuffix,
  indexFileName,
  itemName,
  originalFileName,
  xmlFileName,
} from '../../domain/documents/file-names.ts';
import { expectedIndex } from '../../domain/documents/index-document.ts';
import { type EntityKey, type EntityType, projects } from '../../domain/entity.ts';
import type { ExpectedImage, ExpectedState, Presence } from '../../domain/expected-state.ts';
import { bytesOf, type Content } from '../content.ts';
import { deriveMetadata } from '../archive/derivatives.ts';
import type { FileSeed, ItemSeed } from '../archive/seed-item.ts';
import { artTables } from '../musicbrainz/insert-images.ts';
import { webServiceXml, webServiceXmls } from '../musicbrainz/web-service.ts';
import { imageContent } from '../images/image-content.ts';
import { indexBytes } from './index-of-day.ts';

/** What MusicBrainz says, as far as an item follows from it. */
type Expected = Pick<ExpectedState, 'identity' | 'images' | 'key' | 'presence'>;

/** An item that is going to be at the archive. Drift is what is changed here before it is put there. */
export interface ItemPlan {
  readonly key: EntityKey;
  readonly expected: Expected;
  readonly files: Map<string, Omit<FileSeed, 'name'>>;
  /** What was set when the item was made. */
  readonly metadata: Record<string, string | string[]>;
  /** Wins over what the archive derives from the XML. Null: the key is not there. */
  readonly derived: Record<string, string | string[] | null>;
  dark: boolean;
  /** True: there is no item. */
  absent: boolean;
  /** Whether the archive has made thumbnails and the like of the images. */
  derivatives: boolean;
  /** When everything was uploaded, as a day (`YYYY-MM-DD`); a year ago where not given. */
  readonly day?: string;
}

/**
 * The item of an entity as it is where everything has been carried out and applied: all images, index.json and XML as
 * MusicBrainz has them now. Of an orphan: nothing but what the archive itself keeps.
 *
 * @param day when everything was uploaded (`YYYY-MM-DD`): the documents then have the forms of that day.
 */
export async function planItem(db: Queryable, key: EntityKey, day?: string): Promise<ItemPlan> {
  const { entityType, gid } = key;
  const expected = await readExpectedState(db, { entityType, gid });
  return planFor(expected, expected.identity === 'live' ? await currentXml(db, expected.key, day) : null, day);
}

/** @param xml what the web service said of a live entity then; null for an orphan, which has no documents. */
function planFor(expected: Expected, xml: Uint8Array | null, day?: string): ItemPlan {
  const { entityType, gid } = expected.key;
  const plan: ItemPlan = {
    key: expected.key,
    expected,
    files: new Map(),
    metadata: { collection: projects[entityType].collection, mediatype: 'image', noindex: 'true' },
    derived: {},
    dark: expected.presence === 'darkened',
    absent: false,
    derivatives: true,
    ...(day === undefined ? {} : { day }),
  };
  for (const { id, suffix } of expected.images) addOriginal(plan, id, suffix);
  if (xml !== null) {
    plan.files.set(indexFileName, { content: indexBytes(expectedIndex(expected), day) });
    plan.files.set(xmlFileName(gid), { content: xml });
  }
  return plan;
}

/** Puts an image's original into an item, whether or not MusicBrainz lists it there. */
export function addOriginal(plan: ItemPlan, artworkId: number, suffix: string): void {
  const name = originalFileName(plan.key.gid, artworkId, suffix);
  plan.files.set(name, { content: imageContent(artworkId, suffix as ImageSuffix) });
}

/** What `x-archive-keep-old-version` left of a file that was replaced or deleted. */
export function addOldVersion(plan: ItemPlan, name: string, content: Content | Uint8Array): void {
  plan.files.set(`history/files/${name}.~1~`, { content });
}

/** The item as the simulated archive takes it, with the metadata that it derives from the XML in the plan. */
export function itemSeedOf(plan: ItemPlan): ItemSeed {
  const xml = plan.files.get(xmlFileName(plan.key.gid));
  const metadata = { ...plan.metadata, ...(xml && deriveMetadata(bytesOf(xml.content))), ...plan.derived };
  return {
    identifier: itemName(plan.key.gid),
    metadata: Object.fromEntries(
      Object.entries(metadata).filter((entry): entry is [string, string | string[]] => entry[1] !== null),
    ),
    files: [...plan.files].map(([name, file]) => ({ name, ...file })),
    dark: plan.dark,
    derivatives: plan.derivatives,
    ...(plan.day === undefined ? {} : { lastUpdated: new Date(plan.day) }),
  };
}

async function currentXml(db: Queryable, key: EntityKey, day?: string): Promise<Buffer> {
  const answer = await webServiceXml(db, key, day);
  if (answer.kind === 'found') return answer.xml;
  throw new Error(`the web service does not know the live ${key.entityType} ${key.gid}: expected its XML`);
}

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
         'types', ${typesById(projects[entityType].tables, 'listing.types')}
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
