import type { Item } from './item.ts';

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

/** How a task in error ends: staff run it again, or drop it, so many seconds later. */
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
