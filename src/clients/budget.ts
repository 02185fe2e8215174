import { setTimeout as wait } from 'node:timers/promises';
import { AskTogether } from '../database/ask-together.ts';
import {
  coolDown,
  endCoolDown,
  holdsClaim,
  readCoolDown,
  type Service,
  takeTurns,
  type Turns,
  usualWaitSeconds,
} from '../database/brakes/budget.ts';
import {
  blameOthers,
  forgetSlowDowns,
  isToBlame,
  noteSlowDown,
  type SlowedItem,
} from '../database/brakes/slow-downs.ts';
import type { Database } from '../database/connection.ts';
import { DatabaseClock } from '../database/time-limits.ts';
import type { RequestKind } from '../domain/queue/request-count.ts';
import { ClaimGoneError, CoolDownError } from './errors.ts';

/**
 * Milliseconds. A request that is later than this for its turn (the process was busy, its answer from the database slow)
 * would come too close to the next ones: it takes another turn. What is left of the budget's stretch is for the way.
 */
const latest = 25;

/** Requests a second. Where more are allowed nobody counts single ones: none is late. */
const notCounted = 100;

/**
 * Milliseconds. What the database said longer ago than this holds no more, however late a process always is: the answer was on
 * its way while the network was away, or the process was frozen. Less than what it takes to lose a claim for that (15 s).
 */
const longestTrust = 10_000;

/** The moment at which one request may be sent. */
interface Turn {
  /** By the database's clock: milliseconds since 1970. */
  readonly at: number;
  /** Milliseconds from when it was taken until then. */
  readonly waitMs: number;
  readonly coolDownStreak: number;
  readonly slowed: Readonly<Record<string, SlowedItem>>;
  /** By `performance.now()`: what the database said is not older. */
  readonly askedAt: number;
  /** Whether the run that asked holds an event's claim; of no meaning where none was named. */
  readonly isHolding: boolean;
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
  /** Each question is for one turn, of the run of a workflow that is named. */
  readonly #asked: AskTogether<string | null, Turn>;

