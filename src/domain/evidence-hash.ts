/**
 * A fingerprint of a text, of 32 hexadecimal digits: four 32-bit multiply-and-xor hashes with different seeds, each
 * mixed at its end. It only tells evidence that a person has judged from other evidence of the same entity's same
 * check: a handful of values, none of an adversary's choice that could gain by a collision. No cryptographic hash is
 * needed, and so no built-in of Node.
 */
export function evidenceHash(text: string): string {
  return seeds.map((seed) => lane(text, seed).toString(16).padStart(8, '0')).join('');
}

const seeds = [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344];

function lane(text: string, seed: number): number {
  let state = seed ^ text.length;
  for (let i = 0; i < text.length; i++) {
    state = Math.imul(state ^ text.charCodeAt(i), 0x9e3779b1 ^ (seed & 0xfffe));
    state ^= state >>> 15;
  }
  state = Math.imul(state ^ (state >>> 16), 0x7feb352d);
  state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d);
  return (state ^ (state >>> 16)) >>> 0;
}
