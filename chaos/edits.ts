import type { Database } from '../src/database/connection.ts';
import { itemName, originalFileName } from '../src/domain/documents/file-names.ts';
import { type EntityKey, type EntityType, entityTypes, projects } from '../src/domain/entity.ts';
import { imageContent } from '../src/simulator/images/image-content.ts';
import { addEntity, addImage } from '../src/simulator/musicbrainz/builders.ts';
import {
  changeImage,
  deleteEntity,
  deleteImage,
  mergeEntity,
  moveImage,
} from '../src/simulator/musicbrainz/changes.ts';
import { artTables } from '../src/simulator/musicbrainz/insert-images.ts';
import type { Random } from '../src/simulator/random.ts';
import type { Simulator } from '../src/simulator/simulator.ts';

const suffix = 'jpg';

/**
 * Entities of more images are neither merged nor deleted: each image is an event or two, and where the item is one that
 * applies nothing, or is slowed down, each costs its five attempts. Thirty of them took a run of two minutes seven or
 * eight (seed 649596 of then), and showed nothing else than six do.
 */
const mostImages = 6;

interface Listed {
  readonly id: number;
  readonly gid: string;
}

interface Scene {
  readonly db: Database;
  readonly simulator: Simulator;
  readonly random: Random;
  readonly entityType: EntityType;
  /** Entities that MusicBrainz has, and has not darkened. */
  readonly gids: readonly string[];
  /** Images that MusicBrainz lists. */
  readonly images: readonly Listed[];
}

type Edit = (scene: Scene) => Promise<string | null>;

/** How often each is made, beside the others. What MusicBrainz' triggers queue for it is for the workers. */
const edits: readonly (readonly [weight: number, edit: Edit])[] = [
  [5, addAnImage],
  [5, moveAnImage],
  [2, commentAnImage],
  [1, deleteAnImage],
  [1, mergeTwo],
  [0.5, deleteOne],
];

/**
 * Makes one edit by chance, as MusicBrainz' editors do while everything else continues.
 *
 * @returns what was done, in words; null where there was nothing to do it with.
 */
export async function editAtRandom(db: Database, simulator: Simulator, random: Random): Promise<string | null> {
  const entityType = random.pick(entityTypes);
  const scene = { db, simulator, random, entityType, ...(await readScene(db, entityType)) };
  let dice = random.next() * edits.reduce((sum, [weight]) => sum + weight, 0);
  const chosen = edits.find(([weight]) => (dice -= weight) < 0) ?? edits[0]!;
  return chosen[1](scene);
}

async function readScene(db: Database, entityType: EntityType): Promise<Pick<Scene, 'gids' | 'images'>> {
  const tables = artTables[entityType];
  // MusicBrainz refuses new images of what it has darkened.
  const entities = await db.query<{ gid: string }>(
    `select gid::text from ${tables.entity} entity join ${tables.meta} meta using (id)
     where meta.${tables.presence} <> 'darkened' order by id`,
  );
  const { rows } = await db.query<Listed>(
    `select art.id, entity.gid::text from ${tables.art} art join ${tables.entity} entity on entity.id = art.${tables.owner}
     order by art.id`,
  );
  return { gids: entities.rows.map(({ gid }) => gid), images: rows };
}

/** The file comes first, and then the row; to a new entity every third time. */
async function addAnImage({ db, simulator, random, entityType, gids }: Scene): Promise<string> {
  const isNew = gids.length === 0 || random.chance(0.33);
  const key: EntityKey = { entityType, gid: isNew ? random.uuid() : random.pick(gids) };
  if (isNew) await addEntity(db, key, { images: [] });
  const id = 1_000_000 + random.integer(0, 2 ** 30);
  const file = { name: originalFileName(key.gid, id, suffix), content: imageContent(id, suffix) };
  simulator.archive.uploadAsEditor(itemName(key.gid), file, {
    collection: projects[entityType].collection,
    mediatype: 'image',
    noindex: 'true',
  });
  await addImage(db, key, { id, suffix });
  return `image ${id} was added to ${entityType} ${key.gid}`;
}

async function moveAnImage({ db, random, entityType, gids, images }: Scene): Promise<string | null> {
  if (images.length === 0 || gids.length < 2) return null;
  const image = random.pick(images);
  const to = random.pick(gids.filter((gid) => gid !== image.gid));
  await db.transaction((tx) => moveImage(tx, entityType, image.id, to));
  return `image ${image.id} was moved from ${entityType} ${image.gid} to ${to}`;
}

async function commentAnImage({ db, random, entityType, images }: Scene): Promise<string | null> {
  if (images.length === 0) return null;
  const { id, gid } = random.pick(images);
  await changeImage(db, entityType, id, { comment: `as of edit ${random.integer(1, 99_999)}` });
  return `the comment of image ${id} of ${entityType} ${gid} was changed`;
}

async function deleteAnImage({ db, simulator, random, entityType, images }: Scene): Promise<string | null> {
  if (images.length === 0) return null;
  const { id, gid } = random.pick(images);
  simulator.archive.permitRemoval(id);
  await db.transaction((tx) => deleteImage(tx, entityType, id));
  return `image ${id} of ${entityType} ${gid} was deleted`;
}

async function mergeTwo({ db, random, entityType, gids, images }: Scene): Promise<string | null> {
  const few = ofFewImages(gids, images);
  if (few.length === 0 || gids.length < 4) return null;
  const from = random.pick(few);
  const into = random.pick(gids.filter((gid) => gid !== from));
  await db.transaction((tx) => mergeEntity(tx, { entityType, gid: from }, { entityType, gid: into }));
  return `${entityType} ${from} was merged into ${into}`;
}

async function deleteOne({ db, simulator, random, entityType, gids, images }: Scene): Promise<string | null> {
  const few = ofFewImages(gids, images);
  if (few.length === 0 || gids.length < 4) return null;
  const gid = random.pick(few);
  for (const { id } of images.filter((image) => image.gid === gid)) simulator.archive.permitRemoval(id);
  await db.transaction((tx) => deleteEntity(tx, { entityType, gid }));
  return `${entityType} ${gid} was deleted`;
}

function ofFewImages(gids: readonly string[], images: readonly Listed[]): string[] {
  return gids.filter((gid) => images.filter((image) => image.gid === gid).length <= mostImages);
}
