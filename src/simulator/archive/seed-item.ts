import { type Content, contentOf } from '../content.ts';
import { derivativesOf, type OriginalsLedger } from './derivatives.ts';
import type { FileSource, Item, ItemMetadata } from './item.ts';
import { formatOf, placeFile } from './writes.ts';

/** An item to begin with. */
export interface ItemSeed {
  readonly identifier: string;
  /** Taken as it is; nothing is derived from an mb_metadata.xml among the files (`deriveMetadata` does that). */
  readonly metadata: Readonly<ItemMetadata>;
  readonly files: readonly FileSeed[];
  readonly dark?: boolean;
  /** A year ago where not given. */
  readonly lastUpdated?: Date;
  /** False: image originals have no derivatives but those in `files`. */
  readonly derivatives?: boolean;
  /** False: not even the archive's own files are there. */
  readonly ownFiles?: boolean;
  /** The access key it belongs to; where not given, its project's by its collection. */
  readonly owner?: string;
}

export interface FileSeed {
  readonly name: string;
  readonly content: Content | Uint8Array;
  /** `original` where not given. */
  readonly source?: FileSource;
  readonly original?: string;
}

const year = 365 * 24 * 3600 * 1000;

/** The item that a seed describes. `now`: ms since 1970. */
export function itemOfSeed(seed: ItemSeed, now: number, ledger: OriginalsLedger): Item {
  const lastUpdated = seed.lastUpdated?.getTime() ?? now - year;
  const mtime = Math.floor(lastUpdated / 1000);
  const item: Item = {
    identifier: seed.identifier,
    metadata: { identifier: seed.identifier, ...structuredClone(seed.metadata) },
    files: new Map(),
    dark: seed.dark ?? false,
    made: true,
    lastUpdated,
    owner: seed.owner ?? null,
    ownFiles: seed.ownFiles ?? true,
    tasks: [],
    ordered: 0,
  };
  for (const { name, content, source = 'original', original } of seed.files) {
    const file = { name, source, format: formatOf(name), mtime, content: contentOf(content) };
    placeFile(item, original === undefined ? file : { ...file, original }, ledger);
  }
  if (seed.derivatives ?? true) {
    for (const original of [...item.files.values()]) {
      for (const file of derivativesOf(item, original, mtime)) {
        if (!item.files.has(file.name)) placeFile(item, file, ledger);
      }
    }
  }
  return item;
}
