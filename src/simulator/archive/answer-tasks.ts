import { type AccessKeys, judgeKey, parseAuthorization } from './access-keys.ts';
import type { ReadContext } from './answer-reads.ts';
import { type Answer, htmlAnswer, jsonAnswer, withHeaders } from './answer.ts';
import type { FaultDice } from './fault-dice.ts';
import type { Faults } from './faults.ts';
import type { RequestTo } from './request-log.ts';

const none = { queued: 0, running: 0, error: 0, paused: 0 };

/** `GET /services/tasks.php?summary=1&identifier=…`, for those with keys only. */
export function answerTasks(
  request: RequestTo<'tasks'>,
  { state, dice, keys }: ReadContext & { readonly keys: () => AccessKeys },
): Answer {
  if (judgeKey(keys(), parseAuthorization(request.headers.authorization)) !== 'accepted') {
    return jsonAnswer({ success: false, error: 'You must be logged in to use this service' }, 401);
  }
  if (dice.strikes('tasksError', request)) return jsonAnswer({ success: false, error: 'Catalog is unavailable' });
  const identifier = request.url.searchParams.get('identifier');
  if (identifier === null) return jsonAnswer({ success: false, error: 'identifier is required' }, 400);
  const item = state.bucket(identifier);
  const summary = item === undefined ? none : state.tasksOf(item);
  return jsonAnswer({ success: true, value: { summary } });
}

/** Answers a request to the web service, given its path and query below `/mb`. */
export type WebService = (request: { readonly method: string; readonly url: string }) => Promise<Answer>;

/** The limits and faults around the web service, which itself knows neither. */
export class WebServiceFront {
  readonly #webService: WebService;
  readonly #faults: Faults;
  readonly #dice: FaultDice;
  readonly #now: () => number;
  /** When the requests of the last second were let through. */
  #passed: number[] = [];

  constructor(options: { webService: WebService; faults: Faults; dice: FaultDice; now: () => number }) {
    this.#webService = options.webService;
    this.#faults = options.faults;
    this.#dice = options.dice;
    this.#now = options.now;
  }

  async answer(request: RequestTo<'ws'>): Promise<Answer> {
    if (request.headers['user-agent'] === undefined) return htmlAnswer(403, '403 Forbidden');
    if (this.#dice.strikes('wsError', request)) return htmlAnswer(502, '502 Bad Gateway');
    if (this.#overRate() || this.#dice.strikes('wsUnavailable', request)) return unavailable();
    const { pathname, search } = request.url;
    try {
      return await this.#webService({ method: request.method, url: pathname.replace(/^\/mb/, '') + search });
    } catch {
      // Its database is away: then the real one answers so, too.
      return htmlAnswer(500, '500 Internal Server Error');
    }
  }

  #overRate(): boolean {
    const limit = this.#faults.wsRequestsPerSecond;
    if (limit === 0) return false;
    const now = this.#now();
    this.#passed = this.#passed.filter((at) => now - at < 1000);
    if (this.#passed.length >= limit) return true;
    this.#passed.push(now);
    return false;
  }
}

function unavailable(): Answer {
  const text = 'Your requests are exceeding the allowable rate limit.';
  const body = Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n<error><text>${text}</text></error>\n`);
  return withHeaders(
    { status: 503, headers: { 'content-type': 'application/xml; charset=UTF-8' }, body },
    { 'retry-after': '1' },
  );
}
