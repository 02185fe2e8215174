import type { Database } from '../database/connection.ts';
import { gapOf, takeTurns, type Service, type Turns } from '../database/budget.ts';
import { DatabaseClock } from './database-clock.ts';
import { CoolDownError } from './errors.ts';

/** A longer wait is not waited for in place: the work is put back instead (life-cycles page, "Cool-down"). */
const usualWaitSeconds = 120;

/**
 * Milliseconds. A request that is later than this for its turn (the process was busy, its answer from the database slow)
 * would come too close to the next ones: it takes another turn. What is left of the budget's stretch is for the way.
 */
export const latest = 25;

/** Requests a second. Where so many are allowed nobody counts single ones, and every turn costs a share of a statement. */
export const notCounted = 100;

/** The moment at which one request may be sent. */
export interface Turn {
  /** By the database's clock: milliseconds since 1970. */
  readonly at: number;
  /** Milliseconds from when it was taken until then. */
  readonly waitMs: number;
  readonly coolDownStreak: number;
}

export interface TurnOptions {
  readonly requestsPerSecond: number;
  readonly longestWaitSeconds?: number;
}

interface Waiting {
  readonly resolve: (turn: Turn) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A process' turns at one service and one rate. Whoever asks while a statement is under way shares the next one, so that
 * a busy process pays less than a statement a request.
 *
 * Above `notCounted` requests a second it also takes, along with those that are asked for, as many turns ahead as were
 * used since it last asked. One that isn't used within `latest` of its moment is dropped, which is why turns taken ahead
 * bring requests no closer together than others, and why another process' cool-down is obeyed after `latest` at most.
 */
export class TurnQueue {
  readonly clock: DatabaseClock;
  readonly #db: Database;
  readonly #service: Service;
  readonly #requestsPerSecond: number;
  readonly #longestWaitSeconds: number;
  #waiting: Waiting[] = [];
  #ahead: Turn[] = [];
  #used = 0;
  #asking = false;

  constructor(db: Database, service: Service, options: Required<TurnOptions>, clock: DatabaseClock) {
    this.#db = db;
    this.#service = service;
    this.#requestsPerSecond = options.requestsPerSecond;
    this.#longestWaitSeconds = options.longestWaitSeconds;
    this.clock = clock;
  }

  /** @throws {CoolDownError} where the turn is further away than is waited for; none was taken then. */
  async take(): Promise<Turn> {
    this.#ahead = this.#ahead.filter(({ at }) => this.clock.since(at) <= latest);
    const next = this.#waiting.length === 0 ? this.#ahead.shift() : undefined;
    if (next !== undefined) {
      this.#used += 1;
      return next;
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      if (!this.#asking) void this.#ask();
    });
  }

  /** Drops what was taken ahead: a cool-down begins. */
  forgetAhead(): void {
    this.#ahead = [];
  }

  async #ask(): Promise<void> {
    this.#asking = true;
    while (this.#waiting.length > 0) {
      const asking = this.#waiting;
      this.#waiting = [];
      try {
        this.#handOut(asking, await this.#takeTurns(asking.length));
      } catch (error) {
        for (const { reject } of asking) reject(error);
      }
    }
    this.#asking = false;
  }

  #takeTurns(asked: number): Promise<Turns> {
    const ahead = Math.min(this.#used, Math.floor(latest / gapOf(this.#requestsPerSecond)));
    this.#used = asked;
    return takeTurns(this.#db, this.#service, {
      requestsPerSecond: this.#requestsPerSecond,
      count: asked + (this.#requestsPerSecond > notCounted ? ahead : 0),
      maxWaitMs: this.#longestWaitSeconds * 1000,
    });
  }

  #handOut(asking: readonly Waiting[], { count, waitMs, gapMs, databaseNow, coolDownStreak }: Turns): void {
    this.clock.seen(databaseNow);
    const turn = (n: number): Turn => {
      const wait = waitMs + n * gapMs;
      return { at: databaseNow + wait, waitMs: wait, coolDownStreak };
    };
    for (const [n, { resolve, reject }] of asking.entries()) {
      if (n < count) resolve(turn(n));
      else reject(new CoolDownError(this.#service, turn(n).waitMs / 1000));
    }
    for (let n = asking.length; n < count; n += 1) this.#ahead.push(turn(n));
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
