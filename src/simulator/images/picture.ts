import { createHash } from 'node:crypto';

/**
 * What an image shows, in cells: square, each of one colour. Encoders make as many pixels of a cell as they like, and need
 * not compute a pixel twice, which is why an image of 1440 pixels a side costs a fraction of a millisecond.
 */
export interface Picture {
  /** Four; their places are what the cells hold. */
  readonly colours: readonly Colour[];
  /** Row by row, `cellsPerSide` rows of as many cells; rows that show the same are the same one, which is encoded once. */
  readonly cells: readonly Uint8Array[];
}

/** Red, green and blue, 0 to 255. */
type Colour = readonly [number, number, number];

/** 1440 is a multiple of it, 1200 too; in 250 and 500 pixels a rim is left over. */
export const cellsPerSide = 30;

/** Glyphs of 3 × 5 cells, five rows of three bits each: as many as ids, sizes and suffixes need. */
const glyphs: Readonly<Record<string, readonly number[]>> = {
  '0': [7, 5, 5, 5, 7],
  '1': [2, 6, 2, 2, 7],
  '2': [7, 1, 7, 4, 7],
  '3': [7, 1, 3, 1, 7],
  '4': [5, 5, 7, 1, 1],
  '5': [7, 4, 7, 1, 7],
  '6': [7, 4, 7, 5, 7],
  '7': [7, 1, 2, 2, 2],
  '8': [7, 5, 7, 5, 7],
  '9': [7, 5, 7, 1, 7],
  d: [1, 1, 7, 5, 7],
  f: [3, 2, 7, 2, 2],
  g: [7, 5, 7, 1, 6],
  i: [2, 0, 6, 2, 7],
  j: [1, 0, 1, 5, 2],
  n: [0, 6, 5, 5, 5],
  p: [6, 5, 6, 4, 4],
};
const glyphWidth = 4;
const lineHeight = 6;
const lettersPerLine = 7;

/** Places of a picture's colours: the label is white, on a dark colour. */
const background = 0;
const ink = 3;

/**
 * A picture that nobody takes for another one: the artwork id and what else is given, one a line, below a pattern in the
 * id's own colours.
 */
export function labelledPicture(artworkId: number, ...labels: readonly string[]): Picture {
  const digest = createHash('sha256').update(`image ${artworkId}`).digest();
  const at = (place: number): number => digest[place % digest.length] ?? 0;
  const hue = ((at(0) << 8) | at(1)) % 360;
  const id = String(artworkId);
  const lines = [
    id.slice(0, lettersPerLine),
    ...(id.length > lettersPerLine ? [id.slice(lettersPerLine)] : []),
    ...labels,
  ];
  const top = cellsPerSide - lines.length * lineHeight - 1;
  const pattern = Array.from({ length: 4 }, (_, y) =>
    Uint8Array.from({ length: cellsPerSide }, (_cell, x) => {
      const column = Math.floor(x / 3);
      return at(2 + 5 * y + Math.min(column, 9 - column)) % 3;
    }),
  );
  const cells = [
    ...Array.from({ length: top }, (_, y) => pattern[Math.floor(y / 3)] ?? noCells),
    ...lines.flatMap((line) => [noCells, ...written(line)]),
    noCells,
  ];
  const colours: readonly Colour[] = [
    colour(hue, 0.5, 0.24),
    colour(hue + 40, 0.55, 0.5),
    colour(hue + 180, 0.45, 0.62),
    [255, 255, 255],
  ];
  return { colours, cells };
}

const noCells = new Uint8Array(cellsPerSide).fill(background);

/** The five rows of a line, centred; what there is no glyph for, and what is too long, is left out. */
function written(line: string): Uint8Array[] {
  const letters = [...line].slice(0, lettersPerLine).flatMap((letter) => (glyphs[letter] ? [glyphs[letter]] : []));
  const left = Math.floor((cellsPerSide - letters.length * glyphWidth + 1) / 2);
  return Array.from({ length: lineHeight - 1 }, (_, y) => {
    const row = noCells.slice();
    letters.forEach((glyph, n) => {
      for (let x = 0; x < 3; x += 1) if (((glyph[y] ?? 0) >> (2 - x)) & 1) row[left + n * glyphWidth + x] = ink;
    });
    return row;
  });
}

/** The colour of a hue in degrees, with a saturation and a lightness of 0 to 1. */
function colour(hue: number, saturation: number, lightness: number): Colour {
  const reach = saturation * Math.min(lightness, 1 - lightness);
  const part = (offset: number): number => {
    const place = (offset + hue / 30) % 12;
    return Math.round(255 * (lightness - reach * Math.max(-1, Math.min(place - 3, 9 - place, 1))));
  };
  return [part(0), part(8), part(4)];
}
