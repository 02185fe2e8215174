import { originalFileName, thumbnailFileName, thumbnailSizes } from '../../domain/documents/file-names.ts';
import type { EntityType } from '../../domain/entity.ts';
import { editXml, readIndex, writeIndex } from './documents.ts';
import { type DriftKind, firstDay, type Images, liveKind } from './drift-kind.ts';
import { pythonSince } from './index-of-day.ts';
import { addOldVersion } from './item-plan.ts';

/** No drift at all: the most common of all. */
export const inStep: DriftKind = liveKind({
  name: 'in_step',
  description: 'Everything was carried out; some files have older versions under history/.',
  outcome: 'clean',
  images: 3,
  change: (plan, _, { random }) => {
    if (random.chance(0.5)) addOldVersion(plan, 'index.json', Buffer.from('{"images": []}'));
  },
});

/** One image with several types, so that they can stand in another order. */
function manyTypes(entityType: EntityType): Images {
  return [{ types: entityType === 'release' ? ['Front', 'Booklet', 'Obi'] : ['Poster', 'Flyer', 'Ticket'] }, {}];
}

/** Nothing has been uploaded for a year or two. */
export const filesOf2024: DriftKind = liveKind({
  name: 'files_of_2024',
  description: 'The Python indexer wrote them before the web service gave the countries of artists.',
  outcome: 'clean',
  days: { from: pythonSince, until: '2025-04-13' },
  change: () => undefined,
});

/** Looks like drift and is none: an audit that is not careful accuses these falsely. */
export const inStepKinds: readonly DriftKind[] = [
  liveKind({
    name: 'types_in_other_order',
    description: 'The names within an image’s types stand in another order, which means nothing.',
    outcome: 'clean',
    images: manyTypes,
    change: (plan) => {
      const index = readIndex(plan);
      writeIndex(plan, {
        ...index,
        images: index.images.map((image) => ({ ...image, types: [...image.types].reverse() })),
      });
    },
  }),
  liveKind({
    name: 'index_with_other_spacing',
    description: 'index.json has the right values, but no spaces, raw UTF-8 and its keys in another order.',
    outcome: 'clean',
    images: manyTypes,
    change: (plan) => {
      const { images, ...entity } = readIndex(plan);
      const shuffled = { ...entity, images: images.map(({ id, types, ...rest }) => ({ types, ...rest, id })) };
      plan.files.set('index.json', { content: Buffer.from(JSON.stringify(shuffled), 'utf8') });
    },
  }),
  liveKind({
    name: 'xml_with_other_layout',
    description: 'The XML says the same, a line for each element and empty elements in their short form.',
    outcome: 'clean',
    change: (plan) => {
      editXml(plan, (xml) => xml.replace(/<([a-z-]+)><\/\1>/g, '<$1/>').replaceAll('><', '>\n<'));
    },
  }),
  liveKind({
    name: 'metadata_in_lists',
    description: 'The item’s metadata has lists where there usually are strings, and is in one more collection.',
    outcome: 'clean',
    change: (plan) => {
      plan.metadata['collection'] = ['image', String(plan.metadata['collection'])];
      plan.metadata['noindex'] = ['true'];
    },
  }),
  liveKind({
    name: 'thumbnails_missing',
    description: 'The archive has not derived a thumbnail, which is reported and mended by nobody but the archive.',
    outcome: 'clean',
    change: (plan) => {
      plan.derivatives = false;
    },
  }),
  liveKind({
    name: 'thumbnails_of_removed_image',
    description:
      'An image was removed when that left its thumbnails behind, which is reported and mended by nobody but the archive.',
    outcome: 'clean',
    change: (plan, _, scene) => {
      const { gid } = plan.key;
      const id = scene.nextArtworkId();
      const original = originalFileName(gid, id, 'jpg');
      const content = Buffer.from('thumbnail');
      for (const size of thumbnailSizes) {
        plan.files.set(thumbnailFileName(gid, id, size), { content, source: 'derivative', original });
      }
    },
  }),
  liveKind({
    name: 'dark_as_flagged',
    description: 'The art was darkened, at MusicBrainz as at the archive.',
    outcome: 'clean',
    darkened: true,
    change: (plan) => void (plan.dark = true),
  }),
  liveKind({
    name: 'no_art_and_no_item',
    description: 'There is no image, and there never was an item.',
    outcome: 'clean',
    images: 0,
    change: (plan) => void (plan.absent = true),
  }),
  liveKind({
    name: 'all_images_deleted',
    description: 'All images were deleted at MusicBrainz and at the archive: index.json lists none.',
    outcome: 'clean',
    images: 0,
    change: () => undefined,
  }),
  liveKind({
    name: 'all_images_deleted_without_index',
    description: 'All images were deleted, index.json too; the XML is current.',
    outcome: 'clean',
    images: 0,
    change: (plan) => {
      plan.files.delete('index.json');
      addOldVersion(plan, 'index.json', Buffer.from('{"images": []}'));
    },
  }),
  liveKind({
    name: 'many_images',
    description: 'An item of 40 images.',
    outcome: 'clean',
    images: 40,
    change: () => undefined,
  }),
];

/**
 * Nothing is wrong but the form that index.json had in the days of the Perl indexer: most of the Cover Art Archive. An
 * `index` event gives it today's form; that the XML is as old is only reported.
 */
export const oldFiles: readonly DriftKind[] = [
  ofPerlIndexer('2012', 'Two thumbnails, ids as texts, http: throughout; the XML knows no release events or art.'),
  ofPerlIndexer('2015', 'As in 2012; the XML knows release events, but no ids of statuses and packagings.'),
  ofPerlIndexer(
    '2018',
    'Ids are numbers and the release’s address is https:; thumbnails of 1200 pixels since February.',
  ),
  ofPerlIndexer('2021', 'Only the images’ addresses have http: left; the XML knows the types of artists.'),
];

function ofPerlIndexer(year: string, description: string): DriftKind {
  return liveKind({
    name: `files_of_${year}`,
    description,
    outcome: 'repaired',
    entityTypes: ['release'],
    days: { from: year === '2012' ? firstDay : `${year}-01-01`, until: `${year}-12-31` },
    release: { status: 'Official', packaging: 'Digipak', barcode: '' },
    change: () => undefined,
  });
}
