import type { IncomingHttpHeaders } from 'node:http';
import { type RequestKind, requestKinds } from '../../domain/queue/request-count.ts';
import type { Occurrence } from './faults.ts';

/** What is counted, here as in `audit --json`, the demo and the metrics. A redirect hop is a request of its own. */

export const writeKinds: readonly RequestKind[] = ['put', 'copy', 'delete'];

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

/** Whether a person's browser asks: all of them call themselves so, and no program that names itself does. */
export function isBrowser(headers: IncomingHttpHeaders): boolean {
  return headers['user-agent']?.startsWith('Mozilla/') ?? false;
}

/** As many as a test looks back on; older ones are only counted. */
const maxRequests = 20_000;

/** Counts requests per kind, remembers the latest and when each came, and what broke the rules. */
export class RequestLog {
  /** Arrivals since the last reset, by kind. */
  readonly #times = new Map<RequestKind, number[]>();
  readonly #ordinals = new Map<RequestKind, number>();
  #requests: LoggedRequest[] = [];
  #violations: Violation[] = [];

  /**
   * Notes an arrival. Returns its number among those of its kind, from 0, which a reset does not start again. What a person's
   * browser asks for is not counted: that is nothing that the program did.
   */
  arrived(request: LoggedRequest): number {
    if (isBrowser(request.headers)) return this.#numberOf(request.kind);
    this.#requests.push(request);
    if (this.#requests.length > 2 * maxRequests) this.#requests = this.#requests.slice(-maxRequests);
    const { kind } = request;
    if (kind === null) return 0;
    const times = this.#times.get(kind) ?? [];
    times.push(request.at);
    this.#times.set(kind, times);
    return this.#numberOf(kind);
  }

  #numberOf(kind: RequestKind | null): number {
    if (kind === null) return 0;
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
    return this.#requests.slice(-maxRequests);
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

/** Which of the two servers was asked: they are different hosts to a client, as the archive's many are. */
export type HostRole = 'archive' | 'node';

/** What a request is for, by its address. */
export type Route =
  | { readonly kind: 'check_limit' | 'scrape' | 'tasks' }
  | { readonly kind: 'copy' | 'delete' | 'put'; readonly identifier: string; readonly file: string }
  | { readonly kind: 'details' | 'metadata'; readonly identifier: string }
  | { readonly kind: 'download'; readonly identifier: string; readonly file: string }
  | {
      readonly kind: 'node';
      readonly node: string;
      readonly dir: string;
      readonly identifier: string;
      readonly file: string;
    }
  | { readonly kind: 'ws'; readonly entity: string; readonly gid: string };

/** A request that came in whole. */
export interface ArchiveRequest<R extends Route = Route> extends Occurrence {
  readonly role: HostRole;
  readonly route: R;
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

type RouteOfKind<Kind, R = Route> = R extends Route ? (Kind extends R['kind'] ? R : never) : never;

export type RequestTo<Kind extends Route['kind']> = ArchiveRequest<RouteOfKind<Kind>>;

/** The route of a request, or null where the archive has nothing at that address for that method. */
export function routeOf(role: HostRole, method: string, url: URL, headers: IncomingHttpHeaders): Route | null {
  const segments = decodedSegments(url.pathname);
  if (segments === null) return null;
  const [area = '', first = '', ...rest] = segments;
  const reads = method === 'GET' || method === 'HEAD';
  if (area === 's3') return writeRoute(method, first, rest.join('/'), headers);
  if (role === 'node') {
    const [disk = '', items, identifier = '', ...file] = rest;
    if (!reads || area !== 'node' || items !== 'items' || file.length === 0) return null;
    return { kind: 'node', node: first, dir: `/${disk}/items/${identifier}`, identifier, file: file.join('/') };
  }
  if (url.pathname === '/services/search/v1/scrape' && (reads || method === 'POST')) return { kind: 'scrape' };
  if (!reads) return null;
  if (area === 'metadata' && first !== '' && rest.length === 0) return { kind: 'metadata', identifier: first };
  if (area === 'details' && first !== '' && rest.length === 0) return { kind: 'details', identifier: first };
  if (area === 'download' && rest.length > 0) return { kind: 'download', identifier: first, file: rest.join('/') };
  if (url.pathname === '/services/tasks.php') return { kind: 'tasks' };
  if (area === 's3-limit') return { kind: 'check_limit' };
  if (area === 'mb' && first === 'ws' && rest[0] === '2' && rest.length === 3) {
    return { kind: 'ws', entity: rest[1] ?? '', gid: rest[2] ?? '' };
  }
  return null;
}

/** What faults may be aimed at: the item, the node, the MBID, the access key. */
export function subjectsOf(route: Route, url: URL, accessKey: string | null): string[] {
  const subjects = accessKey === null ? [] : [accessKey];
  if ('identifier' in route) subjects.push(route.identifier);
  if (route.kind === 'node') subjects.push(route.node);
  if (route.kind === 'ws') subjects.push(route.gid);
  const named = url.searchParams.get(route.kind === 'check_limit' ? 'bucket' : 'identifier');
  if (named !== null) subjects.push(named);
  return subjects;
}

function writeRoute(method: string, identifier: string, file: string, headers: IncomingHttpHeaders): Route | null {
  if (identifier === '' || file === '') return null;
  if (method === 'DELETE') return { kind: 'delete', identifier, file };
  if (method !== 'PUT') return null;
  return { kind: headers['x-amz-copy-source'] === undefined ? 'put' : 'copy', identifier, file };
}

function decodedSegments(pathname: string): string[] | null {
  try {
    return pathname.slice(1).split('/').map(decodeURIComponent);
  } catch {
    // A lone `%`: an address that no server understands.
    return null;
  }
}
