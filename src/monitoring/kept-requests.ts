import { type RequestMeter, serviceOf } from '../clients/errors.ts';
import type { Queryable } from '../database/connection.ts';
import { addAnsweredRequests } from '../database/figures/work-since.ts';

/** Milliseconds. What a process that is killed has not added yet is lost to the counts, and to nothing else. */
const interval = 10_000;

/**
 * Counts requests by service, kind and answer, and adds them to the database's counts of the hour now and then: one
 * statement for as many as there were.
 */
export function keepRequests(
  q: Queryable,
  warn: (error: unknown) => void,
): { meter: RequestMeter; close(): Promise<void> } {
  let counts = new Map<string, number>();
  let adding = Promise.resolve();
  const add = async (): Promise<void> => {
    if (counts.size === 0) return;
    const sent = counts;
    counts = new Map();
    try {
      await addAnsweredRequests(q, sent);
    } catch (error) {
      // Once more with the next ones. Whether the database took these before it went is not known; they are only counts.
      for (const [key, count] of sent) counts.set(key, (counts.get(key) ?? 0) + count);
      warn(error);
    }
  };
  const addNext = (): Promise<void> => (adding = adding.then(add));
  const timer = setInterval(() => void addNext(), interval).unref();
  return {
    meter({ kind, answer }) {
      const key = `${serviceOf(kind)} ${kind} ${answer}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    },
    async close() {
      clearInterval(timer);
      await addNext();
    },
  };
}
