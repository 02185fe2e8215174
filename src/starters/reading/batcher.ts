import { createHash } from 'node:crypto';
import type { LineReading } from '../../domain/imports/line-reading.ts';
import type { ListedEntities } from '../../temporal/messages.ts';
import { count, type FileTally, flat, type OnLeftOut } from './tally.ts';

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

/** What is handed over at once, and how far the reading is with it. */
export interface ReadBatch {
  /** Records of all files together that were read before it, and with it. */
  readonly from: number;
  readonly upTo: number;
  /** Of all that was named up to here: the same place in the same content has the same. */
  readonly digest: string;
  readonly entities: readonly ListedEntities[];
}

/** Entities a batch: some 80 KB in Temporal, and a statement of some ten milliseconds. */
const batchEntities = 2_000;
/** Records a batch, where few of them name an entity; so that progress shows. */
const batchRecords = 250_000;

export interface BatcherOptions {
  /** Where an import continues: a batch ends exactly there. */
  readonly boundary: number;
  readonly onLeftOut: OnLeftOut;
}

/**
 * Gathers what records name into batches: each entity once, or again where a later record gives it a higher priority.
 * The same content is cut at the same places each time it is read.
 */
export class Batcher {
  readonly #options: BatcherOptions;
  readonly #seen = new SeenEntities();
  readonly #digest = createHash('sha256');
  #from = 0;
  #records = 0;
  #count = 0;
  #groups = new Map<string, Omit<ListedEntities, 'gids'> & { gids: string[] }>();

  constructor(options: BatcherOptions) {
    this.#options = options;
  }

  get entities(): number {
    return this.#seen.size;
  }

  /**
   * Takes one record. @returns whether the batch is to be cut now
   * @param reading null where the record holds nothing
   */
  take(tally: FileTally, reading: LineReading | null, at: { where: () => string; text: string }): boolean {
    this.#records += 1;
    tally.records += 1;
    if (reading !== null) {
      count(tally, reading, { ...at, onLeftOut: this.#options.onLeftOut });
      if (reading.kind === 'named') this.#note(tally, reading);
    }
    return (
      this.#count >= batchEntities ||
      this.#records - this.#from >= batchRecords ||
      this.#records === this.#options.boundary
    );
  }

  /** The batch of what was taken since the last one. */
  cut(): ReadBatch {
    const batch = {
      from: this.#from,
      upTo: this.#records,
      digest: this.#digest.copy().digest('hex').slice(0, 16),
      entities: [...this.#groups.values()],
    };
    this.#from = this.#records;
    this.#count = 0;
    this.#groups = new Map();
    return batch;
  }

  #note(tally: FileTally, { gid, entityType, priority }: Extract<LineReading, { kind: 'named' }>): void {
    const seen = this.#seen.note(gid, priority);
    if (seen !== 'first') tally.duplicates += 1;
    if (seen === 'known') return;
    const isAgain = seen === 'higher';
    const key = `${entityType} ${priority} ${isAgain}`;
    const group = this.#groups.get(key) ?? { entityType, priority, isAgain, gids: [] };
    this.#groups.set(key, group);
    group.gids.push(flat(gid));
    this.#count += 1;
    this.#digest.update(`${key} ${gid}\n`);
  }
}
