import { createHash } from 'node:crypto';

/** The bytes of one or more files. Files with the same bytes share it, so 20,000 items' thumbnails cost a few of these. */
export interface Content {
  readonly bytes: Buffer;
  readonly md5: string;
  readonly sha1: string;
}

const known = new WeakMap<Uint8Array, Content>();

/** The content made of these bytes; the same buffer gives the same content. The bytes must not be changed afterwards. */
export function contentOf(bytes: Uint8Array): Content {
  let content = known.get(bytes);
  if (content === undefined) {
    content = {
      bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
      md5: createHash('md5').update(bytes).digest('hex'),
      sha1: createHash('sha1').update(bytes).digest('hex'),
    };
    known.set(bytes, content);
  }
  return content;
}
