import { HighFirstBits } from './bits.ts';
import { cellsPerSide, type Picture } from './picture.ts';

/** Pixels a side of the blocks that JPEG cuts an image into. */
const blockSide = 8;

/**
 * A picture as baseline JPEG (ITU-T T.81), square. Each block has one colour, so nothing but its mean is coded; each row of
 * blocks starts again at a restart marker, so that rows that show the same are the same bytes, and are encoded once.
 *
 * @param side pixels, at least `cellsPerSide` blocks; what is no multiple of that is left as a rim
 */
export function encodeJpeg({ colours, cells }: Picture, side: number): Buffer {
  const blocks = Math.ceil(side / blockSide);
  const scale = Math.floor(blocks / cellsPerSide);
  if (scale < 1) throw new RangeError(`a picture needs ${cellsPerSide * blockSide} pixels a side; it got ${side}`);
  const rim = Math.floor((blocks - scale * cellsPerSide) / 2);
  const means = colours.map(meansOf);
  const rows = new Map<Uint8Array | undefined, Buffer>();
  const parts: Buffer[] = headers(side, blocks);
  for (let y = 0; y < blocks; y += 1) {
    const line = cells[Math.floor((y - rim) / scale)];
    let row = rows.get(line);
    if (row === undefined) {
      row = encodeRow(runsOf(line ?? noCells, { means, scale, rim, blocks }));
      rows.set(line, row);
    }
    parts.push(row, (y < blocks - 1 ? restarts[y % restarts.length] : endOfImage) ?? endOfImage);
  }
  return Buffer.concat(parts);
}

const noCells = new Uint8Array(cellsPerSide);
const restarts = Array.from({ length: 8 }, (_, n) => Buffer.from([0xff, 0xd0 + n]));
const endOfImage = Buffer.from([0xff, 0xd9]);

/** A number of blocks of one colour. */
interface Run {
  readonly means: Means;
  readonly count: number;
}

/** A row's blocks, with the rim in the first colour on both sides. */
function runsOf(
  line: Uint8Array,
  { means, scale, rim, blocks }: { means: readonly Means[]; scale: number; rim: number; blocks: number },
): Run[] {
  const run = (colour: number, count: number): Run => ({ means: means[colour] ?? [0, 0, 0], count });
  const runs = rim === 0 ? [] : [run(0, rim)];
  for (const cell of line) runs.push(run(cell, scale));
  const left = blocks - rim - scale * line.length;
  return left === 0 ? runs : [...runs, run(0, left)];
}

type Means = readonly [number, number, number];

/** A colour's luminance and chrominances around 0 (JFIF 1.02); with a quantization of 8 these are the coded means. */
function meansOf([red, green, blue]: Picture['colours'][number]): Means {
  const inRange = (value: number): number => Math.max(-128, Math.min(127, Math.round(value)));
  const y = 0.299 * red + 0.587 * green + 0.114 * blue;
  return [inRange(y - 128), inRange((blue - y) * 0.564), inRange((red - y) * 0.713)];
}

/** One row of blocks, each as how much its means differ from those of the one before. */
function encodeRow(runs: readonly Run[]): Buffer {
  const bits = new HighFirstBits();
  let before: Means = [0, 0, 0];
  for (const { means, count } of runs) {
    for (let component = 0; component < 3; component += 1) {
      const difference = (means[component] ?? 0) - (before[component] ?? 0);
      const size = 32 - Math.clz32(Math.abs(difference));
      // The codes of the table of means in `headers`.
      if (size === 0) bits.add(0b0, 1);
      else bits.add(0b10000 + size - 1, 5);
      bits.add(difference < 0 ? difference - 1 : difference, size);
      // End of block: nothing but the mean.
      bits.add(0b0, 1);
    }
    // No difference, end of block, for each component.
    bits.addZeros((count - 1) * 6);
    before = means;
  }
  return bits.bytes();
}

const componentIds = [1, 2, 3];

const start = Buffer.concat([
  Buffer.from([0xff, 0xd8]),
  segment(0xe0, [...Buffer.from('JFIF\0'), 1, 1, 0, ...uint16(1), ...uint16(1), 0, 0]),
  // Quantization, of each coefficient by 8.
  segment(0xdb, [0, ...Array.from({ length: 64 }, () => 8)]),
  // Huffman codes of means by the size of their difference: 0 has one bit, 1 to 8 have five.
  segment(0xc4, [0x00, 1, 0, 0, 0, 8, ...Array.from({ length: 11 }, () => 0), 0, 1, 2, 3, 4, 5, 6, 7, 8]),
  // And of the other coefficients: the end of a block alone.
  segment(0xc4, [0x10, 1, ...Array.from({ length: 15 }, () => 0), 0]),
]);
const startOfScan = segment(0xda, [3, ...componentIds.flatMap((id) => [id, 0x00]), 0, 63, 0]);

function headers(side: number, blocksPerRow: number): Buffer[] {
  return [
    start,
    segment(0xc0, [8, ...uint16(side), ...uint16(side), 3, ...componentIds.flatMap((id) => [id, 0x11, 0])]),
    segment(0xdd, uint16(blocksPerRow)),
    startOfScan,
  ];
}

function segment(marker: number, data: readonly number[]): Buffer {
  return Buffer.from([0xff, marker, ...uint16(data.length + 2), ...data]);
}

function uint16(value: number): number[] {
  return [value >> 8, value & 0xff];
}
