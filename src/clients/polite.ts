import { serviceOf } from './answered-request.ts';
import type { Budget } from './budget.ts';
import { CoolDownError, RefusedError } from './errors.ts';
import {
  describeAnswer,
  detailsOf,
  errorCodeOf,
  type HttpAnswer,
  type HttpClient,
  type HttpRequest,
  retryAfterSeconds,
} from './http.ts';

/** What a `SlowDown` is about: everything that we ask, or the one item. */
export type SlowDownScope = 'account' | 'item';

/**
 * Sends a request, and does what the service asks where it asks for a pause: everybody cools down, then it is sent again,
 * once others had their turn. Returns the first answer that asks for none.
 *
 * @param scope asks the service whose limit a SlowDown is; without it, that is told by how others fare.
 * @throws {CoolDownError} where the pause, or a row of short ones, is too long to wait for.
 * @throws {RefusedError} where the item alone is slowed down: its event's attempt fails, the others go on.
 */
export async function sendPolitely(
  http: HttpClient,
  budget: Budget,
  request: HttpRequest,
  scope?: () => Promise<SlowDownScope>,
): Promise<HttpAnswer> {
  let pausedAt: number | null = null;
  for (;;) {
    const answer = await http.send(request);
    if (!asksForPause(answer)) {
      await budget.answered(request, answer.sentAt);
      return answer;
    }
    if (request.item !== undefined && (await budget.isToBlame(request.item))) throw slowedDown(request, answer);
    if (isSlowDown(answer) && (await scope?.()) === 'item') throw slowedDown(request, answer);
    const reason = `${request.kind}: ${describeAnswer(answer)}`;
    const named = retryAfterSeconds(answer);
    if (await budget.coolDown(request, named, reason)) throw slowedDown(request, answer);
    pausedAt ??= performance.now();
    if (performance.now() - pausedAt > budget.longestWaitSeconds * 1000) {
      throw new CoolDownError(serviceOf(request.kind), named ?? 0);
    }
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
