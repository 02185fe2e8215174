import type { IncomingHttpHeaders } from 'node:http';
import type { Occurrence } from './fault-dice.ts';

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
