import { indexFileName, originalFileName, thumbnailFileName, xmlFileName } from '../../domain/documents/file-names.ts';
import type { EntityKey } from '../../domain/entity.ts';
import { deleteEntity, mergeEntity } from '../musicbrainz/changes.ts';
import type { DriftKind, Outcome, Scene } from './drift-kind.ts';
import { imageContent } from '../images/image-content.ts';
import { addOldVersion, addOriginal, type ItemPlan } from './item-plan.ts';

/** Of a gid that MusicBrainz has no row for any more, or never had, nothing should be left in public. */
export const orphanDrift: readonly DriftKind[] = [
  orphan('merged_without_item', 'The merged entity never had an item.', 'legacy', 'merged', (plan) => {
    plan.absent = true;
  }),
  orphan(
    'merged_and_emptied',
    'All of the merge was carried out; older versions are under history/.',
    'legacy',
    'merged',
    (plan, live) => {
      keepOld(plan, live);
    },
  ),
  orphan(
    'merged_index_left',
    'The images are gone, index.json was never deleted.',
    'legacy',
    'merged',
    (plan, live) => {
      keep(plan, live, indexFileName);
    },
  ),
  orphan(
    'merged_xml_left',
    'Only the XML is left, which no event deletes.',
    'manual_review',
    'merged',
    (plan, live) => {
      keepOld(plan, live);
      keep(plan, live, xmlFileName(plan.key.gid));
    },
  ),
  orphan(
    'merged_and_dark',
    'The merged item was made dark with its images: nothing is public.',
    'legacy',
    'merged',
    (plan, live) => {
      for (const [name, file] of live.files) plan.files.set(name, file);
      plan.dark = true;
    },
  ),
  orphan('merged_thumbnail_left', 'A thumbnail outlived its image.', 'manual_review', 'merged', (plan, live, scene) => {
    keepOld(plan, live);
    const id = scene.nextArtworkId();
    plan.files.set(thumbnailFileName(plan.key.gid, id, 500), {
      content: Buffer.from('thumbnail'),
      source: 'derivative',
      original: originalFileName(plan.key.gid, id, 'jpg'),
    });
  }),
  orphan('deleted_without_item', 'The deleted entity never had an item.', 'legacy', 'deleted', (plan) => {
    plan.absent = true;
  }),
  orphan(
    'deleted_index_left',
    'The images were deleted with the entity, index.json was not.',
    'legacy',
    'deleted',
    (plan, live) => {
      keep(plan, live, indexFileName);
    },
  ),
  orphan('deleted_index_and_xml_left', 'index.json and the XML are left.', 'manual_review', 'deleted', (plan, live) => {
    keep(plan, live, indexFileName);
    keep(plan, live, xmlFileName(plan.key.gid));
  }),
  orphan(
    'deleted_images_left',
    'Nothing was carried out when the entity was deleted: its images are nobody’s.',
    'manual_review',
    'deleted',
    (plan, live) => {
      for (const [name, file] of live.files) plan.files.set(name, file);
    },
  ),
  orphan(
    'deleted_with_capital_suffix',
    'The images were deleted but one, whose file’s suffix is in capitals; index.json is gone.',
    'manual_review',
    'deleted',
    (plan, live, scene) => {
      keepOld(plan, live);
      keep(plan, live, xmlFileName(plan.key.gid));
      const id = scene.nextArtworkId();
      plan.files.set(originalFileName(plan.key.gid, id, 'JPG'), { content: imageContent(id, 'jpg') });
    },
  ),
  {
    name: 'unknown_test_upload',
    description: 'A test server uploaded an image under an MBID that MusicBrainz never had; there was never an index.',
    outcomes: ['manual_review'],
    entityTypes: ['release', 'event'],
    make: async (scene) => {
      const key = { entityType: scene.entityType, gid: scene.newGid() };
      const plan = await scene.plan(key);
      addOriginal(plan, scene.nextArtworkId(), 'jpg');
      scene.store(plan);
      return [key];
    },
  },
];

/** A kind of one orphan. `change` gets the item as it is now, with nothing in it, and as it was while the entity lived. */
function orphan(
  name: string,
  description: string,
  outcome: Outcome,
  how: 'deleted' | 'merged',
  change: (plan: ItemPlan, live: ItemPlan, scene: Scene) => void,
): DriftKind {
  return {
    name,
    description,
    outcomes: how === 'merged' ? [outcome, 'clean'] : [outcome],
    entityTypes: ['release', 'event'],
    make: async (scene) => {
      const entity = await scene.addEntity({ images: 2 });
      const live = await scene.plan(entity);
      const others: EntityKey[] = [];
      if (how === 'deleted') {
        await deleteEntity(scene.db, entity);
      } else {
        const into = await scene.addEntity({ images: 1 });
        await mergeEntity(scene.db, entity, into);
        scene.store(await scene.plan(into));
        others.push(into);
      }
      const plan = await scene.plan(entity);
      change(plan, live, scene);
      scene.store(plan);
      return [entity, ...others];
    },
  };
}

function keep(plan: ItemPlan, live: ItemPlan, name: string): void {
  const file = live.files.get(name);
  if (file !== undefined) plan.files.set(name, file);
}

/** Shows that there was an index once: what never had one did not come from an indexer. */
function keepOld(plan: ItemPlan, live: ItemPlan): void {
  addOldVersion(plan, indexFileName, live.files.get(indexFileName)?.content ?? Buffer.alloc(0));
}