  constructor(db: Database, service: Service, options: Required<TurnOptions>, clock: DatabaseClock) {
    this.#db = db;
    this.#service = service;
    this.#requestsPerSecond = options.requestsPerSecond;
    this.#longestWaitSeconds = options.longestWaitSeconds;
    this.clock = clock;
    this.#asked = new AskTogether<string | null, Turn>(async (holders) => {
      const askedAt = performance.now();
      return this.#handOut(holders, await this.#takeTurns(holders), askedAt);
    });
  }

  /** @throws {CoolDownError} where the turn is further away than is waited for; none was taken then. */
  async take(holder: string | null): Promise<Turn> {
    return this.#asked.ask(holder);
  }

  #takeTurns(holders: readonly (string | null)[]): Promise<Turns> {
    return takeTurns(this.#db, this.#service, {
      requestsPerSecond: this.#requestsPerSecond,
      count: holders.length,
      maxWaitMs: this.#longestWaitSeconds * 1000,
      holders: holders.filter((holder) => holder !== null),
    });
  }

  /** The turns of those who asked; whoever asked for more than there were is refused. */
  #handOut(
    holders: readonly (string | null)[],
    { count, waitMs, gapMs, databaseNow, coolDownStreak, slowed, holding }: Turns,
    askedAt: number,
  ): (Turn | CoolDownError)[] {
    this.clock.seen(databaseNow, askedAt);
    return holders.map((holder, n) => {
      const wait = waitMs + n * gapMs;
      if (n >= count) return new CoolDownError(this.#service, wait / 1000);
      const isHolding = holder !== null && holding.includes(holder);
      return { at: databaseNow + wait, waitMs: wait, coolDownStreak, slowed, askedAt, isHolding };
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
function turnQueueOf(
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

/** Milliseconds. Past this it is worth a statement to see whether a cool-down began meanwhile. */
const longWait = 1_000;

/** A process that is always late must get on all the same. */
const mostLateTurns = 10;

/** What a request is about, as far as pauses go by it. */
export interface Subject {
  readonly kind: RequestKind;
  /** The archive's item; none where the request is about many, or about none. */
  readonly item?: string | undefined;
  /** The run of a workflow that has to hold an event's claim for it: every write of a worker's. */
  readonly holder?: string | undefined;
}

/** One service's share of requests, kept in PostgreSQL for every process together. */
export interface Budget {
  /** What pauses may take of one request in place, all together. */
  readonly longestWaitSeconds: number;
  /**
   * Milliseconds since 1970 by the database's clock, which workers of several hosts have in common; before the first turn, by
   * this process' own.
   */
  now(): number;
  /**
   * Waits for this request's turn. While its item was the last to be slowed down, others are asked first.
   *
   * @throws {CoolDownError} where it is further away than is waited for; no turn was taken then.
   * @throws {ClaimGoneError} where it is for a run that holds no claim any more: nothing may be sent.
   */
  takeTurn(subject: Subject, signal?: AbortSignal): Promise<void>;
  /**
   * Makes everybody wait: `retryAfterSeconds` where the service named a time, else the configured cool-down, doubled
   * while it lasts. Returns whether the item has been slowed down too often, so that it is to blame.
   */
  coolDown(subject: Subject, retryAfterSeconds: number | null, reason: string): Promise<boolean>;
  /** Whether slow-downs of this item are known to be its own. */
  isToBlame(item: string): Promise<boolean>;
  /**
   * Ends the row of cool-downs after an answer that asked for none, and notes whose fault it is then that others were
   * slowed down. Costs nothing while there is no such row, and no such item.
   *
   * @param sentAt by `performance.now()`
   */
  answered(subject: Subject, sentAt: number): Promise<void>;
}

export interface BudgetOptions {
  readonly requestsPerSecond: number;
  readonly coolDownSeconds: number;
  /** What is waited for a turn at most; 2 minutes where not given (life-cycles page, "Cool-down"). */
  readonly longestWaitSeconds?: number;
}

export function openBudget(db: Database, service: Service, options: BudgetOptions): Budget {
  const { longestWaitSeconds = usualWaitSeconds, requestsPerSecond, coolDownSeconds } = options;
  let coolingDown = false;
  let slowed: Readonly<Record<string, SlowedItem>> = {};
  const queue = turnQueueOf(db, service, options);
  const { clock } = queue;

  /** Milliseconds for which others are to be asked before this item. */
  function lettingOthersGo(item: string | undefined): number {
    const known = item === undefined ? undefined : slowed[item];
    return known === undefined || known.isToBlame ? 0 : -clock.since(known.othersFirstUntil);
  }

  return {
    longestWaitSeconds,

    now: () => clock.now() ?? Date.now(),

    async takeTurn({ item, kind, holder }, signal) {
      const latestMs = performance.now() + longestWaitSeconds * 1000;
      for (let lateTurns = 0; ; lateTurns += 1) {
        const turn = await queue.take(holder ?? null);
        let saidAt = turn.askedAt;
        if (holder !== undefined && !turn.isHolding) throw new ClaimGoneError(item ?? kind);
        coolingDown = turn.coolDownStreak > 0;
        slowed = turn.slowed;
        const othersFirst = lettingOthersGo(item);
        if (othersFirst > longestWaitSeconds * 1000) throw new CoolDownError(service, othersFirst / 1000, item);
        // However short the pauses that others bring on: a long row of them is not waited for either.
        if (lateTurns > 0 && performance.now() > latestMs) throw new CoolDownError(service, turn.waitMs / 1000);
        if (othersFirst > 0) {
          await wait(othersFirst, undefined, { signal });
          continue;
        }
        const ahead = -clock.since(turn.at);
        if (ahead > 0) await wait(ahead, undefined, { signal });
        if (turn.waitMs >= longWait) {
          saidAt = performance.now();
          // While we waited, somebody else may have been asked to leave the service alone, or been given what we held.
          if ((await readCoolDown(db, service)) !== null) continue;
          if (holder !== undefined && !(await holdsClaim(db, holder))) {
            throw new ClaimGoneError(item ?? kind);
          }
        }
        if (performance.now() - saidAt > longestTrust) continue;
        const inTime = clock.since(turn.at) <= latest || requestsPerSecond > notCounted;
        if (inTime || lateTurns >= mostLateTurns) return;
      }
    },

    async coolDown({ item, kind }, retryAfterSeconds, reason) {
      coolingDown = true;
      const order = { retryAfterSeconds, defaultSeconds: coolDownSeconds, reason };
      const { until, streak } = await coolDown(db, service, order);
      if (item === undefined) return false;
      const others = { othersFirstSeconds: coolDownSeconds, othersWereAnswered: streak === 1 };
      return noteSlowDown(db, { item, kind: likeOf(kind), until, ...others });
    },

    isToBlame: (item) => isToBlame(db, item),

    async answered({ item, kind }, sentAt) {
      if (coolingDown) {
        coolingDown = false;
        await endCoolDown(db, service);
      }
      if (item === undefined || Object.keys(slowed).length === 0) return;
      if (slowed[item] !== undefined) await forgetSlowDowns(db, item, likeOf(kind));
      const isBlamable = Object.entries(slowed).some(([other, known]) => other !== item && !known.isToBlame);
      if (isBlamable) await blameOthers(db, { item, kind: likeOf(kind), sentAgo: performance.now() - sentAt });
    },
  };
}

/**
 * What a request is compared with. The archive's limits of writes are one, whatever is written, and are none of reads: an
 * answer to a read tells nothing of whose fault it is that a write was slowed down.
 */
function likeOf(kind: RequestKind): string {
  return kind === 'put' || kind === 'copy' || kind === 'delete' ? 'write' : kind;
}
