import { inOneLine } from '../terminal/in-one-line.ts';
import { isDatabaseAway } from './database-away.ts';

/** An error's message names so many different reasons. */
const mostReasons = 5;

/**
 * Does the work for each item, one after the other. One that fails keeps no other from its turn.
 *
 * @param endsAll whether every other would fail for the same reason, and need not be tried
 * @returns what came of each
 * @throws when all have been tried, what failed: the error itself, of several an `AggregateError` that names the reasons
 */
export async function tryEach<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
  endsAll: (error: unknown) => boolean = isDatabaseAway,
): Promise<Result[]> {
  const results: Result[] = [];
  const failures: unknown[] = [];
  for (const item of items) {
    try {
      results.push(await work(item));
    } catch (error) {
      failures.push(error);
      if (endsAll(error)) break;
    }
  }
  if (failures.length > 1) throw new AggregateError(failures, inWords(failures, items.length));
  if (failures.length === 1) throw failures[0];
  return results;
}

function inWords(failures: readonly unknown[], all: number): string {
  const reasons = [...new Set(failures.map(inOneLine))];
  const more = reasons.length > mostReasons ? `; and ${reasons.length - mostReasons} more reasons` : '';
  return `${failures.length} of ${all} failed: ${reasons.slice(0, mostReasons).join('; ')}${more}`;
}

/** `tryEach` for work that counts. @returns the sum */
export async function countEach<Item>(...given: Parameters<typeof tryEach<Item, number>>): Promise<number> {
  return (await tryEach(...given)).reduce((sum, count) => sum + count, 0);
}
