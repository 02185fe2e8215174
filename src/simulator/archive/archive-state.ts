import { draw } from '../random.ts';
import { contentOf } from '../content.ts';
import { derivedFrom, type Original, OriginalsLedger } from './derivatives.ts';
import {
  type ErrorEnd,
  freeStuckTasks,
  type Item,
  type ItemMetadata,
  runDueTasks,
  type StoredFile,
  summarizeTasks,
  type Task,
  type TaskSummary,
} from './item.ts';
import { ownFilesOf } from './own-files.ts';
import { type FileSeed, itemOfSeed, type ItemSeed } from './seed-item.ts';
import { applyDerive, applyPut } from './writes.ts';

/** An item as a test reads it, without going through HTTP. */
export interface ItemView {
  readonly identifier: string;
  readonly metadata: Readonly<ItemMetadata>;
  readonly dark: boolean;
  readonly lastUpdated: Date;
  readonly files: readonly FileView[];
  /** Writes (and what is derived from them) that are ordered and not applied yet. */
  readonly tasks: TaskSummary;
}

type FileView = Omit<StoredFile, 'content'> & { readonly md5: string; readonly content: Buffer };

/** Bytes and md5 are found out where somebody reads them: most tests read one file of an item. */
function viewOf({ content, ...file }: StoredFile): FileView {
  return {
    ...file,
    get md5() {
      return content.md5;
    },
    get content() {
      return content.bytes;
    },
  };
}

export interface ApplySeconds {
  readonly min: number;
  readonly max: number;
}

/** What the simulated archive holds, in memory. Writes are tasks: they are applied, in order per item, when their time has come. */
export class ArchiveState {
  /** How long a task takes from its predecessor's end; may be changed at any time, for tasks ordered from then on. */
  applySeconds: ApplySeconds;
  readonly #seed: number;
  readonly #now: () => number;
  readonly #errorEnd: () => ErrorEnd;
  readonly #items = new Map<string, Item>();
  readonly #busy = new Set<Item>();
  readonly #ledger = new OriginalsLedger();

  constructor(options: { seed: number; now: () => number; applySeconds: ApplySeconds; errorEnd: () => ErrorEnd }) {
    this.#seed = options.seed;
    this.#now = options.now;
    this.#errorEnd = options.errorEnd;
    this.applySeconds = options.applySeconds;
  }

  /**
   * Adds an item that settled long ago.
   *
   * @throws {Error} where there is one already: what it holds would be lost without a trace.
   */
  seedItem(seed: ItemSeed): void {
    if (this.#items.has(seed.identifier)) {
      throw new Error(`item ${seed.identifier} is there already: expected one that is not; nothing was seeded`);
    }
    this.#items.set(seed.identifier, itemOfSeed(seed, this.#now(), this.#ledger));
  }

