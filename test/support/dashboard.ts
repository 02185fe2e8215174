import { randomBytes } from 'node:crypto';
import { type Config, readConfig } from '../../src/config/config.ts';
import { createDashboard, type RunningDashboard, serveDashboard } from '../../src/dashboard/app.tsx';
import type { DashboardParts } from '../../src/dashboard/environment.ts';
import type { Database } from '../../src/database/connection.ts';
import { TemporalUnreachableError } from '../../src/temporal/connection.ts';

export interface DashboardOptions {
  readonly db: Database;
  /** Settings by their environment variables. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Away where not given. */
  readonly temporal?: DashboardParts['temporal'];
}

/** Of a deployment's environment what tells where the archive and the web service are. */
export function servicesOf(environment: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => /^(ARCHIVE|MUSICBRAINZ|S3)_/.test(name)));
}

/** What a dashboard under test is made of; what it logs is kept. */
export function dashboardParts({
  db,
  settings,
  temporal,
}: DashboardOptions): DashboardParts & { readonly logged: string[] } {
  const env = { DASHBOARD_LISTEN: '127.0.0.1:0', ARCHIVE_CONTACT: 'test@localhost', ...settings };
  const config: Config = readConfig({ file: '/dev/null', env });
  const logged: string[] = [];
  const keep = (fields: object, message: string): void => void logged.push(`${message} ${JSON.stringify(fields)}`);
  return {
    db,
    config: () => config,
    temporal:
      temporal ??
      (() => Promise.reject(new TemporalUnreachableError({ connectionOptions: {} }, new Error('nobody listens')))),
    temporalUi: null,
    secret: randomBytes(32).toString('base64url'),
    log: { info: keep, warn: keep, error: keep },
    logged,
  };
}

/** A dashboard that listens, on a port of its own. */
export async function startDashboard(
  options: DashboardOptions,
): Promise<RunningDashboard & { readonly logged: string[] }> {
  const parts = dashboardParts(options);
  return { ...(await serveDashboard(parts)), logged: parts.logged };
}

/** A page as a visitor without script gets it. */
export interface Visited {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
  /** Where a redirect leads. */
  readonly location: string | null;
}

/** Somebody with a browser that keeps cookies and runs no script. */
export interface Visitor {
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Visited>;
  /** Sends a form of a page that was just looked at: with its token, unless the fields have another. */
  post(
    path: string,
    fields: Readonly<Record<string, string | readonly string[]>>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Visited>;
  /** Sends JSON, as programs do. A text is sent as it is. */
  call(path: string, body: object | string, headers?: Readonly<Record<string, string>>): Promise<Visited>;
  /** What it would send along. */
  cookies(): string;
}

/** A visitor of this dashboard, at an address of this machine; redirects are not followed. */
export function visitorOf(parts: DashboardParts, address = '127.0.0.1'): Visitor {
  const app = createDashboard(parts);
  const cookies = new Map<string, string>();
  const host = 'localhost:8080';
  let token = '';
  const sent = (): string => [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const ask = async (path: string, init: RequestInit): Promise<Visited> => {
    const headers = new Headers(init.headers);
    if (!headers.has('host')) headers.set('host', host);
    if (cookies.size > 0 && !headers.has('cookie')) headers.set('cookie', sent());
    // As the server gives it to the application: the other end of the connection.
    const connection = { incoming: { socket: { remoteAddress: address } } };
    const answer = await app.request(`http://${host}${path}`, { ...init, headers }, connection);
    for (const cookie of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (name === undefined || value === undefined) continue;
      if (/; Max-Age=0(;|$)/.test(cookie)) cookies.delete(name);
      else cookies.set(name, value);
    }
    const body = await answer.text();
    token = /name="form_token" value="([^"]+)"/.exec(body)?.[1] ?? token;
    return { status: answer.status, headers: answer.headers, body, location: answer.headers.get('location') };
  };
  return {
    cookies: sent,
    get: (path, headers = {}) => ask(path, { headers }),
    call: (path, body, headers = {}) =>
      ask(path, {
        method: 'POST',
        body: typeof body === 'string' ? body : JSON.stringify(body),
        headers: { 'content-type': 'application/json', ...headers },
      }),
    post: (path, fields, headers = {}) => {
      const form = new URLSearchParams();
      for (const [name, value] of Object.entries({ form_token: token, ...fields })) {
        for (const each of typeof value === 'string' ? [value] : value) form.append(name, each);
      }
      return ask(path, { method: 'POST', body: form, headers });
    },
  };
}

/** What a reader sees of a page. */
export function textOf(body: string): string {
  const main = /<main.*<\/main>/s.exec(body)?.[0] ?? '';
  return main
    .replace(/<[^>]+>/g, ' ')
    .replace(/&#39;/g, "'")
    .replace(/&quot;/g, '"')
    .replace(/\s+/g, ' ')
    .replace(/ ([,.:;])/g, '$1');
}
