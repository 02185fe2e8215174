import { createRandom } from '../random.ts';

/**
 * A number in [0, 1) that follows from the labels alone.
 *
 * Not a sequence on purpose: a draw that is named by what it is for stays the same whatever else was drawn before, so
 * that concurrency and other faults don't change it.
 */
export function draw(...labels: readonly (number | string)[]): number {
  return createRandom(labels.join('/')).next();
}
