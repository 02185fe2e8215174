import type { EntityKey, EntityType } from '../../domain/entity.ts';
import type { EventSpec, ImageSpec, ReleaseSpec, StoredEntity } from '../musicbrainz/specs.ts';
import { pythonSince } from './index-of-day.ts';
import type { Random } from '../random.ts';
import type { ItemPlan } from './item-plan.ts';
import type { Scene } from './scene.ts';

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
export interface Days {
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
