import { indexFileName } from '../../domain/documents/file-names.ts';
import { bytesOf } from '../content.ts';
import { changeIndexImage, readIndex, writeIndex } from './documents.ts';
import { type DriftKind, liveKind } from './drift-kind.ts';
import type { ItemPlan } from './item-plan.ts';

const secondType = { release: 'Booklet', event: 'Flyer' } as const;

/** index.json is missing, or lists something else than MusicBrainz does: an `index` event mends all of it. */
export const indexDrift: readonly DriftKind[] = [
  broken('index_missing', 'index.json was never uploaded, or was lost.', (plan) => {
    plan.files.delete(indexFileName);
  }),
  broken('index_comment_stale', 'A comment was changed at MusicBrainz, and its event was lost.', (plan) => {
    changeIndexImage(plan, 1, (image) => ({ ...image, comment: `${image.comment} (old "remark" 𝄞)` }));
  }),
  broken('index_type_stale', 'A type was added at MusicBrainz later.', (plan) => {
    const type = secondType[plan.key.entityType];
    changeIndexImage(plan, 0, (image) => {
      const others = image.types.filter((name) => name !== type);
      return { ...image, types: others.length < image.types.length ? others : [...others, type] };
    });
  }),
  broken('index_order_stale', 'The images were put into another order at MusicBrainz.', (plan) => {
    const index = readIndex(plan);
    writeIndex(plan, { ...index, images: [...index.images].reverse() });
  }),
  broken('index_front_stale', 'Another image became the front, or there was none.', (plan) => {
    changeIndexImage(plan, 0, (image) => ({ ...image, front: !image.front }));
  }),
  broken('index_approval_stale', 'The edit that added the image was closed since.', (plan) => {
    changeIndexImage(plan, 2, (image) => ({ ...image, approved: !image.approved }));
  }),
  broken('index_edit_wrong', 'The image was added by another edit than index.json says.', (plan) => {
    changeIndexImage(plan, 0, (image) => ({ ...image, edit: image.edit - 1 }));
  }),
  broken('index_flags_as_numbers', 'Flags are 0 and 1.', (plan) => {
    const index = readIndex(plan);
    const images = index.images.map((image) => ({
      ...image,
      front: Number(image.front),
      approved: Number(image.approved),
    }));
    writeIndex(plan, { ...index, images });
  }),
  broken('index_lacks_image', 'The latest image is not listed, though its file is there.', (plan) => {
    const index = readIndex(plan);
    writeIndex(plan, { ...index, images: index.images.slice(0, -1) });
  }),
  broken('index_lists_image_twice', 'One image is listed twice.', (plan) => {
    const index = readIndex(plan);
    writeIndex(plan, { ...index, images: [...index.images, ...index.images.slice(0, 1)] });
  }),
  broken('index_lists_stranger', 'An image is listed that was deleted, its file with it.', (plan, nextArtworkId) => {
    const index = readIndex(plan);
    const [first] = index.images;
    const stranger = { ...first, id: nextArtworkId(), types: [] };
    writeIndex(plan, { ...index, images: [...index.images, stranger] });
  }),
  broken('index_url_wrong', 'An image’s address has another suffix than its file.', (plan) => {
    changeIndexImage(plan, 1, (image) => ({ ...image, image: `${image.image}.jpeg` }));
  }),
  broken('index_of_merged_gid', 'It was written under the gid that was merged into this one.', (plan, _, newGid) => {
    const other = newGid();
    const text = Buffer.from(bytesOf(plan.files.get(indexFileName)?.content ?? Buffer.alloc(0))).toString();
    plan.files.set(indexFileName, { content: Buffer.from(text.replaceAll(plan.key.gid, other)) });
  }),
  broken('index_truncated', 'An upload was cut off: it is no JSON.', (plan) => {
    const content = bytesOf(plan.files.get(indexFileName)?.content ?? Buffer.alloc(0));
    plan.files.set(indexFileName, { content: content.slice(0, Math.floor(content.length / 2)) });
  }),
  broken('index_is_html', 'An error page was uploaded in its place.', (plan) => {
    plan.files.set(indexFileName, { content: Buffer.from('<html><body><h1>502 Bad Gateway</h1></body></html>\n') });
  }),
  broken('index_empty_file', 'It is a file of no bytes.', (plan) => {
    plan.files.set(indexFileName, { content: Buffer.alloc(0) });
  }),
  liveKind({
    name: 'index_lists_deleted_images',
    description: 'All images were deleted, at the archive too, but index.json still lists one.',
    outcome: 'repaired',
    images: 0,
    change: (plan, _, scene) => {
      const id = scene.nextArtworkId();
      writeIndex(plan, { ...readIndex(plan), images: [{ id, types: [], comment: '' }] });
    },
  }),
];

function broken(
  name: string,
  description: string,
  change: (plan: ItemPlan, nextArtworkId: () => number, newGid: () => string) => void,
): DriftKind {
  return liveKind({
    name,
    description,
    outcome: 'repaired',
    change: (plan, _, scene) =>
      change(
        plan,
        () => scene.nextArtworkId(),
        () => scene.newGid(),
      ),
  });
}
