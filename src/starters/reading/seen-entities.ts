const bytes = 16;
/** Slots that are taken before the table grows. */
const fullShare = 0.7;

/**
 * Which entities an import has named so far, and with what priority, in 17 bytes each and no object: a list of all six
 * million stays below 200 MB, and of 140 million lines about few entities nothing is kept.
 */
export class SeenEntities {
  #slots = 1024;
  #gids = new Uint32Array((this.#slots * bytes) / 4);
  /** The priority plus one; 0 is an empty slot. */
  #priorities = new Uint16Array(this.#slots);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Notes an entity. `higher`: it was named before, with a lower priority only. @param gid in canonical form */
  note(gid: string, priority: number): 'first' | 'higher' | 'known' {
    if (this.#size + 1 > this.#slots * fullShare) this.#grow();
    const words = wordsOf(gid);
    const slot = this.#find(words);
    const known = this.#priorities[slot] ?? 0;
    if (known > priority) return 'known';
    if (known === 0) {
      this.#gids.set(words, slot * 4);
      this.#size += 1;
    }
    this.#priorities[slot] = priority + 1;
    return known === 0 ? 'first' : 'higher';
  }

  #find(words: Uint32Array): number {
    // MBIDs are random but for six bits, of which none is among these.
    let slot = ((words[0] ?? 0) ^ (words[3] ?? 0)) % this.#slots;
    if (slot < 0) slot += this.#slots;
    while (this.#priorities[slot] !== 0 && !this.#isAt(slot, words)) slot = (slot + 1) % this.#slots;
    return slot;
  }

  #isAt(slot: number, words: Uint32Array): boolean {
    for (let word = 0; word < 4; word += 1) if (this.#gids[slot * 4 + word] !== words[word]) return false;
    return true;
  }

  #grow(): void {
    const gids = this.#gids;
    const priorities = this.#priorities;
    this.#slots *= 2;
    this.#gids = new Uint32Array((this.#slots * bytes) / 4);
    this.#priorities = new Uint16Array(this.#slots);
    for (let from = 0; from < priorities.length; from += 1) {
      if (priorities[from] === 0) continue;
      const words = gids.subarray(from * 4, from * 4 + 4);
      const slot = this.#find(words);
      this.#gids.set(words, slot * 4);
      this.#priorities[slot] = priorities[from] ?? 0;
    }
  }
}

function wordsOf(gid: string): Uint32Array {
  const hex = gid.replaceAll('-', '');
  return Uint32Array.from([0, 8, 16, 24], (start) => Number.parseInt(hex.slice(start, start + 8), 16));
}