  /** The item as it stands now, or undefined where there is none (or where the task that makes it is outstanding). */
  item(identifier: string): ItemView | undefined {
    const item = this.find(identifier);
    if (item === undefined) return undefined;
    return {
      identifier,
      metadata: structuredClone(item.metadata),
      dark: item.dark,
      lastUpdated: new Date(item.lastUpdated),
      tasks: summarizeTasks(item, this.#now()),
      files: this.filesOf(item).map(viewOf),
    };
  }

  identifiers(): string[] {
    return this.items().map(({ identifier }) => identifier);
  }

  /** Hides an item from the public, or shows it again, as only the archive's staff can. */
  setDark(identifier: string, dark: boolean): void {
    this.#existing(identifier).dark = dark;
  }

  /** Removes a file and what was derived from it at once, on a person's word: its loss is not the program's. */
  removeAsOperator(identifier: string, fileName: string): void {
    const item = this.#existing(identifier);
    const file = item.files.get(fileName);
    if (file === undefined) throw new Error(`item ${identifier} has no file ${fileName}: nothing was removed`);
    for (const name of [...derivedFrom(item, fileName), fileName]) item.files.delete(name);
    this.#ledger.permit(identifier, file);
    item.lastUpdated = this.#now();
  }

  /** Adds a file to an item at once, as an editor's browser does before MusicBrainz lists the image; makes the item where there is none. */
  uploadAsEditor(identifier: string, file: FileSeed, metadata: Readonly<ItemMetadata>): void {
    const now = this.#now();
    const item = this.bucket(identifier);
    if (item === undefined) {
      this.seedItem({ identifier, metadata, files: [file], lastUpdated: new Date(now) });
      return;
    }
    const { name, content } = file;
    applyPut(item, { name, content: contentOf(content), keepOldVersion: false, metadata: null }, now, this.#ledger);
    applyDerive(item, now, this.#ledger);
    item.lastUpdated = now;
  }

  /** A person had this image deleted (at MusicBrainz, say): whoever removes its copies loses nothing. */
  permitRemoval(artworkId: number): void {
    this.#ledger.permitImage(artworkId);
  }

  /**
   * Every image original that ever was and of which no item holds a current original with that content any more, but
   * for those that a person removed. Must be empty at the end of everything the program does.
   */
  lostOriginals(): Original[] {
    this.#runDue();
    return this.#ledger.lost(this.#items.values());
  }

  /** Applies all outstanding tasks now, but for those that the faults hold for good. */
  settle(): void {
    this.#runDue(Number.MAX_VALUE);
  }

  /** What the archive's staff does about an item that does not settle: has its tasks run that nobody ran, now. */
  runStuckTasks(identifier: string): void {
    const item = this.bucket(identifier);
    if (item === undefined) return;
    freeStuckTasks(item, this.#now());
    this.#run(item, this.#now());
  }

  /** How many tasks are outstanding over all items. */
  outstandingTasks(): number {
    this.#runDue();
    return [...this.#busy].reduce((sum, item) => sum + item.tasks.length, 0);
  }

  /** An item with its due tasks applied, where it is to be seen. */
  find(identifier: string): Item | undefined {
    const item = this.bucket(identifier);
    return item?.made === true ? item : undefined;
  }

  /** An item as S3 knows it: from the request on that ordered its making. */
  bucket(identifier: string): Item | undefined {
    const item = this.#items.get(identifier);
    if (item !== undefined && item.tasks.length > 0) this.#run(item, this.#now());
    return item;
  }

  /** All items that are to be seen, with their due tasks applied. */
  items(): Item[] {
    this.#runDue();
    return [...this.#items.values()].filter(({ made }) => made);
  }

  /** An item's files, the archive's own included. */
  filesOf(item: Item): StoredFile[] {
    return [...item.files.values(), ...ownFilesOf(item)];
  }

  tasksOf(item: Item): TaskSummary {
    return summarizeTasks(item, this.#now());
  }

  /** A new bucket, whose item is made when the first task is applied. */
  makeBucket(identifier: string, metadata: ItemMetadata, owner: string): Item {
    const now = this.#now();
    const item: Item = {
      identifier,
      metadata: { identifier, ...metadata },
      files: new Map(),
      dark: false,
      made: false,
      lastUpdated: now,
      owner,
      ownFiles: true,
      tasks: [],
      ordered: 0,
    };
    this.#items.set(identifier, item);
    return item;
  }

  /** Orders a write; what the archive derives follows as a task of its own, behind all writes ordered so far. */
  order(
    item: Item,
    { fate, derive, lagSeconds = 0 }: { fate: Task['fate']; derive: boolean; lagSeconds?: number },
    apply: (at: number, ledger: OriginalsLedger) => void,
  ): void {
    const deriveWaits = item.tasks.at(-1)?.kind === 'derive';
    if (deriveWaits) item.tasks.pop();
    this.#append(item, { kind: 'write', fate, lagSeconds }, (at) => apply(at, this.#ledger));
    if (derive || deriveWaits) {
      this.#append(item, { kind: 'derive', fate: 'applied', lagSeconds: 0 }, (at) =>
        applyDerive(item, at, this.#ledger),
      );
    }
    this.#busy.add(item);
    this.#run(item, this.#now());
  }

  #append(
    item: Item,
    { kind, fate, lagSeconds }: Pick<Task, 'fate' | 'kind'> & { lagSeconds: number },
    apply: Task['apply'],
  ): void {
    const { min, max } = this.applySeconds;
    item.ordered += 1;
    const seconds = lagSeconds + min + (max - min) * draw(this.#seed, 'apply', item.identifier, item.ordered);
    const start = Math.max(this.#now(), item.tasks.at(-1)?.dueAt ?? 0);
    item.tasks.push({ kind, fate, apply, dueAt: fate === 'stuck' ? Infinity : start + seconds * 1000 });
  }

  #runDue(until = this.#now()): void {
    for (const item of [...this.#busy]) this.#run(item, until);
  }

  #run(item: Item, until: number): void {
    if (!runDueTasks(item, until, this.#now(), this.#errorEnd())) this.#busy.delete(item);
  }

  #existing(identifier: string): Item {
    const item = this.find(identifier);
    if (item === undefined) throw new Error(`there is no item ${identifier}: nothing was changed`);
    return item;
  }
}
