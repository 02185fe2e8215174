import { createRandom } from '../random.ts';
import type { Content } from '../content.ts';

export type FileSource = 'derivative' | 'metadata' | 'original';

/** A file of an item as the archive holds it now. */
export interface StoredFile {
  readonly name: string;
  readonly source: FileSource;
  /** For derivatives: the file it was made from, which may be a derivative itself. */
  readonly original?: string;
  readonly format: string;
  /** Seconds since 1970. */
  readonly mtime: number;
  readonly content: Content;
}

/** A key holds a string, or a list where repeated; for some keys a list of one, too. */
export type ItemMetadata = Record<string, string[] | string>;

/** An item (an S3 bucket), with the writes that are ordered and not applied yet. */
export interface Item {
  readonly identifier: string;
  metadata: ItemMetadata;
  readonly files: Map<string, StoredFile>;
  dark: boolean;
  /** False while the task that makes it is outstanding: S3 knows the bucket, nobody else the item. */
  made: boolean;
  /** Milliseconds since 1970. */
  lastUpdated: number;
  /** The access key it belongs to, where that is known. */
  owner: string | null;
  /** Whether the archive keeps its own files (`_meta.xml`, …) in it. */
  readonly ownFiles: boolean;
  readonly tasks: Task[];
  /** How many tasks were ever ordered: names the draw of the next one's duration. */
  ordered: number;
}

/** Where an item lies. Some items have one data node only, and some are served by the second one. */
interface Placement {
  readonly d1: string;
  readonly d2: string | null;
  readonly server: string;
  readonly dir: string;
  readonly workableServers: readonly string[];
  /** The node that `/download` sends to; not one of the item's own. */
  readonly deliveryNode: string;
}

export function placementOf(identifier: string): Placement {
  const random = createRandom(`placement/${identifier}`);
  const number = random.integer(100, 998);
  const d1 = `ia800${number}.us.archive.org`;
  const d2 = random.chance(0.95) ? `ia600${number}.us.archive.org` : null;
  return {
    d1,
    d2,
    server: d2 !== null && random.chance(0.3) ? d2 : d1,
    dir: `/${random.integer(0, 35)}/items/${identifier}`,
    workableServers: d2 === null ? [d1] : [d1, d2],
    deliveryNode: `dn720${random.integer(100, 998)}.ca.archive.org`,
  };
}

/** All values of a metadata key, whether it holds a string, a list or nothing. */
export function valuesOf(item: Item, key: string): readonly string[] {
  const value = item.metadata[key];
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
}

/** A write, or what the archive derives from one, that is ordered and not applied yet. */
export interface Task {
  readonly kind: 'derive' | 'write';
  /** Milliseconds since 1970; infinite for a task that nobody ever runs. */
  dueAt: number;
  /** `failed`: at its time it stands in error, and the item's later tasks behind it. */
  fate: 'applied' | 'failed' | 'stuck';
  readonly apply: (at: number) => void;
}

/** As `/services/tasks.php?summary=1` counts them. */
export interface TaskSummary {
  readonly queued: number;
  readonly running: number;
  readonly error: number;
  readonly paused: number;
}

/** How a task in error ends: staff run it again, or drop it, this many seconds later. */
export interface ErrorEnd {
  readonly seconds: number;
  readonly ends: 'applied' | 'dropped';
}

/**
 * Applies what is due at `until`, in the order it was ordered in, as of its own time, though never of one after `now`.
 * Returns whether tasks are left.
 */
export function runDueTasks(item: Item, until: number, now: number, errorEnd: ErrorEnd): boolean {
  for (let task = item.tasks[0]; task !== undefined; task = item.tasks[0]) {
    const endsAt = task.fate === 'failed' ? task.dueAt + errorEnd.seconds * 1000 : task.dueAt;
    if (endsAt > until) break;
    item.tasks.shift();
    if (task.fate === 'failed' && errorEnd.ends === 'dropped') continue;
    const at = Math.min(endsAt, now);
    task.apply(at);
    item.lastUpdated = Math.max(item.lastUpdated, at);
  }
  return item.tasks.length > 0;
}

/** What nobody ran becomes due, and with it what was ordered behind it. */
export function freeStuckTasks(item: Item, now: number): void {
  for (const task of item.tasks) {
    if (task.fate === 'stuck') task.fate = 'applied';
    if (task.dueAt === Infinity) task.dueAt = now;
  }
}

/** What stands in the item's queue now: the first task runs or is in error, the others wait behind it. */
export function summarizeTasks(item: Item, now: number): TaskSummary {
  const [first, ...waiting] = item.tasks;
  const summary = { queued: waiting.length, running: 0, error: 0, paused: 0 };
  if (first === undefined) return summary;
  if (first.fate === 'stuck') summary.paused = 1;
  else if (first.fate === 'failed' && first.dueAt <= now) summary.error = 1;
  else summary.running = 1;
  return summary;
}
