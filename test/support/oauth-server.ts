import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Visited, Visitor } from './dashboard.ts';

/** How the login server misbehaves; each until it is taken back. */
interface Misbehaviour {
  /** The state that comes back is another one. */
  wrongState?: boolean;
  /** The person, or the server, says no. */
  denied?: string;
  /** Codes are over when they are handed out. */
  expiredCodes?: boolean;
  /** What an endpoint answers instead: a status with a JSON error, or a page of HTML. */
  broken?: { readonly path: string; readonly status: number; readonly body: string; readonly type?: string };
  /** An endpoint takes the request and never answers. */
  silent?: string;
  /** There is no ID token, though one was asked for. */
  noIdToken?: boolean;
  /** The ID token has another nonce, or another issuer. */
  wrongNonce?: boolean;
  wrongIssuer?: boolean;
  /** The ID token is somebody else's than who userinfo tells of. */
  wrongSubject?: boolean;
  /** The client's secret is taken from a header only, or from the body only. */
  clientAuth?: 'basic' | 'post';
  /** The path that refuses what it was sent, and repeats all of it. */
  repeating?: string;
  /** Introspection calls a token that was just given not active, or another application's, or somebody else's. */
  inactive?: boolean;
  otherClient?: boolean;
  otherAccount?: string;
}

export interface OAuthServer {
  readonly url: string;
  readonly client: { readonly id: string; readonly secret: string };
  /** What userinfo and introspection say of whoever logs in. */
  account: Record<string, unknown>;
  misbehaviour: Misbehaviour;
  /** Every code and token that was handed out: none may be seen elsewhere. */
  readonly secrets: string[];
  /** Requests so far, by path. */
  readonly requests: Record<string, number>;
  /** The dashboard's settings for it. */
  settings(more?: Readonly<Record<string, string>>): Record<string, string>;
  close(): Promise<void>;
}

interface Code {
  readonly redirectUri: string;
  readonly challenge: string;
  readonly scope: string;
  readonly nonce: string | null;
  used: boolean;
}

/**
 * A login server over HTTP, as RFC 6749, 7636, 7662 and OpenID Connect Core have it: its authorization endpoint logs
 * everybody in at once as `account`; the rest checks whatever a real one does.
 */
