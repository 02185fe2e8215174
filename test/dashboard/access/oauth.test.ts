import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { dashboardParts, visitorOf, type Visited } from '../../support/dashboard.ts';
import { createTestDatabase } from '../../support/database.ts';
import { comeBack, logIn, startOAuthServer, type OAuthServer } from '../../support/oauth-server.ts';

const publicUrl = 'http://localhost:8080';
const database = await createTestDatabase();
let server: OAuthServer;

beforeAll(async () => {
  server = await startOAuthServer(publicUrl);
});
afterEach(() => {
  server.account = { sub: 'alice', metabrainz_user_id: 7 };
  server.misbehaviour = {};
});
afterAll(() => server.close());

const partsWith = (settings: Readonly<Record<string, string>> = {}) =>
  dashboardParts({ ...database, settings: server.settings(settings) });

const cookiesOf = ({ headers }: Visited) => headers.getSetCookie();

describe('a login', () => {
  test('leads from the page that was asked for to the login server and back to it', async () => {
    const visitor = visitorOf(partsWith());
    const asked = await visitor.get('/nowhere?x=1');
    expect(asked.status).toBe(401);
    const button = /id="login"[^>]* href="([^"]+)"/.exec(asked.body)![1]!;
    expect(await logIn(visitor, button)).toMatchObject({ status: 303, location: '/nowhere?x=1' });
    expect((await visitor.get('/nowhere')).body).toContain('alice <span class="role">operator</span>');
  });

  test('asks with state and PKCE, and not for more than is configured', async () => {
    const { location } = await visitorOf(partsWith()).get('/login/start');
    const asked = Object.fromEntries(new URL(location!).searchParams);
    expect(asked).toEqual({
      response_type: 'code',
      client_id: server.client.id,
      redirect_uri: `${publicUrl}/login/return`,
      scope: 'profile',
      state: expect.stringMatching(/^[\w-]{43}$/) as string,
      code_challenge: expect.stringMatching(/^[\w-]{43}$/) as string,
      code_challenge_method: 'S256',
    });
  });

  test.each([
    ['userinfo', {}],
    ['introspection', { DASHBOARD_OAUTH_USERINFO_URL: '', introspection: 'yes' }],
    ['both', { introspection: 'yes' }],
    ['userinfo, with the client’s secret in a header', { DASHBOARD_OAUTH_CLIENT_AUTH: 'basic' }],
    ['userinfo, with an ID token', { DASHBOARD_OAUTH_SCOPES: 'openid profile', issuer: 'yes' }],
  ])('takes the account from %s', async (_what, { introspection, issuer, ...settings }: Record<string, string>) => {
    const parts = partsWith({
      ...settings,
      ...(introspection && { DASHBOARD_OAUTH_INTROSPECTION_URL: `${server.url}/introspect` }),
      ...(issuer && { DASHBOARD_OAUTH_ISSUER: server.url }),
    });
    const visitor = visitorOf(parts);
    server.misbehaviour = { clientAuth: settings['DASHBOARD_OAUTH_CLIENT_AUTH'] === 'basic' ? 'basic' : 'post' };
    expect(await logIn(visitor)).toMatchObject({ status: 303, location: '/' });
    expect((await visitor.get('/nowhere')).body).toContain('alice');
  });

  test('takes the account from the member that is configured', async () => {
    server.account = { sub: '7', name: 'bob' };
    const visitor = visitorOf(partsWith({ DASHBOARD_OAUTH_NAME_CLAIM: 'name' }));
    await logIn(visitor);
    expect((await visitor.get('/nowhere')).body).toContain('bob <span class="role">read-only</span>');
  });

  test('leads to no other site', async () => {
    for (const elsewhere of ['//evil.example', 'https://evil.example/', '/\\evil.example', '/login/start', 'x']) {
      const visitor = visitorOf(partsWith());
      const { location } = await logIn(visitor, `/login/start?return=${encodeURIComponent(elsewhere)}`);
      expect([elsewhere, location]).toEqual([elsewhere, '/']);
    }
  });

  test('sets cookies that no script reads and no other site sends along, over https only where visitors use it', async () => {
    const visitor = visitorOf(partsWith());
    expect(cookiesOf(await visitor.get('/login/start'))[0]).toMatch(/HttpOnly; SameSite=Lax/);
    // One that is over is still sent, so that its visitor is told so.
    const session = cookiesOf(await logIn(visitor)).find((each) => each.startsWith('artwork_reconciler_session='));
    expect(session).toMatch(/; Path=\/; HttpOnly; SameSite=Lax$/);
    expect(session).not.toContain('Max-Age');
    const https = visitorOf(
      dashboardParts({
        ...database,
        settings: server.settings({ DASHBOARD_PUBLIC_URL: 'https://reconciler.example' }),
      }),
    );
    const [cookie] = cookiesOf(await https.get('/login/start'));
    expect(cookie).toMatch(/^__Host-artwork_reconciler_login=.*; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
    expect(cookie).toContain('; Max-Age=600;');
  });

  test('leaves no code, token or secret on a page or in the log', async () => {
    const parts = partsWith();
    const visitor = visitorOf(parts);
    const pages = [await logIn(visitor), await visitor.get('/nowhere')];
    server.misbehaviour = { expiredCodes: true };
    pages.push(await logIn(visitor));
    const seen = pages.map(({ body, headers }) => `${body} ${headers.get('location')}`).join() + parts.logged.join();
    // Who came in, and who tried to from where.
    expect(parts.logged).toEqual([
      'logged in {"account":"alice","role":"operator"}',
      expect.stringMatching(/^login failed .*"status":400,"address":"127\.0\.0\.1"/) as string,
    ]);
    expect(server.secrets.length).toBeGreaterThan(2);
    for (const secret of [...server.secrets, server.client.secret, parts.secret]) expect(seen).not.toContain(secret);
  });
});

