import { createHash } from 'node:crypto';
import type { thumbnailSizes } from '../domain/documents/file-names.ts';

/** Pixels a side of the thumbnails that the archive makes. */
export type ThumbnailSide = (typeof thumbnailSizes)[number];

/** What is in a file, or in several that are the same: 20,000 items' documents cost a few of these. */
export interface Content {
  readonly bytes: Buffer;
  readonly size: number;
  readonly md5: string;
  readonly sha1: string;
  /** Of an image that can be drawn in other sizes. */
  readonly thumbnail?: ((side: ThumbnailSide) => Content) | undefined;
}

const known = new WeakMap<Uint8Array, Content>();

/**
 * The content made of these bytes, which must not be changed afterwards; the same buffer gives the same content, and a
 * content gives itself.
 */
export function contentOf(source: Content | Uint8Array): Content {
  if (!(source instanceof Uint8Array)) return source;
  let content = known.get(source);
  if (content === undefined) {
    const bytes = Buffer.from(source.buffer, source.byteOffset, source.byteLength);
    content = { bytes, ...describe(bytes) };
    known.set(source, content);
  }
  return content;
}

export function bytesOf(source: Content | Uint8Array): Uint8Array {
  return source instanceof Uint8Array ? source : source.bytes;
}

type Description = Pick<Content, 'md5' | 'sha1' | 'size'>;

function describe(bytes: Buffer): Description {
  const digest = (algorithm: string): string => createHash(algorithm).update(bytes).digest('hex');
  return { size: bytes.length, md5: digest('md5'), sha1: digest('sha1') };
}

/**
 * A content whose bytes are made again each time that they are asked for, always the same: what is kept is what the archive
 * lists of it, and that too is found out only when it is listed. Seeding thousands of images costs next to nothing so.
 */
export class MadeContent implements Content {
  /** What it is, for people, and for tests that compare contents. */
  readonly what: string;
  readonly #thumbnail: Content['thumbnail'];
  readonly #make: () => Buffer;
  #description: Description | null = null;

  constructor(what: string, make: () => Buffer, thumbnail?: Content['thumbnail']) {
    this.what = what;
    this.#make = make;
    this.#thumbnail = thumbnail;
  }

  get thumbnail(): Content['thumbnail'] {
    return this.#thumbnail;
  }

  get bytes(): Buffer {
    return this.#make();
  }

  get size(): number {
    return this.#described().size;
  }

  get md5(): string {
    return this.#described().md5;
  }

  get sha1(): string {
    return this.#described().sha1;
  }

  #described(): Description {
    this.#description ??= describe(this.#make());
    return this.#description;
  }
}
