/** How long PostgreSQL lets a transaction of ours do one thing, in milliseconds; 0: for ever. */
export interface TimeLimits {
  /** One statement, waits included. */
  readonly statement: number;
  /** One wait for a lock. */
  readonly lock: number;
  /** Between two statements: where a process is frozen, or its machine is cut off, nothing else would end its locks. */
  readonly idle: number;
}

export const noLimits: TimeLimits = { statement: 0, lock: 0, idle: 0 };

/**
 * The time limits of every transaction, and so of every single statement. What runs into one has changed nothing, and
 * is tried again by who asked (a step of a workflow by Temporal).
 */
export const timeLimits = {
  /**
   * Whatever is named nowhere else here.
   * - statement: the largest batch of a backfill takes a few seconds; less than the driver's own patience, after which a
   *   connection is given up while PostgreSQL works on.
   * - lock: our own transactions hold a row for milliseconds. Whoever holds one longer (a schema change at MusicBrainz, a
   *   VACUUM FULL) would take one connection of ours after the other.
   * - idle: the longest wait inside a transaction is a call to Temporal.
   */
  usual: { statement: 100_000, lock: 5_000, idle: 30_000 },
  /**
   * Transactions that write or lock rows of artwork-indexer's queue, or stop claims (life-cycles page, "Editors win").
   * - lock: an editor's transaction that waits for us looks for deadlocks after `deadlock_timeout` (1 s), and if it finds
   *   one, it is the editor's that is ended. By then we must have given up long ago.
   * - idle: claims hold what `events pause` waits for.
   */
  queue: { statement: 20_000, lock: 300, idle: 1_000 },
  /**
   * The same from their first row of the queue on: now an editor may be waiting for us. It is to wait for 2 s at most,
   * and that we in turn wait for it must end long before it looks.
   */
  holdingQueueRow: { statement: 1_000, lock: 10, idle: 1_000 },
  /**
   * Installing triggers and taking them away. As `queue`, for MusicBrainz' own tables: each is kept from its editors until
   * the transaction ends.
   */
  triggers: { statement: 2_000, lock: 300, idle: 2_000 },
  /**
   * What a person at the shell waits for, and may read all rows of: `plan`, which takes more than a minute for a million
   * entities. It writes nothing, and locks no row.
   */
  readingAll: { statement: 3_600_000, lock: 5_000, idle: 30_000 },
} as const satisfies Record<string, TimeLimits>;

/**
 * For pages, figures and checks, each statement of which is given up after some seconds (settings): the database is to
 * be free for the work again.
 */
export function limitsOfReading(seconds: number): TimeLimits {
  return { ...timeLimits.usual, statement: Math.ceil(seconds * 1000) };
}

/** Begins a transaction with limits of its own: in one message, and for no longer than the transaction, as pgbouncer wants it. */
export function beginWith({ statement, lock, idle }: TimeLimits): string {
  return `begin; set local statement_timeout = ${statement}; set local lock_timeout = ${lock}; set local idle_in_transaction_session_timeout = ${idle}`;
}

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

  /**
   * Notes an answer that has just arrived.
   *
   * @param databaseNow the database's time in it, in milliseconds since 1970
   * @param askedAt by `performance.now()`: an answer that was long on its way is late, and tells nothing of clocks
   */
  seen(databaseNow: number, askedAt: number): void {
    const now = performance.now();
    const difference = now - databaseNow;
    if (difference > this.#difference() + clockWasSet && now - askedAt <= clockWasSet) {
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

  /** Milliseconds since 1970, whatever this process' own clock says; null before an answer was seen. */
  now(): number | null {
    const now = performance.now() - this.#difference();
    return Number.isFinite(now) ? now : null;
  }

  #difference(): number {
    return Math.min(this.#fastest, this.#fastestBefore);
  }
}
