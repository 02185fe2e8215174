import { setTimeout as wait } from 'node:timers/promises';
import type { Database } from '../database/connection.ts';
import { takeTurn, type Service } from '../database/budget.ts';
import { coolDown, endCoolDown, readCoolDown } from '../database/cool-down.ts';
import { CoolDownError } from './errors.ts';

/** A wait longer than this is not waited for in place: the work is put back instead (life-cycles page, "Cool-down"). */
export const longestWaitSeconds = 120;

/** Milliseconds. Past this it is worth a statement to see whether a cool-down began meanwhile. */
const longWait = 1_000;

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
  return {
    async takeTurn(signal) {
      for (;;) {
        const turn = await takeTurn(db, service, {
          requestsPerSecond: options.requestsPerSecond,
          maxWaitMs: longestWaitSeconds * 1000,
        });
        coolingDown = turn.coolDownStreak > 0;
        if (turn.kind === 'too_long') throw new CoolDownError(service, turn.waitMs / 1000);
        if (turn.waitMs > 0) await wait(turn.waitMs, undefined, { signal });
        // While we waited, somebody else may have been told to leave the service alone.
        if (turn.waitMs < longWait || (await readCoolDown(db, service)) === null) return;
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
