import type { RequestCounts } from '../domain/queue/request-count.ts';
import type { Budget } from './budget.ts';
import {
  type AnswerClass,
  answerClassOf,
  CoolDownError,
  RefusedError,
  type RequestMeter,
  serviceOf,
} from './errors.ts';
import {
  defaultTimeouts,
  describeAnswer,
  detailsOf,
  errorCodeOf,
  exchange,
  type HttpAnswer,
  type HttpRequest,
  nameOf,
  retryAfterSeconds,
  type SendingOptions,
} from './http.ts';

/** What a `SlowDown` is about: everything that we ask, or the one item. */
export type SlowDownScope = 'account' | 'item';

/** Sends requests of one service, each after its turn in the service's budget, and does as the service asks. */
export interface HttpClient {
  /**
   * The first answer that asks for no pause, whatever its status. Where one asks for a pause everybody cools down, then the
   * request is sent again, once others had their turn. Redirects are answers too: who follows one makes a request of its own.
   *
   * @param scope asks the service whose limit a SlowDown is; without it, that is judged by how others fare.
   * @throws {UnreadableError} where no whole answer came.
   * @throws {CoolDownError} where the turn, the pause, or a streak of short ones, is too long to wait for.
   * @throws {RefusedError} where the item alone is slowed down: its event's attempt fails, the others continue.
   */
  send(request: HttpRequest, scope?: () => Promise<SlowDownScope>): Promise<HttpAnswer>;
  /** Sends once, in its turn, and gives the answer as it is, one that asks for a pause too. Throws as `send` does. */
  sendOnce(request: HttpRequest): Promise<HttpAnswer>;
  /** What was sent so far through this client. */
  readonly counts: RequestCounts;
}

export interface HttpOptions extends SendingOptions {
  /** Aborts what is in progress, e.g. when Temporal cancels the activity. */
  readonly signal?: (() => AbortSignal | undefined) | undefined;
  /** Told every request that was sent, whatever came of it. */
  readonly meter?: RequestMeter | undefined;
  readonly keepAlive?: KeepAlive | undefined;
}

/** Waits for what takes up to the given milliseconds, and meanwhile does what keeps the caller alive (heartbeats). */
export type KeepAlive = <Answer>(longest: number, asked: Promise<Answer>) => Promise<Answer>;

/** A turn that came too late is followed by another one, and the item that was slowed down lets others go first. */
const longestTurns = 3;

/** Opens a client with counts of its own over the process' connections. */
export function openHttp(budget: Budget, options: HttpOptions): HttpClient {
  const counts: RequestCounts = {};
  const { keepAlive = (_longest, asked) => asked, timeouts = defaultTimeouts } = options;

  async function sendOnce(request: HttpRequest): Promise<HttpAnswer> {
    const signal = options.signal?.();
    await keepAlive(longestTurns * budget.longestWaitSeconds * 1000, budget.takeTurn(request, signal));
    counts[request.kind] = (counts[request.kind] ?? 0) + 1;
    return keepAlive(timeouts.whole, metered(request, options, signal));
  }

  return {
    counts,
    sendOnce,
    async send(request, scope) {
      let pausedAt: number | null = null;
      for (;;) {
        const answer = await sendOnce(request);
        if (!asksForPause(answer)) {
          await budget.answered(request, answer.sentAt);
          return answer;
        }
        if (request.item !== undefined && (await budget.isToBlame(request.item))) throw slowedDown(request, answer);
        if (isSlowDown(answer) && (await scope?.()) === 'item') throw slowedDown(request, answer);
        const reason = describeAnswer(nameOf(request), answer);
        const named = retryAfterSeconds(answer);
        if (await budget.coolDown(request, named, reason)) throw slowedDown(request, answer);
        pausedAt ??= performance.now();
        if (performance.now() - pausedAt > budget.longestWaitSeconds * 1000) {
          throw new CoolDownError(serviceOf(request.kind), named ?? 0);
        }
      }
    },
  };
}

async function metered(
  request: HttpRequest,
  options: HttpOptions,
  signal: AbortSignal | undefined,
): Promise<HttpAnswer> {
  const sentAt = performance.now();
  let answered: AnswerClass = 'none';
  try {
    const answer = { ...(await exchange(request, options, signal)), sentAt };
    answered = answerClassOf(answer.status);
    return answer;
  } catch (error) {
    if (signal?.aborted) answered = 'aborted';
    throw error;
  } finally {
    options.meter?.({ kind: request.kind, answer: answered, seconds: (performance.now() - sentAt) / 1000 });
  }
}

function slowedDown(request: HttpRequest, answer: HttpAnswer): RefusedError {
  return new RefusedError(
    describeAnswer(nameOf(request), answer, 'the archive slows this item down'),
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
