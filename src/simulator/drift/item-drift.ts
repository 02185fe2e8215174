import { originalFileName } from '../../domain/documents/file-names.ts';
import type { ExpectedImage } from '../../domain/expected-state.ts';
import { type DriftKind, liveKind } from './drift-kind.ts';
import { imageContent } from '../images/image-content.ts';
import { addOriginal, type ItemPlan } from './item-plan.ts';

/** Only one side says that the art was taken from the public. */
export const darkDrift: readonly DriftKind[] = [
  liveKind({
    name: 'dark_without_flag',
    description: 'The archive made the item dark, and nobody set the flag at MusicBrainz.',
    outcome: 'manual_review',
    change: (plan) => void (plan.dark = true),
  }),
  liveKind({
    name: 'public_despite_flag',
    description: 'MusicBrainz says that the art is darkened; the item is public.',
    outcome: 'manual_review',
    darkened: true,
    change: (plan) => void (plan.dark = false),
  }),
];

/** Originals are missing or one too many, and nobody else is concerned: a person decides. */
export const imageDrift: readonly DriftKind[] = [
  liveKind({
    name: 'image_missing',
    description: 'An upload never reached the archive.',
    outcome: 'manual_review',
    change: (plan) => void plan.files.delete(originalName(plan, imageAt(plan, 1))),
  }),
  liveKind({
    name: 'image_under_other_suffix',
    description: 'The only original of an image has another suffix than MusicBrainz says.',
    outcome: 'manual_review',
    images: [{ suffix: 'jpg' }, { suffix: 'jpg' }],
    change: (plan) => {
      const image = imageAt(plan, 0);
      plan.files.delete(originalName(plan, image));
      addOriginal(plan, image.id, 'png');
    },
  }),
  liveKind({
    name: 'image_under_two_suffixes',
    description: 'An image was uploaded as .jpg and as .png.',
    outcome: 'manual_review',
    images: [{ suffix: 'jpg' }, { suffix: 'jpg' }],
    change: (plan) => addOriginal(plan, imageAt(plan, 0).id, 'png'),
  }),
  liveKind({
    name: 'image_of_nobody',
    description: 'There is an original of an image that MusicBrainz does not know.',
    outcome: 'manual_review',
    change: (plan, _, scene) => addOriginal(plan, scene.nextArtworkId(), 'jpg'),
  }),
  liveKind({
    name: 'original_under_other_name',
    description: 'Somebody put an original beside the others, under a name of their own.',
    outcome: 'manual_review',
    change: (plan, _, scene) => {
      plan.files.set('cover.jpg', { content: imageContent(scene.nextArtworkId(), 'jpg') });
    },
  }),
  liveKind({
    name: 'image_left_after_deletion',
    description: 'All images were deleted at MusicBrainz; the original of one is still there.',
    outcome: 'manual_review',
    images: 0,
    change: (plan, _, scene) => addOriginal(plan, scene.nextArtworkId(), 'jpg'),
  }),
  liveKind({
    name: 'item_missing',
    description: 'There are images at MusicBrainz, but no item.',
    outcome: 'manual_review',
    change: (plan) => void (plan.absent = true),
  }),
];

function imageAt(plan: ItemPlan, at: number): ExpectedImage {
  const image = plan.expected.images[at];
  if (image === undefined)
    throw new RangeError(`${plan.key.gid} has ${plan.expected.images.length} images, none at ${at}`);
  return image;
}

function originalName(plan: ItemPlan, image: ExpectedImage): string {
  return originalFileName(plan.key.gid, image.id, image.suffix);
}

/** The item's own metadata are not as they should be. Only what the archive derives from the XML mends itself. */
export const metadataDrift: readonly DriftKind[] = [
  liveKind({
    name: 'title_not_derived',
    description: 'The archive did not take the new title from the XML.',
    outcome: 'repaired',
    entityTypes: ['release'],
    change: (plan) => void (plan.derived['title'] = 'Working title'),
  }),
  liveKind({
    name: 'identifiers_not_derived',
    description: 'The archive took no external identifiers from the XML.',
    outcome: 'repaired',
    entityTypes: ['release'],
    change: (plan) => void (plan.derived['external-identifier'] = null),
  }),
  liveKind({
    name: 'collection_wrong',
    description: 'The item was made in another collection, which no upload changes.',
    outcome: 'manual_review',
    change: (plan) => void (plan.metadata['collection'] = 'opensource_media'),
  }),
  liveKind({
    name: 'mediatype_wrong',
    description: 'The item was made as data.',
    outcome: 'manual_review',
    change: (plan) => void (plan.metadata['mediatype'] = 'data'),
  }),
  liveKind({
    name: 'noindex_missing',
    description: 'The item is shown in the archive’s search.',
    outcome: 'manual_review',
    change: (plan) => void delete plan.metadata['noindex'],
  }),
];
