import { setTimeout as wait } from 'node:timers/promises';
import { coolDown, endCoolDown, readCoolDown, type Service, usualWaitSeconds } from '../database/brakes/budget.ts';
import {
  blameOthers,
  forgetSlowDowns,
  isToBlame,
  noteSlowDown,
  type SlowedItem,
} from '../database/brakes/slow-downs.ts';
import type { Database } from '../database/connection.ts';
import type { RequestKind } from '../domain/queue/request-count.ts';
import { CoolDownError } from './errors.ts';
import { latest, notCounted, turnQueueOf } from './turn-queue.ts';

/** Milliseconds. Past this it is worth a statement to see whether a cool-down began meanwhile. */
const longWait = 1_000;

/** A process that is always late must get on all the same. */
const mostLateTurns = 10;

/** What a request is about, as far as pauses go by it. */
export interface Subject {
  readonly kind: RequestKind;
  /** The archive's item; none where the request is about many, or about none. */
  readonly item?: string | undefined;
}

/** One service's share of requests, kept in PostgreSQL for every process together. */
export interface Budget {
  /** What pauses may take of one request in place, all together. */
  readonly longestWaitSeconds: number;
  /**
   * Waits for this request's turn. While its item was the last to be slowed down, others are asked first.
   *
   * @throws {CoolDownError} where it is further away than is waited for; no turn was taken then.
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

    async takeTurn({ item }, signal) {
      const latestMs = performance.now() + longestWaitSeconds * 1000;
      for (let lateTurns = 0; ; lateTurns += 1) {
        const turn = await queue.take();
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
        // While we waited, somebody else may have been asked to leave the service alone.
        if (turn.waitMs >= longWait && (await readCoolDown(db, service)) !== null) continue;
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
