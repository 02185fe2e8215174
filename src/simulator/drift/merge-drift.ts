import { originalFileName, xmlFileName } from '../../domain/documents/file-names.ts';
import { mergeEntity, moveImage, setPresence } from '../musicbrainz/changes.ts';
import type { ImageSpec } from '../musicbrainz/specs.ts';
import type { DriftKind, Outcome } from './drift-kind.ts';
import { addOriginal, type ItemPlan } from './item-plan.ts';

/**
 * Images that belong to another entity than the item they lie on. The first entity is the one that has lost them, at
 * MusicBrainz merged into the second one or, in the last two, still live.
 */
export const mergeDrift: readonly DriftKind[] = [
  merge('merged_images_left', 'The images were copied; the deletions on the merged item were never carried out.', {
    outcomes: ['legacy', 'clean'],
    from: (plan) => void plan.files.delete(xmlFileName(plan.key.gid)),
  }),
  merge('merged_images_and_xml_left', 'As above, and the merged item has an XML, which no event deletes.', {
    outcomes: ['manual_review', 'clean'],
  }),
  merge('merged_images_not_copied', 'Nothing of the merge was carried out but the new index.', {
    outcomes: ['legacy', 'repaired'],
    from: (plan) => void plan.files.delete(xmlFileName(plan.key.gid)),
    into: withoutMoved,
  }),
  merge('merged_images_only_there', 'All images came with the merge, and the entity has no item yet.', {
    outcomes: ['legacy', 'repaired'],
    ownImages: 0,
    from: (plan) => void plan.files.delete(xmlFileName(plan.key.gid)),
    into: (plan) => void (plan.absent = true),
  }),
  merge('merged_into_darkened', 'The images’ owner was darkened, the merged item forgotten.', {
    outcomes: ['manual_review', 'clean'],
    darkened: true,
  }),
  move('moved_images_left', 'One image was moved to another entity; the deletion here was never carried out.', {
    outcomes: ['repaired', 'clean'],
  }),
  move('moved_images_not_copied', 'One image was moved to another entity, and is still here only.', {
    outcomes: ['repaired', 'repaired'],
    into: withoutMoved,
  }),
];

interface Parts {
  /** Of the one that lost the images, and of their owner. */
  readonly outcomes: readonly [Outcome, Outcome];
  readonly ownImages?: number;
  readonly darkened?: boolean;
  /** What is changed of the items, which are in step from before the merge and since. */
  readonly from?: (plan: ItemPlan) => void;
  readonly into?: (plan: ItemPlan, moved: readonly ImageSpec[]) => void;
}

function merge(name: string, description: string, parts: Parts): DriftKind {
  return {
    name,
    description,
    outcomes: parts.outcomes,
    entityTypes: ['release', 'event'],
    make: async (scene) => {
      const from = await scene.addEntity({ images: 2 });
      const into = await scene.addEntity({ images: parts.ownImages ?? 1 });
      const fromPlan = await scene.plan(from);
      await mergeEntity(scene.db, from, into);
      if (parts.darkened) await setPresence(scene.db, into, 'darkened');
      const intoPlan = await scene.plan(into);
      parts.from?.(fromPlan);
      parts.into?.(intoPlan, from.images);
      scene.store(fromPlan);
      scene.store(intoPlan);
      return [from, into];
    },
  };
}

function move(name: string, description: string, parts: Pick<Parts, 'into' | 'outcomes'>): DriftKind {
  return {
    name,
    description,
    outcomes: parts.outcomes,
    entityTypes: ['release', 'event'],
    make: async (scene) => {
      const from = await scene.addEntity({ images: 3 });
      const into = await scene.addEntity({ images: 1 });
      const moved = from.images.slice(1, 2);
      for (const { id } of moved) await moveImage(scene.db, scene.entityType, id, into.gid);
      const [fromPlan, intoPlan] = [await scene.plan(from), await scene.plan(into)];
      for (const { id, suffix } of moved) addOriginal(fromPlan, id, suffix);
      parts.into?.(intoPlan, moved);
      scene.store(fromPlan);
      scene.store(intoPlan);
      return [from, into];
    },
  };
}

/** The owner's item before the copies: its index.json lists the images already. */
function withoutMoved(plan: ItemPlan, moved: readonly ImageSpec[]): void {
  for (const { id, suffix } of moved) plan.files.delete(originalFileName(plan.key.gid, id, suffix));
}
