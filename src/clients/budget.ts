import { setTimeout as wait } from 'node:timers/promises';
import type { Database } from '../database/connection.ts';
import { takeTurn, type Service } from '../database/budget.ts';
import { coolDown, endCoolDown, readCoolDown } from '../database/cool-down.ts';
import { DatabaseClock } from './database-clock.ts';
import { CoolDownError } from './errors.ts';

/** A wait longer than this is not waited for in place: the work is put back instead (life-cycles page, "Cool-down"). */
export const longestWaitSeconds = 120;

/** Milliseconds. Past this it is worth a statement to see whether a cool-down began meanwhile. */
const longWait = 1_000;

/**
 * Milliseconds. A request that is later than this for its turn (the process was busy, its answer from the database slow)
 * would come too close to the next ones: it takes another turn. What is left of the budget's stretch is for the way.
 */
const latest = 25;
/** A process that is always late must get on all the same. */
const mostLateTurns = 10;
/** Requests a second. Where so many are allowed nobody counts single ones, and every turn costs a statement. */
const notCounted = 100;

/** One per pool: how long its answers take differs. */
const clocks = new WeakMap<Database, DatabaseClock>();

/** One service's share of requests, kept in PostgreSQL for every process together. */
export interface Budget {
  /**
   * Waits for this request's turn.
   *
   * @throws {CoolDownError} where it is more than `longestWaitSeconds` away; no turn was taken then.
   */
  takeTurn(signal?: AbortSignal): Promise<void>;
  /**
   * Makes everybody wait: `retryAfterSeconds` where the service named a time, else the configured cool-down, doubled
   * while it goes on. Returns how many cool-downs came in a row, this one included.
   */
  coolDown(retryAfterSeconds: number | null, reason: string): Promise<number>;
  /** Ends the row of cool-downs after an answer that asked for none. Costs nothing while there is no such row. */
  answered(): Promise<void>;
}

export interface BudgetOptions {
  readonly requestsPerSecond: number;
  readonly coolDownSeconds: number;
}

export function openBudget(db: Database, service: Service, options: BudgetOptions): Budget {
  let coolingDown = false;
  const clock = clocks.get(db) ?? new DatabaseClock();
  clocks.set(db, clock);
  return {
    async takeTurn(signal) {
      for (let lateTurns = 0; ; lateTurns += 1) {
        const turn = await takeTurn(db, service, {
          requestsPerSecond: options.requestsPerSecond,
          maxWaitMs: longestWaitSeconds * 1000,
        });
        clock.seen(turn.databaseNow);
        coolingDown = turn.coolDownStreak > 0;
        if (turn.kind === 'too_long') throw new CoolDownError(service, turn.waitMs / 1000);
        const slot = turn.databaseNow + turn.waitMs;
        const ahead = -clock.since(slot);
        if (ahead > 0) await wait(ahead, undefined, { signal });
        // While we waited, somebody else may have been told to leave the service alone.
        if (turn.waitMs >= longWait && (await readCoolDown(db, service)) !== null) continue;
        const inTime = clock.since(slot) <= latest || options.requestsPerSecond > notCounted;
        if (inTime || lateTurns >= mostLateTurns) return;
      }
    },
    async coolDown(retryAfterSeconds, reason) {
      coolingDown = true;
      const order = { retryAfterSeconds, defaultSeconds: options.coolDownSeconds, reason };
      return (await coolDown(db, service, order)).streak;
    },
    async answered() {
      if (!coolingDown) return;
      coolingDown = false;
      await endCoolDown(db, service);
    },
  };
}
