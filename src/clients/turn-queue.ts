import { AskTogether } from '../database/ask-together.ts';
import { type Service, takeTurns, type Turns, usualWaitSeconds } from '../database/brakes/budget.ts';
import type { SlowedItem } from '../database/brakes/slow-downs.ts';
import type { Database } from '../database/connection.ts';
import { CoolDownError } from './errors.ts';

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

/**
 * Milliseconds. A request that is later than this for its turn (the process was busy, its answer from the database slow)
 * would come too close to the next ones: it takes another turn. What is left of the budget's stretch is for the way.
 */
export const latest = 25;

/** Requests a second. Where this many are allowed nobody counts single ones: none is late. */
export const notCounted = 100;

/** The moment at which one request may be sent. */
interface Turn {
  /** By the database's clock: milliseconds since 1970. */
  readonly at: number;
  /** Milliseconds from when it was taken until then. */
  readonly waitMs: number;
  readonly coolDownStreak: number;
  readonly slowed: Readonly<Record<string, SlowedItem>>;
}

interface TurnOptions {
  readonly requestsPerSecond: number;
  readonly longestWaitSeconds?: number;
}

/**
 * A process' turns at one service and one rate. Whoever asks while a statement is under way shares the next one, so that
 * a busy process pays less than a statement a request.
 */
class TurnQueue {
  readonly clock: DatabaseClock;
  readonly #db: Database;
  readonly #service: Service;
  readonly #requestsPerSecond: number;
  readonly #longestWaitSeconds: number;
  /** Each question is for one turn. */
  readonly #asked: AskTogether<'turn', Turn>;

  constructor(db: Database, service: Service, options: Required<TurnOptions>, clock: DatabaseClock) {
    this.#db = db;
    this.#service = service;
    this.#requestsPerSecond = options.requestsPerSecond;
    this.#longestWaitSeconds = options.longestWaitSeconds;
    this.clock = clock;
    this.#asked = new AskTogether<'turn', Turn>(async ({ length }) =>
      this.#handOut(length, await this.#takeTurns(length)),
    );
  }

  /** @throws {CoolDownError} where the turn is further away than is waited for; none was taken then. */
  async take(): Promise<Turn> {
    return this.#asked.ask('turn');
  }

  #takeTurns(asked: number): Promise<Turns> {
    return takeTurns(this.#db, this.#service, {
      requestsPerSecond: this.#requestsPerSecond,
      count: asked,
      maxWaitMs: this.#longestWaitSeconds * 1000,
    });
  }

  /** The turns of those who asked; whoever asked for more than there were is refused. */
  #handOut(
    asked: number,
    { count, waitMs, gapMs, databaseNow, coolDownStreak, slowed }: Turns,
  ): (Turn | CoolDownError)[] {
    this.clock.seen(databaseNow);
    return Array.from({ length: asked }, (_, n) => {
      const wait = waitMs + n * gapMs;
      if (n >= count) return new CoolDownError(this.#service, wait / 1000);
      return { at: databaseNow + wait, waitMs: wait, coolDownStreak, slowed };
    });
  }
}

interface Pool {
  readonly clock: DatabaseClock;
  readonly queues: Map<string, TurnQueue>;
}

/** By pool: how long the answers of a database take differs, and its processes' turns are its own. */
const pools = new WeakMap<Database, Pool>();

/** The queue that everybody in this process shares who asks a service at this rate and waits as long for it. */
export function turnQueueOf(
  db: Database,
  service: Service,
  { requestsPerSecond, longestWaitSeconds = usualWaitSeconds }: TurnOptions,
): TurnQueue {
  const pool = pools.get(db) ?? { clock: new DatabaseClock(), queues: new Map<string, TurnQueue>() };
  pools.set(db, pool);
  const name = `${service} ${requestsPerSecond} ${longestWaitSeconds}`;
  const options = { requestsPerSecond, longestWaitSeconds };
  const queue = pool.queues.get(name) ?? new TurnQueue(db, service, options, pool.clock);
  pool.queues.set(name, queue);
  return queue;
}
