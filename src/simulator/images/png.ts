import { crc32 } from 'node:zlib';
import { LowFirstBits } from './bits.ts';
import { cellsPerSide, type Picture } from './picture.ts';

/** A picture as PNG, square: `pixelsPerCell` (a multiple of 4) a cell and side, four pixels a byte. */
export function encodePng({ colours, cells }: Picture, pixelsPerCell: number): Buffer {
  const side = pixelsPerCell * cellsPerSide;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  // Two bits a pixel, which name a colour of the palette.
  header.set([2, 3, 0, 0, 0], 8);
  const data = new RunsAsZlib();
  for (const row of cells) {
    data.add(filterNone, 1);
    for (const cell of row) data.add(cell * 0b01010101, pixelsPerCell / 4);
    for (let again = 1; again < pixelsPerCell; again += 1) {
      data.add(filterUp, 1);
      data.add(0, side / 4);
    }
  }
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(colours.flat())),
    chunk('IDAT', data.end()),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** How a row of pixels is written: as it is, or as its difference from the row above. */
const filterNone = 0;
const filterUp = 2;

function chunk(name: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(name), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, check]);
}

/** The longest that one code of deflate repeats. */
const longestMatch = 258;
/** The largest prime below 2^16; Adler-32 counts by it. */
const adlerPrime = 65_521;

/**
 * Zlib's format (RFC 1950, 1951) of bytes that come in runs. Node's own zlib would do, but for its output: that differs from
 * one version and processor to the next, and with it every md5 that a seed leads to.
 */
class RunsAsZlib {
  readonly #bits = new LowFirstBits();
  #sum = 1;
  #sumOfSums = 0;
  #last = -1;

  constructor() {
    // The last block, with the fixed codes.
    this.#bits.add(0b011, 3);
  }

  add(byte: number, count: number): void {
    this.#sumOfSums = (this.#sumOfSums + count * this.#sum + byte * ((count * (count + 1)) / 2)) % adlerPrime;
    this.#sum = (this.#sum + count * byte) % adlerPrime;
    let left = count;
    if (byte !== this.#last) {
      this.#symbol(byte);
      left -= 1;
    }
    this.#last = byte;
    for (; left > 0; left -= Math.min(left, longestMatch)) this.#repeat(Math.min(left, longestMatch));
  }

  end(): Buffer {
    this.#symbol(256);
    const check = Buffer.alloc(4);
    check.writeUInt32BE(this.#sumOfSums * 0x10000 + this.#sum);
    return Buffer.concat([Buffer.from([0x78, 0x01]), this.#bits.bytes(), check]);
  }

  /** Repeats the last byte, as a match at a distance of one. */
  #repeat(count: number): void {
    if (count < 3) {
      for (let n = 0; n < count; n += 1) this.#symbol(this.#last);
      return;
    }
    if (count === longestMatch) this.#symbol(285);
    else {
      // Four codes for each number of extra bits, but for the first eight, which have none.
      const above = count - 3;
      const extra = Math.max(0, 29 - Math.clz32(above));
      this.#symbol(257 + 4 * extra + (above >> extra));
      this.#bits.add(above & ((1 << extra) - 1), extra);
    }
    this.#bits.add(0, 5);
  }

  /** A byte, a length or an end. */
  #symbol(symbol: number): void {
    const [code, width] = fixedCodes[symbol] ?? [0, 0];
    this.#bits.add(code, width);
  }
}

/** The fixed codes (RFC 1951, 3.2.6), each with its length in bits; the other way round, since of codes the highest bit comes first. */
const fixedCodes = Array.from({ length: 288 }, (_, symbol): readonly [number, number] => {
  if (symbol < 144) return reversed(0b00110000 + symbol, 8);
  if (symbol < 256) return reversed(0b110010000 + symbol - 144, 9);
  if (symbol < 280) return reversed(symbol - 256, 7);
  return reversed(0b11000000 + symbol - 280, 8);
});

function reversed(code: number, width: number): readonly [number, number] {
  let result = 0;
  for (let bit = 0; bit < width; bit += 1) result = (result << 1) | ((code >> bit) & 1);
  return [result, width];
}
