import { createHash } from 'node:crypto';
import type { ListedEntities } from '../../activities/import.ts';
import type { LineReading } from '../../domain/line-reading.ts';
import { SeenEntities } from './seen-entities.ts';
import { count, type FileTally, flat, type OnLeftOut } from './tally.ts';

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
  /** Where an import goes on: a batch ends exactly there. */
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
