import type { Budget } from './budget.ts';
import { RefusedError } from './errors.ts';
import {
  describeAnswer,
  detailsOf,
  errorCodeOf,
  retryAfterSeconds,
  type HttpAnswer,
  type HttpClient,
  type HttpRequest,
} from './http.ts';

/** What a `SlowDown` is about: everything that we ask, or the one item. */
export type SlowDownScope = 'account' | 'item';

/** What is known of the one item that a request is for. */
export interface ItemSlowDowns {
  /** Asks the service whose limit it is. */
  scope(): Promise<SlowDownScope>;
  /** Notes one more, and returns how many there were. */
  note(): Promise<number>;
  /** Begins to count anew. */
  forget(): Promise<void>;
}

export interface PoliteOptions {
  /** Without it every `SlowDown` is taken for the account's. */
  readonly item?: ItemSlowDowns;
}

/** So many SlowDowns of one item, with others' requests succeeding in between, are that item's own (life-cycles page). */
const slowDownsOfOneItem = 3;

/**
 * Sends a request, and does what the service asks where it asks for a pause: everybody cools down, then it is sent again.
 * Returns the first answer that asks for none.
 *
 * @throws {CoolDownError} where the pause is too long to wait for.
 * @throws {RefusedError} where the item alone is slowed down: its event's attempt fails, the others go on.
 */
export async function sendPolitely(
  http: HttpClient,
  budget: Budget,
  request: HttpRequest,
  { item }: PoliteOptions = {},
): Promise<HttpAnswer> {
  for (;;) {
    const answer = await http.send(request);
    if (!asksForPause(answer)) {
      await budget.answered();
      await item?.forget();
      return answer;
    }
    const slowDown = isSlowDown(answer);
    if (slowDown && (await item?.scope()) === 'item') throw slowedDown(request, answer);
    const streak = await budget.coolDown(retryAfterSeconds(answer), `${request.kind}: ${describeAnswer(answer)}`);
    // A first cool-down in a row means that somebody was answered since the one before.
    if (item === undefined || !slowDown || streak > 1 || (await item.note()) < slowDownsOfOneItem) continue;
    // Its event's next attempt begins with a clean slate.
    await item.forget();
    throw slowedDown(request, answer);
  }
}

function slowedDown(request: HttpRequest, answer: HttpAnswer): RefusedError {
  return new RefusedError(
    `${request.method} ${request.url}: the archive slows this item down: ${describeAnswer(answer)}`,
    detailsOf(answer),
  );
}

/** 429, S3's SlowDown, or a 503 that names a time. A bare 503 is a fault like any other. */
function asksForPause(answer: HttpAnswer): boolean {
  if (answer.status === 429 || isSlowDown(answer)) return true;
  return answer.status === 503 && answer.headers['retry-after'] !== undefined;
}

function isSlowDown(answer: HttpAnswer): boolean {
  return (answer.status === 503 || answer.status < 300) && errorCodeOf(answer) === 'SlowDown';
}
