import type { IncomingHttpHeaders } from 'node:http';
import type { RequestKind } from './request-kinds.ts';
import { requestKinds } from './request-kinds.ts';

/** A request as it came in. */
export interface LoggedRequest {
  /** Null where the archive has nothing at that address. */
  readonly kind: RequestKind | null;
  /** Milliseconds since 1970, by a clock that never jumps. */
  readonly at: number;
  readonly method: string;
  readonly url: string;
  /** Keys included: the log stays in memory. */
  readonly headers: IncomingHttpHeaders;
  /** Null until answered, and where the connection was reset instead. */
  status: number | null;
}

/** What a client that behaves never does. */
export interface Violation {
  readonly rule: 'authorization_at_node' | 'no_contact' | 'no_user_agent' | 'simulator_error' | 'unknown_address';
  readonly detail: string;
}

/** As many as a test looks back on; older ones are only counted. */
const keptRequests = 20_000;

/** Counts requests per kind, remembers the latest and when each came, and what broke the rules. */
export class RequestLog {
  /** Arrivals since the last reset, by kind. */
  readonly #times = new Map<RequestKind, number[]>();
  readonly #ordinals = new Map<RequestKind, number>();
  #requests: LoggedRequest[] = [];
  #violations: Violation[] = [];

  /** Notes an arrival. Returns its number among those of its kind, from 0, which a reset does not start anew. */
  arrived(request: LoggedRequest): number {
    this.#requests.push(request);
    if (this.#requests.length > 2 * keptRequests) this.#requests = this.#requests.slice(-keptRequests);
    const { kind } = request;
    if (kind === null) return 0;
    const times = this.#times.get(kind) ?? [];
    times.push(request.at);
    this.#times.set(kind, times);
    const ordinal = this.#ordinals.get(kind) ?? 0;
    this.#ordinals.set(kind, ordinal + 1);
    return ordinal;
  }

  broke(rule: Violation['rule'], detail: string): void {
    this.#violations.push({ rule, detail });
  }

  counts(): Record<RequestKind, number> {
    return Object.fromEntries(requestKinds.map((kind) => [kind, this.#times.get(kind)?.length ?? 0])) as Record<
      RequestKind,
      number
    >;
  }

  requests(): readonly LoggedRequest[] {
    return this.#requests.slice(-keptRequests);
  }

  violations(): readonly Violation[] {
    return this.#violations;
  }

  /** The highest number of requests of these kinds (all but the web service's where not given) that came within any one second. */
  busiestSecond(kinds: readonly RequestKind[] = requestKinds.filter((kind) => kind !== 'ws')): number {
    const times = kinds.flatMap((kind) => this.#times.get(kind) ?? []).sort((one, other) => one - other);
    let most = 0;
    let start = 0;
    times.forEach((time, end) => {
      while (time - (times[start] ?? time) >= 1000) start += 1;
      most = Math.max(most, end - start + 1);
    });
    return most;
  }

  /** Forgets counts, requests, arrivals and violations, but not the numbers that faults are drawn by. */
  reset(): void {
    this.#times.clear();
    this.#requests = [];
    this.#violations = [];
  }
}