export async function startOAuthServer(publicUrl: string): Promise<OAuthServer> {
  const codes = new Map<string, Code>();
  const tokens = new Set<string>();
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const self: OAuthServer = {
    url,
    client: { id: 'the dashboard', secret: `s3cret&${randomBytes(9).toString('hex')}` },
    account: { sub: 'alice', metabrainz_user_id: 7 },
    misbehaviour: {},
    secrets: [],
    requests: {},
    settings: (more = {}) => ({
      DASHBOARD_AUTH: 'oauth',
      DASHBOARD_PUBLIC_URL: publicUrl,
      DASHBOARD_OAUTH_AUTHORIZATION_URL: `${url}/authorize`,
      DASHBOARD_OAUTH_TOKEN_URL: `${url}/token`,
      DASHBOARD_OAUTH_USERINFO_URL: `${url}/userinfo`,
      DASHBOARD_OAUTH_CLIENT_ID: self.client.id,
      DASHBOARD_OAUTH_CLIENT_SECRET: self.client.secret,
      DASHBOARD_OPERATORS: 'alice',
      DASHBOARD_READERS: 'bob',
      // A file's tests log in more often than people do, all from one address.
      DASHBOARD_LOGINS_PER_MINUTE: '1000',
      DASHBOARD_LOGINS_PER_MINUTE_OVERALL: '10000',
      ...more,
    }),
    close: () => closed(server),
  };
  return self;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', url);
    self.requests[pathname] = (self.requests[pathname] ?? 0) + 1;
    const { broken, silent } = self.misbehaviour;
    if (silent === pathname) return;
    if (broken?.path === pathname) {
      response.writeHead(broken.status, { 'content-type': broken.type ?? 'application/json' }).end(broken.body);
      return;
    }
    const body = await text(request);
    if (self.misbehaviour.repeating === pathname) {
      const sent = `${decodeURIComponent(body)} ${body} ${request.headers.authorization}`;
      return json(response, 400, { error: 'invalid_request', error_description: `not understood: ${sent}` });
    }
    const form = new URLSearchParams(body);
    if (request.method === 'GET' && pathname === '/authorize') return authorize(searchParams, response);
    if (request.method === 'POST' && pathname === '/token') return token(request, form, response);
    if (request.method === 'POST' && pathname === '/introspect') return introspect(request, form, response);
    if (request.method === 'GET' && pathname === '/userinfo') return userinfo(request, response);
    json(response, 404, { error: 'not_found' });
  }

  function authorize(asked: URLSearchParams, response: ServerResponse): void {
    const redirectUri = asked.get('redirect_uri') ?? '';
    const isKnown = asked.get('client_id') === self.client.id && redirectUri === `${publicUrl}/login/return`;
    // Neither may be answered by a redirect (RFC 6749, 4.1.2.1).
    if (!isKnown) return json(response, 400, { error: 'invalid_client' });
    const answer = new URL(redirectUri);
    answer.searchParams.set('state', self.misbehaviour.wrongState ? 'another' : (asked.get('state') ?? ''));
    const isPkce = asked.get('code_challenge_method') === 'S256' && asked.get('code_challenge')?.length === 43;
    const error = !isPkce || asked.get('response_type') !== 'code' ? 'invalid_request' : self.misbehaviour.denied;
    if (error !== undefined) answer.searchParams.set('error', error);
    else {
      const code = secret();
      codes.set(code, {
        redirectUri,
        challenge: asked.get('code_challenge') ?? '',
        scope: asked.get('scope') ?? '',
        nonce: asked.get('nonce'),
        used: self.misbehaviour.expiredCodes ?? false,
      });
      answer.searchParams.set('code', code);
    }
    response.writeHead(302, { location: answer.href }).end();
  }

  function token(request: IncomingMessage, form: URLSearchParams, response: ServerResponse): void {
    if (!isClient(request, form)) return json(response, 401, { error: 'invalid_client' });
    const code = codes.get(form.get('code') ?? '');
    const verifier = form.get('code_verifier') ?? '';
    const isGood =
      code !== undefined &&
      !code.used &&
      form.get('grant_type') === 'authorization_code' &&
      form.get('redirect_uri') === code.redirectUri &&
      createHash('sha256').update(verifier).digest('base64url') === code.challenge;
    if (!isGood) return json(response, 400, { error: 'invalid_grant', error_description: 'the code is of no use' });
    code.used = true;
    const accessToken = secret();
    tokens.add(accessToken);
    const isOpenId = code.scope.split(' ').includes('openid');
    json(response, 200, {
      access_token: accessToken,
      token_type: 'Bearer',
      expires_in: 3600,
      scope: code.scope,
      ...(isOpenId && !self.misbehaviour.noIdToken && { id_token: idToken(code) }),
    });
  }

  function idToken({ nonce }: Code): string {
    const now = Math.floor(Date.now() / 1000);
    const { wrongNonce, wrongIssuer, wrongSubject } = self.misbehaviour;
    const claims = {
      iss: wrongIssuer ? 'https://elsewhere.example' : url,
      aud: self.client.id,
      sub: wrongSubject ? 'somebody else' : self.account.sub,
      iat: now,
      exp: now + 60,
      nonce: wrongNonce ? 'another' : nonce,
    };
    const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const signed = `${encode({ alg: 'ES256', typ: 'JWT' })}.${encode(claims)}`;
    const signature = sign('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' });
    return `${signed}.${signature.toString('base64url')}`;
  }

  function introspect(request: IncomingMessage, form: URLSearchParams, response: ServerResponse): void {
    if (!isClient(request, form)) return json(response, 401, { error: 'invalid_client' });
    if (!tokens.has(form.get('token') ?? '')) return json(response, 200, { active: false });
    const { inactive, otherClient, otherAccount } = self.misbehaviour;
    json(response, 200, {
      // RFC 7662 would have nothing else told of a token that is not active; not every server keeps to it.
      active: inactive !== true,
      client_id: otherClient ? 'another' : self.client.id,
      ...self.account,
      ...(otherAccount !== undefined && { sub: otherAccount }),
    });
  }

  function userinfo(request: IncomingMessage, response: ServerResponse): void {
    const sent = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    if (!tokens.has(sent)) return json(response, 401, { error: 'invalid_token' });
    json(response, 200, self.account);
  }

  function isClient(request: IncomingMessage, form: URLSearchParams): boolean {
    const { id, secret: password } = self.client;
    const basic = /^Basic (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    const { clientAuth } = self.misbehaviour;
    if (clientAuth !== undefined && clientAuth !== (basic === undefined ? 'post' : 'basic')) return false;
    if (basic === undefined) return form.get('client_id') === id && form.get('client_secret') === password;
    const [user = '', word = ''] = Buffer.from(basic, 'base64').toString().split(':');
    const plain = (part: string): string => decodeURIComponent(part.replaceAll('+', ' '));
    return plain(user) === id && plain(word) === password;
  }

  function secret(): string {
    const made = randomBytes(18).toString('base64url');
    self.secrets.push(made);
    return made;
  }
}

/** From the button to the path that the login server sends back to. */
export async function comeBack(visitor: Visitor, from = '/login/start'): Promise<string> {
  const { location } = await visitor.get(from);
  const answer = await fetch(location!, { redirect: 'manual' });
  const { pathname, search } = new URL(answer.headers.get('location')!);
  return `${pathname}${search}`;
}

export async function logIn(visitor: Visitor, from?: string): Promise<Visited> {
  return visitor.get(await comeBack(visitor, from));
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
}
