import { createHash } from 'node:crypto';
import { crc32, deflateSync } from 'node:zlib';
import type { ImageSuffix } from '../../domain/documents/file-names.ts';
import { type Content, contentOf, type ThumbnailSide } from '../archive/content.ts';

const side = 16;

/**
 * What the simulated archive holds as an image: always the same bytes for the same artwork id, other ones for another.
 * A picture of a few hundred bytes that a browser shows, a different pattern for each id; it is a PNG whatever the
 * suffix says, as browsers go by the bytes. For `pdf` an empty document with the id in it.
 */
export function imageContent(artworkId: number, suffix: ImageSuffix): Content {
  return contentOf(imageBytes(artworkId, suffix));
}

/** The same few bytes for all that are made of one image at a size: what is in one never matters, its being there does. */
export function thumbnailContent(artworkId: number, suffix: string, side: ThumbnailSide): Content {
  return contentOf(Buffer.from(`thumbnail ${side} of image ${artworkId}.${suffix}`));
}

function imageBytes(artworkId: number, suffix: ImageSuffix): Buffer {
  if (suffix === 'pdf') return Buffer.from(`%PDF-1.4\n% image ${artworkId}\n1 0 obj<</Type/Catalog>>endobj\n%%EOF\n`);
  const digest = createHash('sha256').update(`image ${artworkId}`).digest();
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header()),
    chunk('PLTE', digest.subarray(0, 12)),
    chunk('tEXt', Buffer.from(`Comment\0${suffix} of image ${artworkId}`)),
    // Uncompressed: compressed bytes, and with them every md5, could differ from one zlib to the next.
    chunk('IDAT', deflateSync(pixels(digest), { level: 0 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** 16 × 16 pixels of 2 bits each, which name colours of the palette. */
function header(): Buffer {
  const data = Buffer.alloc(13);
  data.writeUInt32BE(side, 0);
  data.writeUInt32BE(side, 4);
  data.set([2, 3, 0, 0, 0], 8);
  return data;
}

/** A block of 4 pixels is one byte: the same one, so that the pattern is coarse enough to be told apart by eye. */
function pixels(digest: Buffer): Buffer {
  const rows = Array.from({ length: side }, (_, y) => [
    0,
    ...Array.from({ length: side / 4 }, (_, x) => 0x55 * ((digest[12 + ((y >> 2) * 4 + x)] ?? 0) & 3)),
  ]);
  return Buffer.from(rows.flat());
}

function chunk(name: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(name), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, check]);
}
