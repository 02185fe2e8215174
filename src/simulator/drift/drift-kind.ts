import type { Queryable } from '../../database/connection.ts';
import type { EntityKey, EntityType } from '../../domain/entity.ts';
import type { ArchiveState } from '../archive/archive-state.ts';
import { insertEvents } from '../musicbrainz/insert-events.ts';
import { insertReleases } from '../musicbrainz/insert-releases.ts';
import { createWorld, randomEvent, randomImage, randomRelease, type World } from '../musicbrainz/random-entities.ts';
import type { EventSpec, ImageSpec, ReleaseSpec, StoredEntity } from '../musicbrainz/specs.ts';
import type { Random } from '../random.ts';
import { pythonSince } from './index-of-day.ts';
import { type ItemPlan, itemSeedOf, planItem } from './item-plan.ts';

/**
 * What becomes of an entity in the end, in repair mode under the catalogue's own policies: `clean`, found in step at its
 * first audit; `repaired`, clean after events of its own audit or of another entity's that was audited first;
 * `manual_review`; `legacy`, an orphan of which nothing public is left, from the start or after events.
 */
export type Outcome = 'clean' | 'legacy' | 'manual_review' | 'repaired';

/** The status that an outcome shows as. */
export function statusOf(outcome: Outcome): 'clean' | 'legacy' | 'manual_review' {
  return outcome === 'repaired' ? 'clean' : outcome;
}

/** An entity that was put at the archive, and what should become of it. */
export interface DriftCase extends EntityKey {
  /** The name of its {@link DriftKind}. */
  readonly kind: string;
  readonly outcome: Outcome;
}

/** One way for an item to be out of step with MusicBrainz, or to look as if it were. */
export interface DriftKind {
  readonly name: string;
  /** How it came to be so, or what is so: for people who look at the demo. */
  readonly description: string;
  /** Of each entity that it makes. */
  readonly outcomes: readonly Outcome[];
  readonly entityTypes: readonly EntityType[];
  /** Makes the entities at MusicBrainz and their items, in the order of `outcomes`. */
  readonly make: (scene: Scene) => Promise<readonly EntityKey[]>;
}

/** How many images, or what matters of each. */
export type Images = number | readonly Partial<ImageSpec>[];

/** Both included, as `YYYY-MM-DD`. */
interface Days {
  readonly from: string;
  readonly until: string;
}

/** The first index.json files are of that time (CAA-indexer aacbccd). */
export const firstDay = '2012-03-13';
/** Files of later days have today's forms. */
export const lastDay = '2025-11-28';

/**
 * Files of any age, as the real archive's are, but today's where the audit is to find nothing to mend: an index.json of
 * the Perl indexer is mended.
 */
function usualDays(outcome: Outcome, entityType: EntityType): Days | null {
  return outcome === 'clean' ? null : allDays(entityType);
}

/** No item of the Event Art Archive is older than the Python indexer. */
export function allDays(entityType: EntityType): Days {
  return { from: entityType === 'event' ? pythonSince : firstDay, until: lastDay };
}

/** Years first, so that each has its share however long it is. */
export function drawDay(random: Random, { from, until }: Days): string {
  const firstYear = Number(from.slice(0, 4));
  const year = random.integer(firstYear, Number(until.slice(0, 4)));
  const day = `${year}-${String(random.integer(1, 12)).padStart(2, '0')}-${String(random.integer(1, 28)).padStart(2, '0')}`;
  return day < from ? from : day > until ? until : day;
}

/** A kind of one live entity, whose item is in step but for what is changed of it. */
export function liveKind(kind: {
  readonly name: string;
  readonly description: string;
  readonly outcome: Outcome;
  readonly entityTypes?: readonly EntityType[];
  readonly images?: Images | ((entityType: EntityType) => Images);
  readonly darkened?: boolean;
  /** Of which days its files may be. Where not given: of any that its outcome allows. */
  readonly days?: Days;
  /** What matters of the entity, where it does. */
  readonly release?: Partial<ReleaseSpec>;
  readonly event?: Partial<EventSpec>;
  readonly change: (plan: ItemPlan, entity: StoredEntity, scene: Scene) => Promise<void> | void;
}): DriftKind {
  const { name, description, outcome, entityTypes = ['release', 'event'], images = 3, change } = kind;
  return {
    name,
    description,
    outcomes: [outcome],
    entityTypes,
    make: async (scene) => {
      const entity = await scene.addEntity({
        ...kind,
        images: typeof images === 'function' ? images(scene.entityType) : images,
      });
      const days = kind.days ?? usualDays(outcome, scene.entityType);
      const plan = await scene.plan(entity, days === null ? undefined : drawDay(scene.random, days));
      await change(plan, entity, scene);
      scene.store(plan);
      return [entity];
    },
  };
}

interface EntityWishes {
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
