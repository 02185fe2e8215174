/** Numbers that look random and are the same for the same seed, on every machine. Not for secrets. */
export interface Random {
  /** At least 0, less than 1. */
  next(): number;
  /** A whole number from `min` to `max`, both included. */
  integer(min: number, max: number): number;
  chance(probability: number): boolean;
  /** @throws {RangeError} where the list is empty. */
  pick<Item>(items: readonly Item[]): Item;
  /** A new list in another order. */
  shuffle<Item>(items: readonly Item[]): Item[];
  /** A UUID of version 4. */
  uuid(): string;
  /**
   * Another sequence, which depends on this one's seed and the label only, not on what was drawn before. What draws from
   * a fork of its own stays the same when something else begins to draw more.
   */
  fork(label: string): Random;
}

/** Marsaglia's xorshift with 128 bits of state, so that sequences of many forks do not run into one another. */
export function createRandom(seed: number | string): Random {
  let [a, b, c, d] = [hash(`1/${seed}`), hash(`2/${seed}`), hash(`3/${seed}`), hash(`4/${seed}`) | 1];
  const nextUint32 = (): number => {
    const shifted = d ^ (d << 11);
    [d, c, b] = [c, b, a];
    a = (a ^ (a >>> 19) ^ shifted ^ (shifted >>> 8)) >>> 0;
    // The bare state's lowest bits are too regular.
    return mix(a);
  };
  // 53 bits, as many as a double holds: with 32 alone two of 100,000 draws would often be equal.
  const next = (): number => ((nextUint32() >>> 5) * 0x4000000 + (nextUint32() >>> 6)) / 2 ** 53;
  const integer = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1));
  const pick = <Item>(items: readonly Item[]): Item => {
    if (items.length === 0) throw new RangeError('nothing to pick from: expected at least one item');
    return items[integer(0, items.length - 1)] as Item;
  };
  return {
    next,
    integer,
    pick,
    chance: (probability) => next() < probability,
    shuffle: (items) => {
      const shuffled = [...items];
      for (let last = shuffled.length - 1; last > 0; last -= 1) {
        const other = integer(0, last);
        [shuffled[last], shuffled[other]] = [shuffled[other] as never, shuffled[last] as never];
      }
      return shuffled;
    },
    uuid: () => {
      const hex = Array.from({ length: 4 }, () => nextUint32().toString(16).padStart(8, '0')).join('');
      const variant = '89ab'.charAt(parseInt(hex.charAt(16), 16) % 4);
      return [
        hex.slice(0, 8),
        hex.slice(8, 12),
        `4${hex.slice(13, 16)}`,
        variant + hex.slice(17, 20),
        hex.slice(20),
      ].join('-');
    },
    fork: (label) => createRandom(`${seed}/${label}`),
  };
}

function mix(value: number): number {
  let mixed = value;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** FNV-1a over UTF-16 units, mixed once more so that neighbouring seeds start far apart. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return mix(value >>> 0);
}

/**
 * A number in [0, 1) that follows from the labels alone.
 *
 * Not a sequence on purpose: a draw that is named by what it is for stays the same whatever else was drawn before, so
 * that concurrency and other faults don't change it.
 */
export function draw(...labels: readonly (number | string)[]): number {
  return createRandom(labels.join('/')).next();
}
