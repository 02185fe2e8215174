import type { Queryable } from '../../database/connection.ts';
import type { EntityKey, EntityType } from '../../domain/entity.ts';
import type { ArchiveState } from '../archive/archive-state.ts';
import { insertEvents } from '../musicbrainz/insert-events.ts';
import { insertReleases } from '../musicbrainz/insert-releases.ts';
import type { World } from '../musicbrainz/random-entities.ts';
import { createWorld, randomEvent, randomImage, randomRelease } from '../musicbrainz/random-entities.ts';
import type { EventSpec, ReleaseSpec, StoredEntity } from '../musicbrainz/specs.ts';
import type { Random } from '../random.ts';
import type { Images } from './drift-kind.ts';
import type { ItemPlan } from './item-plan.ts';
import { itemSeedOf, planItem } from './item-plan.ts';

export interface EntityWishes {
  readonly images: Images;
  readonly darkened?: boolean;
  readonly release?: Partial<ReleaseSpec>;
  readonly event?: Partial<EventSpec>;
}

/** Both sides, for a kind of drift to be set up on. */
export interface Scene {
  readonly db: Queryable;
  readonly entityType: EntityType;
  readonly random: Random;
  /** A gid that nobody has. */
  newGid(): string;
  nextArtworkId(): number;
  /** Adds an entity of the scene's type to MusicBrainz, as random as wishes allow. Nothing is put at the archive. */
  addEntity(wishes: EntityWishes): Promise<StoredEntity>;
  /** The item of an entity as it would be in step now, uploaded on a day (`YYYY-MM-DD`) or, where none is given, today. */
  plan(key: EntityKey, day?: string): Promise<ItemPlan>;
  /** Puts an item at the archive, as it has been since its day, unless the plan says that there is none. */
  store(plan: ItemPlan): void;
}

export function createScene(
  db: Queryable,
  archive: Pick<ArchiveState, 'seedItem'>,
  entityType: EntityType,
  random: Random,
): Scene {
  const world = createWorld(random, 6);
  return {
    db,
    entityType,
    random,
    newGid: () => random.uuid(),
    nextArtworkId: () => world.nextArtworkId(),
    addEntity: (wishes) => addEntity(db, world, entityType, wishes),
    plan: (key, day) => planItem(db, key, day),
    store: (plan) => {
      if (!plan.absent) archive.seedItem(itemSeedOf(plan));
    },
  };
}

async function addEntity(
  db: Queryable,
  world: World,
  entityType: EntityType,
  { images, darkened = false, release, event }: EntityWishes,
): Promise<StoredEntity> {
  const wanted = typeof images === 'number' ? Array.from({ length: images }, () => ({})) : images;
  const specs = wanted.map((image, at) => ({ ...randomImage(world, entityType, at + 1), ...image }));
  const [entity] =
    entityType === 'release'
      ? await insertReleases(db, [{ ...randomRelease(world, specs, darkened), ...release }])
      : await insertEvents(db, [{ ...randomEvent(world, specs, darkened), ...event }]);
  if (entity === undefined) throw new Error(`the ${entityType} was not added`);
  return entity;
}
