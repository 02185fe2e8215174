import type { Noun } from './fates.ts';
import { UsageError } from './errors.ts';

/**
 * So that nothing is done to everything by surprise: ids, or `--all` with at least one option that chooses.
 *
 * @param example of such options
 * @throws {UsageError}
 */
export function checkSelection(
  noun: Noun,
  given: { readonly ids: readonly number[]; readonly all: boolean; readonly filtered: boolean },
  example: { readonly some: string; readonly whole: string },
): void {
  const { ids, all, filtered } = given;
  if (ids.length > 0 && (all || filtered)) {
    throw new UsageError(`give either the ids of ${noun}s, or --all with what chooses them`);
  }
  if (ids.length === 0 && !all) {
    throw new UsageError(`which ${noun}s? Give their ids, or --all with what chooses them, e.g. --all ${example.some}`);
  }
  if (all && !filtered) {
    throw new UsageError(`--all takes at least one option that chooses ${noun}s; ${example.whole}`);
  }
}
