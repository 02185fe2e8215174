import { AskTogether } from '../database/ask-together.ts';
import type { Database } from '../database/connection.ts';
import { gapOf, type Service, takeTurns, type Turns, usualWaitSeconds } from '../database/budget.ts';
import type { SlowedItem } from '../database/brakes/slow-downs.ts';
import { DatabaseClock } from './database-clock.ts';
import { CoolDownError } from './errors.ts';

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
  readonly slowed: Readonly<Record<string, SlowedItem>>;
}

export interface TurnOptions {
  readonly requestsPerSecond: number;
  readonly longestWaitSeconds?: number;
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
  /** Each question is for one turn. */
  readonly #asked: AskTogether<'turn', Turn>;
  #ahead: Turn[] = [];
  #used = 0;

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
    this.#ahead = this.#ahead.filter(({ at }) => this.clock.since(at) <= latest);
    const next = this.#asked.isWaitedFor ? undefined : this.#ahead.shift();
    if (next === undefined) return this.#asked.ask('turn');
    this.#used += 1;
    return next;
  }

  /** Drops what was taken ahead: a cool-down begins, or more is known of who is slowed down. */
  forgetAhead(): void {
    this.#ahead = [];
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

  /** The turns of those who asked; the rest is kept. */
  #handOut(
    asked: number,
    { count, waitMs, gapMs, databaseNow, coolDownStreak, slowed }: Turns,
  ): (Turn | CoolDownError)[] {
    this.clock.seen(databaseNow);
    const turns = Array.from({ length: Math.max(asked, count) }, (_, n): Turn => {
      const wait = waitMs + n * gapMs;
      return { at: databaseNow + wait, waitMs: wait, coolDownStreak, slowed };
    });
    this.#ahead.push(...turns.slice(asked));
    return turns
      .slice(0, asked)
      .map((turn, n) => (n < count ? turn : new CoolDownError(this.#service, turn.waitMs / 1000)));
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
