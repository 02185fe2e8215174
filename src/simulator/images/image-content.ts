import type { ImageSuffix } from '../../domain/documents/file-names.ts';
import { type Content, MadeContent, type ThumbnailSide } from '../content.ts';
import { LowFirstBits } from './bits.ts';
import { encodeJpeg } from './jpeg.ts';
import { cellsPerSide, labelledPicture, type Picture } from './picture.ts';
import { encodePng } from './png.ts';

/** Bits of a colour's place in the palette. */
const colourBits = 2;
const clearCode = 1 << colourBits;
const endCode = clearCode + 1;

/**
 * A picture as GIF, square, `pixelsPerCell` a cell and side. Each row of pixels begins with an empty table of codes, at
 * a byte of its own, so that rows that show the same are the same bytes, and are encoded once.
 */
function encodeGif({ colours, cells }: Picture, pixelsPerCell: number): Buffer {
  const side = pixelsPerCell * cellsPerSide;
  const begin = new LowFirstBits();
  clearToByte(begin, colourBits + 1);
  const end = new LowFirstBits();
  end.add(endCode, colourBits + 1);
  const known = new Map<Uint8Array, Buffer>();
  const rows = cells.flatMap((row) => {
    const encoded = known.get(row) ?? encodeRow(row, pixelsPerCell);
    known.set(row, encoded);
    return Array.from({ length: pixelsPerCell }, () => encoded);
  });
  return Buffer.concat([
    Buffer.from('GIF89a'),
    // A palette of four colours stands right behind it.
    Buffer.from([...uint16(side), ...uint16(side), 0x91, 0, 0, ...colours.flat()]),
    Buffer.from([0x2c, ...uint16(0), ...uint16(0), ...uint16(side), ...uint16(side), 0, colourBits]),
    inBlocks(Buffer.concat([begin.bytes(), ...rows, end.bytes()])),
    Buffer.from([0x3b]),
  ]);
}

/** One row of pixels by LZW, with the code that empties the table behind it. */
function encodeRow(cells: Uint8Array, pixelsPerCell: number): Buffer {
  const bits = new LowFirstBits();
  const codes = new Map<number, number>();
  let free = endCode + 1;
  let width = colourBits + 1;
  let prefix = -1;
  const put = (code: number): void => {
    bits.add(code, width);
    if (free >= 1 << width) width += 1;
  };
  for (const cell of cells) {
    for (let n = 0; n < pixelsPerCell; n += 1) {
      const key = (prefix << colourBits) | cell;
      const longer = prefix === -1 ? cell : codes.get(key);
      if (longer === undefined) {
        put(prefix);
        codes.set(key, free);
        free += 1;
        prefix = cell;
      } else prefix = longer;
    }
  }
  put(prefix);
  bits.add(clearCode, width);
  clearToByte(bits, colourBits + 1);
  return bits.bytes();
}

/** Empties the empty table again until a byte is full: that costs three bits each time, and changes nothing. */
function clearToByte(bits: LowFirstBits, width: number): void {
  do bits.add(clearCode, width);
  while (!bits.aligned);
}

/** Data as GIF has them: blocks of up to 255 bytes, each with its length before it, and an empty one at the end. */
function inBlocks(data: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let from = 0; from < data.length; from += 255) {
    const part = data.subarray(from, from + 255);
    parts.push(Buffer.from([part.length]), part);
  }
  return Buffer.concat([...parts, Buffer.from([0])]);
}

function uint16(value: number): number[] {
  return [value & 0xff, value >> 8];
}

/** A document of one square page that is filled by a JPEG. `side`: its pixels. */
function pdfAround(jpeg: Buffer, side: number): Buffer {
  const pageSide = 360;
  const content = Buffer.from(`q ${pageSide} 0 0 ${pageSide} 0 0 cm /Image Do Q`);
  const objects = [
    [Buffer.from('<</Type/Catalog/Pages 2 0 R>>')],
    [Buffer.from('<</Type/Pages/Kids[3 0 R]/Count 1>>')],
    [
      Buffer.from(
        `<</Type/Page/Parent 2 0 R/MediaBox[0 0 ${pageSide} ${pageSide}]/Contents 5 0 R` +
          '/Resources<</XObject<</Image 4 0 R>>>>>>',
      ),
    ],
    stream(
      `/Type/XObject/Subtype/Image/Width ${side}/Height ${side}/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/DCTDecode`,
      jpeg,
    ),
    stream('', content),
  ];
  // The second line tells programs that this is no text.
  const parts = [Buffer.from('%PDF-1.4\n%\xe2\xe3\xcf\xd3\n', 'latin1')];
  const offsets: number[] = [];
  let length = parts.reduce((sum, part) => sum + part.length, 0);
  objects.forEach((object, n) => {
    offsets.push(length);
    const whole = Buffer.concat([Buffer.from(`${n + 1} 0 obj\n`), ...object, Buffer.from('\nendobj\n')]);
    parts.push(whole);
    length += whole.length;
  });
  const entries = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  const count = objects.length + 1;
  parts.push(
    Buffer.from(
      `xref\n0 ${count}\n0000000000 65535 f \n${entries}trailer\n<</Size ${count}/Root 1 0 R>>\nstartxref\n${length}\n%%EOF\n`,
    ),
  );
  return Buffer.concat(parts);
}

function stream(entries: string, data: Buffer): Buffer[] {
  return [Buffer.from(`<<${entries}/Length ${data.length}>>\nstream\n`), data, Buffer.from('\nendstream')];
}

/** Of an original: more than its largest thumbnail has, as with most of the real ones. */
const pixelsPerCell = 48;
const originalSide = cellsPerSide * pixelsPerCell;

/**
 * What the simulated archive holds as an image's original: one that a browser shows, with its artwork id, suffix and pixels
 * written on it. Always the same bytes for the same id and suffix, other ones for another.
 */
export function imageContent(artworkId: number, suffix: ImageSuffix): Content {
  const draw = (): Buffer => encoded(artworkId, suffix);
  return new MadeContent(`image ${artworkId}.${suffix}`, draw, (side) => thumbnailContent(artworkId, suffix, side));
}

function encoded(artworkId: number, suffix: ImageSuffix): Buffer {
  const picture = labelledPicture(artworkId, suffix, String(originalSide));
  switch (suffix) {
    case 'jpg':
      return encodeJpeg(picture, originalSide);
    case 'png':
      return encodePng(picture, pixelsPerCell);
    case 'gif':
      return encodeGif(picture, pixelsPerCell);
    case 'pdf':
      return pdfAround(encodeJpeg(picture, originalSide), originalSide);
  }
}

/** A thumbnail of that original: a JPEG with the original's suffix and its own pixels written on it. */
export function thumbnailContent(artworkId: number, suffix: string, side: ThumbnailSide): Content {
  const draw = (): Buffer => encodeJpeg(labelledPicture(artworkId, suffix, String(side)), side);
  return new MadeContent(`thumbnail ${side} of image ${artworkId}.${suffix}`, draw);
}
