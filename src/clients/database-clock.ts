/** Milliseconds for which the fastest answer counts: clocks run apart, if slowly. */
const window = 30_000;
/** Milliseconds. No answer is that much slower than another: rather, one of the clocks was set. */
const clockWasSet = 1_000;

/**
 * How this process' clock stands to the database's, from when answers arrive that carry the database's time: the fastest
 * of the last minute was hardly delayed by anything, whatever delays this one.
 */
export class DatabaseClock {
  #fastest = Infinity;
  #fastestBefore = Infinity;
  #windowBegan = -Infinity;

  /** Notes an answer that has just arrived. @param databaseNow the database's time in it, in milliseconds since 1970 */
  seen(databaseNow: number): void {
    const now = performance.now();
    const difference = now - databaseNow;
    if (difference > this.#difference() + clockWasSet) {
      this.#fastest = Infinity;
      this.#windowBegan = -Infinity;
    }
    if (now - this.#windowBegan > window) {
      this.#fastestBefore = this.#fastest;
      this.#fastest = Infinity;
      this.#windowBegan = now;
    }
    this.#fastest = Math.min(this.#fastest, difference);
  }

  /** Milliseconds that have passed since a moment of the database's; below 0 where it is to come. */
  since(moment: number): number {
    return performance.now() - moment - this.#difference();
  }

  #difference(): number {
    return Math.min(this.#fastest, this.#fastestBefore);
  }
}