test.each(['/token', '/introspect'])('%s may repeat what it was sent: no page and no log does', async (repeating) => {
  const parts = partsWith({ DASHBOARD_OAUTH_INTROSPECTION_URL: `${server.url}/introspect` });
  const visitor = visitorOf(parts);
  server.misbehaviour = { repeating };
  const path = await comeBack(visitor);
  const { status, body } = await visitor.get(path);
  expect(status).toBe(502);
  expect(body).toContain('not understood: ');
  const seen = body + parts.logged.join();
  const secrets = [...server.secrets, server.client.secret, encodeURIComponent(server.client.secret)];
  for (const secret of secrets) expect(seen).not.toContain(secret);
  expect(seen).toContain('[secret]');
});

describe('a login that fails says why, changes nothing and can be tried again', () => {
  const html = { status: 200, body: '<html>', type: 'text/html' };
  test.each([
    ['another state comes back', { wrongState: true }, 400, 'not the answer to a login'],
    ['the person says no', { denied: 'access_denied' }, 403, 'access_denied'],
    ['the code is over', { expiredCodes: true }, 400, 'took too long or was used already'],
    [
      'the client is refused',
      { broken: { path: '/token', status: 401, body: '{"error":"invalid_client"}' } },
      502,
      'invalid_client',
    ],
    ['the token endpoint fails', { broken: { path: '/token', status: 500, body: 'oops' } }, 502, 'can’t be used'],
    ['the token endpoint sends a page', { broken: { path: '/token', ...html } }, 502, 'can’t be used'],
    ['userinfo sends a page', { broken: { path: '/userinfo', ...html } }, 502, 'can’t be used'],
    ['userinfo refuses the token', { broken: { path: '/userinfo', status: 403, body: '{}' } }, 502, 'can’t be used'],
  ] as const)('%s', async (_what, misbehaviour, status, message) => {
    const visitor = visitorOf(partsWith());
    server.misbehaviour = misbehaviour;
    const { body, ...answer } = await logIn(visitor);
    expect(answer.status).toBe(status);
    expect(body).toContain(message);
    expect(body).toContain('id="login"');
    expect((await visitor.get('/nowhere')).status).toBe(401);
    server.misbehaviour = {};
    expect((await logIn(visitor)).status).toBe(303);
  });

  test.each([
    ['its token is not active', { inactive: true }, 'is not valid'],
    ['its token is another application’s', { otherClient: true }, 'another application'],
    ['introspection and userinfo name different accounts', { otherAccount: 'bob' }, 'different accounts'],
    ['there is no ID token', { noIdToken: true }, 'can’t be used'],
    ['the ID token has another nonce', { wrongNonce: true }, 'can’t be used'],
    ['the ID token has another issuer', { wrongIssuer: true }, 'can’t be used'],
    ['the ID token is of somebody else', { wrongSubject: true }, 'can’t be used'],
  ])('%s', async (_what, misbehaviour, message) => {
    const visitor = visitorOf(
      partsWith({
        DASHBOARD_OAUTH_INTROSPECTION_URL: `${server.url}/introspect`,
        DASHBOARD_OAUTH_SCOPES: 'openid',
        DASHBOARD_OAUTH_ISSUER: server.url,
      }),
    );
    server.misbehaviour = misbehaviour;
    const { status, body } = await logIn(visitor);
    expect(status).toBe(502);
    expect(body).toContain(message);
    expect((await visitor.get('/nowhere')).status).toBe(401);
  });

  test('an ID token is of the issuer that is configured, wherever the login is', async () => {
    const statusWith = async (issuer: string) =>
      (await logIn(visitorOf(partsWith({ DASHBOARD_OAUTH_SCOPES: 'openid', DASHBOARD_OAUTH_ISSUER: issuer })))).status;
    expect(await statusWith('https://elsewhere.example')).toBe(502);
    server.misbehaviour = { wrongIssuer: true };
    expect(await statusWith('https://elsewhere.example')).toBe(303);
  });

  test.each([
    ['an account that is on no list', { sub: 'mallory' }, 403, 'mallory is not among those'],
    ['one that differs in case', { sub: 'Alice' }, 403, 'Alice is not among those'],
    ['one whose address is not verified', { sub: 'alice', email_verified: false }, 403, 'not verified'],
    ['no name', { sub: '' }, 502, 'can’t be used'],
    ['a name that is a list', { sub: 'alice,bob' }, 502, 'can’t be used'],
    ['a name with white space before it', { sub: ' alice' }, 502, 'can’t be used'],
    ['a name with white space behind it', { sub: 'alice\u00a0' }, 502, 'can’t be used'],
    ['a name with a line end', { sub: 'alice\n' }, 502, 'can’t be used'],
    ['a name of another type', { sub: 7 }, 502, 'can’t be used'],
    ['a hostile name', { sub: '<script>alert(1)</script>' }, 403, '&lt;script&gt;'],
  ])('%s', async (_what, account, status, message) => {
    const visitor = visitorOf(partsWith());
    server.account = account;
    const { body, ...answer } = await logIn(visitor);
    expect(answer.status).toBe(status);
    expect(body).toContain(message);
    expect((await visitor.get('/nowhere')).status).toBe(401);
  });

  test.each(['/token', '/userinfo'])('%s never answers', async (silent) => {
    server.misbehaviour = { silent };
    const { status, body } = await logIn(visitorOf(partsWith({ DASHBOARD_OAUTH_TIMEOUT_SECONDS: '0.2' })));
    expect(status).toBe(503);
    expect(body).toContain('did not answer in time');
  });

  test('the login server is away', async () => {
    const gone = await startOAuthServer(publicUrl);
    const visitor = visitorOf(dashboardParts({ ...database, settings: gone.settings() }));
    const path = await comeBack(visitor);
    await gone.close();
    const { status, body } = await visitor.get(path);
    expect(status).toBe(503);
    expect(body).toContain('can’t be reached');
  });

  test.each([
    ['after less than ten minutes logs in', 9.99, 303],
    ['after ten minutes is refused', 10, 400],
    ['of the day before is refused', 24 * 60, 400],
  ])('an answer %s', async (_what, minutes, status) => {
    const visitor = visitorOf(partsWith());
    const began = Date.now();
    vi.useFakeTimers({ toFake: ['Date'], now: began });
    try {
      const path = await comeBack(visitor);
      // A browser would have forgotten its cookie by then; whoever stole it would not.
      vi.setSystemTime(began + minutes * 60_000);
      expect((await visitor.get(path)).status).toBe(status);
    } finally {
      vi.useRealTimers();
    }
  });

  test('leads to the page that was asked for when it is tried again', async () => {
    const visitor = visitorOf(partsWith());
    server.misbehaviour = { expiredCodes: true };
    const { status, body } = await logIn(visitor, '/login/start?return=%2Freviews%3Fcheck%3Ditem.dark');
    expect(status).toBe(400);
    expect(body).toContain('href="/login/start?return=%2Freviews%3Fcheck%3Ditem.dark"');
  });

  test('repeats no part of a secret either, wherever what the server says is cut', async () => {
    const { secret } = server.client;
    for (const before of [270, 275, 280]) {
      const error_description = `${'x'.repeat(before)}${secret}`;
      const broken = {
        path: '/token',
        status: 400,
        body: JSON.stringify({ error: 'invalid_request', error_description }),
      };
      server.misbehaviour = { broken };
      const parts = partsWith();
      const { status, body } = await logIn(visitorOf(parts));
      expect(status).toBe(502);
      for (const seen of [body, parts.logged.join()]) {
        expect(seen).toContain('x'.repeat(before));
        expect(seen).not.toContain(secret.slice(0, 3));
      }
    }
  });

  test('repeats no more than the beginning of what the server says', async () => {
    server.misbehaviour = { denied: 'x'.repeat(1000) };
    const parts = partsWith();
    const { status, body } = await logIn(visitorOf(parts));
    expect(status).toBe(403);
    const said = [body, parts.logged.join()];
    expect(said).toEqual(said.map(() => expect.stringMatching(/[^x]x{300}(?!x)/) as string));
  });

  test('an answer that is sent twice counts once', async () => {
    const visitor = visitorOf(partsWith());
    const path = await comeBack(visitor);
    expect((await visitor.get(path)).status).toBe(303);
    const { status, body } = await visitor.get(path);
    expect(status).toBe(400);
    expect(body).toContain('not begun in this browser');
  });

  test('an answer to somebody else’s login is refused: an attacker can’t log anybody in as themself', async () => {
    const attacker = visitorOf(partsWith());
    const path = await comeBack(attacker);
    const before = server.requests['/token'] ?? 0;
    expect((await visitorOf(partsWith()).get(path)).status).toBe(400);
    const { body } = await visitorOf(partsWith()).get('/login/return?code=a&state=b&state=c');
    expect(body).toContain('not begun in this browser');
    expect(server.requests['/token'] ?? 0).toBe(before);
  });
});
