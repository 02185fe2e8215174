import { setTimeout as wait } from 'node:timers/promises';
import type { Database } from '../database/connection.ts';
import type { Service } from '../database/budget.ts';
import { coolDown, endCoolDown, readCoolDown } from '../database/cool-down.ts';
import { latest, notCounted, turnQueueOf } from './turn-queue.ts';

/** Milliseconds. Past this it is worth a statement to see whether a cool-down began meanwhile. */
const longWait = 1_000;

/** A process that is always late must get on all the same. */
const mostLateTurns = 10;

/** One service's share of requests, kept in PostgreSQL for every process together. */
export interface Budget {
  /**
   * Waits for this request's turn.
   *
   * @throws {CoolDownError} where it is further away than is waited for; no turn was taken then.
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
  /** What is waited for a turn at most; 2 minutes where not given (life-cycles page, "Cool-down"). */
  readonly longestWaitSeconds?: number;
}

export function openBudget(db: Database, service: Service, options: BudgetOptions): Budget {
  let coolingDown = false;
  const queue = turnQueueOf(db, service, options);
  const { clock } = queue;
  return {
    async takeTurn(signal) {
      for (let lateTurns = 0; ; lateTurns += 1) {
        const turn = await queue.take();
        coolingDown = turn.coolDownStreak > 0;
        const ahead = -clock.since(turn.at);
        if (ahead > 0) await wait(ahead, undefined, { signal });
        // While we waited, somebody else may have been told to leave the service alone.
        if (turn.waitMs >= longWait && (await readCoolDown(db, service)) !== null) continue;
        const inTime = clock.since(turn.at) <= latest || options.requestsPerSecond > notCounted;
        if (inTime || lateTurns >= mostLateTurns) return;
      }
    },
    async coolDown(retryAfterSeconds, reason) {
      coolingDown = true;
      queue.forgetAhead();
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
