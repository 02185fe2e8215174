import { type Project, projects } from '../entity.ts';
import type { ExpectedImage, ExpectedState } from '../expected-state.ts';
import { thumbnailSizes } from './file-names.ts';
import { toPythonJson } from './python-json.ts';

type ThumbnailName = '1200' | '250' | '500' | 'large' | 'small';

/** An image as index.json lists it. */
export interface IndexImage {
  readonly approved: boolean;
  /** For releases only. */
  readonly back?: boolean;
  readonly comment: string;
  readonly edit: number;
  readonly front: boolean;
  readonly id: number;
  readonly image: string;
  readonly thumbnails: Readonly<Record<ThumbnailName, string>>;
  readonly types: readonly string[];
}

/** index.json, what the public API of the archives serves. The key beside `images` is the entity's type. */
export interface IndexDocument {
  readonly images: readonly IndexImage[];
  readonly release?: string;
  readonly event?: string;
}

/** The index.json that an entity should have. The form is artwork-indexer's: see its domain page, "index". */
export function expectedIndex(expected: Pick<ExpectedState, 'images' | 'key'>): IndexDocument {
  const { entityType, gid } = expected.key;
  const project = projects[entityType];
  return {
    images: expected.images.map((image) => indexImage(project, gid, image)),
    [entityType]: `${project.entityUrl}/${gid}`,
  };
}

/**
 * The expected index.json as it is uploaded, byte for byte what artwork-indexer uploads. `types` are in the order of
 * {@link ExpectedImage}, the same each time, so that an up-to-date index is recognised by its md5 alone.
 */
export function expectedIndexBytes(expected: Pick<ExpectedState, 'images' | 'key'>): Uint8Array {
  return new TextEncoder().encode(toPythonJson(expectedIndex(expected)));
}

/** Where the thumbnails of an image are: by size in pixels, and twice more by the names of older clients. */
function thumbnails(base: string): Record<ThumbnailName, string> {
  const [small, large, full] = thumbnailSizes.map((size) => `${base}-${size}.jpg`) as [string, string, string];
  return { 250: small, 500: large, 1200: full, small, large };
}

function indexImage(project: Project, gid: string, image: ExpectedImage): IndexImage {
  const base = `${project.imageUrl}/${gid}/${image.id}`;
  return {
    approved: image.approved,
    ...(project.hasBack ? { back: image.isBack === true } : {}),
    comment: image.comment,
    edit: image.edit,
    front: image.isFront,
    id: image.id,
    image: `${base}.${image.suffix}`,
    thumbnails: thumbnails(base),
    types: image.types,
  };
}
