import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Config, readConfig } from '../../../src/config/config.ts';
import { seal, unseal } from '../../../src/dashboard/access/session.ts';
import { dashboardParts, type Visitor, visitorOf } from '../../support/dashboard.ts';
import { createTestDatabase } from '../../support/database.ts';
import { comeBack, logIn, type OAuthServer, startOAuthServer } from '../../support/oauth-server.ts';

const publicUrl = 'http://localhost:8080';
const database = await createTestDatabase();
let server: OAuthServer;

beforeAll(async () => {
  server = await startOAuthServer(publicUrl);
});
afterAll(() => server.close());

/** A dashboard whose configuration is read again by `reload`, and somebody who has logged in there. */
async function loggedIn(account = 'alice', secret?: string) {
  let config: Config;
  const reload = (settings: Readonly<Record<string, string>>): void => {
    config = readConfig({ file: '/dev/null', env: server.settings(settings) });
  };
  reload({});
  const made = dashboardParts({ ...database, settings: server.settings() });
  const parts = { ...made, config: () => config, secret: secret ?? made.secret };
  const visitor = visitorOf(parts);
  server.account = { sub: account };
  await logIn(visitor);
  return { visitor, reload, parts };
}

const post = (visitor: Visitor, path: string, fields = {}) => visitor.post(path, fields, { origin: publicUrl });

describe('a session', () => {
  test('that is over is explained, with a way back to the page; a form changes nothing then', async () => {
    const { visitor, reload } = await loggedIn();
    expect((await visitor.get('/nowhere')).status).toBe(404);
    reload({ DASHBOARD_SESSION_HOURS: '0.0000001' });
    const { status, body, headers } = await visitor.get('/nowhere?x=1');
    expect([status, headers.get('cache-control')]).toEqual([401, 'no-store']);
    expect(body).toContain('The session is over');
    expect(body).toContain(`/login/start?return=${encodeURIComponent('/nowhere?x=1')}`);
    const sent = await post(visitor, '/nowhere');
    expect(sent.status).toBe(401);
    expect(sent.body).toContain('Nothing was changed.');
    reload({});
    await logIn(visitor);
    expect((await visitor.get('/nowhere')).status).toBe(404);
  });

  test('lasts as many hours as are configured, whatever was done meanwhile', async () => {
    const { visitor, reload } = await loggedIn();
    reload({ DASHBOARD_SESSION_HOURS: '2' });
    // By the database's clock.
    const statusAfter = async (hours: number) => {
      const began = `clock_timestamp() - $1::float8 * interval '1 hour'`;
      await database.db.query(`update artwork_reconciler.dashboard_session set began_at = ${began}`, [hours]);
      return (await visitor.get('/nowhere')).status;
    };
    expect([await statusAfter(1), await statusAfter(1.9), await statusAfter(2)]).toEqual([404, 404, 401]);
  });

  test('that is over is forgotten when somebody logs in, and no other is', async () => {
    await database.db.query('truncate artwork_reconciler.dashboard_session');
    await loggedIn('alice');
    const accounts = async (): Promise<string[]> => {
      const { rows } = await database.db.query<{ account: string }>(
        'select account from artwork_reconciler.dashboard_session order by account',
      );
      return rows.map(({ account }) => account);
    };
    await loggedIn('bob');
    expect(await accounts()).toEqual(['alice', 'bob']);
    await database.db.query(
      `update artwork_reconciler.dashboard_session set began_at = clock_timestamp() - interval '13 hours'
       where account = 'alice'`,
    );
    await loggedIn('bob');
    expect(await accounts()).toEqual(['bob', 'bob']);
  });

  test('of a form that was sent is returned from to the first page: what it sent is gone', async () => {
    const { visitor, reload } = await loggedIn();
    await visitor.get('/nowhere');
    reload({ DASHBOARD_SESSION_HOURS: '0.0000001' });
    expect((await post(visitor, '/schedule/pause')).body).toContain(`/login/start?return=${encodeURIComponent('/')}"`);
  });

  test('ends in the browser too, with the logout', async () => {
    const { visitor } = await loggedIn();
    await visitor.get('/nowhere');
    expect(visitor.cookies()).toContain('artwork_reconciler_session=');
    await post(visitor, '/logout');
    expect(visitor.cookies()).not.toContain('artwork_reconciler_session=');
  });

  test('is no longer one once the account is taken off its list, and changes with the list it is on', async () => {
    const { visitor, reload } = await loggedIn();
    reload({ DASHBOARD_OPERATORS: 'carol', DASHBOARD_READERS: 'alice' });
    const cookie = visitor.cookies();
    expect((await visitor.get('/nowhere')).body).toContain('alice <span class="role">read-only</span>');
    reload({ DASHBOARD_OPERATORS: 'carol', DASHBOARD_READERS: '' });
    const { status, body } = await visitor.get('/nowhere');
    expect(status).toBe(403);
    expect(body).toContain('alice is no longer among those');
    // It ends with that: who is on a list again has to log in again.
    reload({});
    expect((await visitor.get('/nowhere', { cookie })).body).toContain('The session is over');
  });

  test('begins with a return, also where no more logins may begin: each counts by itself', async () => {
    await database.db.query('truncate artwork_reconciler.login');
    const settings = server.settings({ DASHBOARD_LOGINS_PER_MINUTE: '1' });
    const visitor = visitorOf(dashboardParts({ ...database, settings }));
    const path = await comeBack(visitor);
    expect((await visitor.get('/login/start')).status).toBe(429);
    expect((await visitor.get(path)).status).toBe(303);
  });

  test('is none where its cookie is empty', async () => {
    const { visitor } = await loggedIn();
    const { status, body } = await visitor.get('/nowhere', { cookie: 'artwork_reconciler_session=' });
    expect(status).toBe(401);
    expect(body).not.toContain('The session is over');
  });

  test('of a start with another secret is over', async () => {
    const { visitor, parts } = await loggedIn();
    const cookie = visitor.cookies();
    const { status, body } = await visitorOf({ ...parts, secret: 'another' }).get('/nowhere', { cookie });
    expect([status, body]).toEqual([401, expect.stringContaining('The session is over') as string]);
  });

  test('can’t be made up', async () => {
    const { parts } = await loggedIn();
    const session = { id: 'x' };
    const forged = [
      seal('guessed', 'session', session),
      seal(parts.secret, 'login attempt', session),
      `${Buffer.from(JSON.stringify(session)).toString('base64url')}.`,
      // Signed as ours, of nobody who logged in.
      seal(parts.secret, 'session', session),
      seal(parts.secret, 'session', { id: 7 }),
      'x.y.z',
      '.',
    ];
    for (const cookie of forged) {
      const { status } = await visitorOf(parts).get('/nowhere', { cookie: `artwork_reconciler_session=${cookie}` });
      expect([cookie, status]).toEqual([cookie, 401]);
    }
  });

  test('ends with the logout, whatever the role, and only by a form of ours', async () => {
    const { visitor } = await loggedIn('bob');
    await visitor.get('/nowhere');
    expect((await visitor.post('/logout', {}, { origin: 'https://evil.example' })).status).toBe(403);
    expect((await post(visitor, '/logout', { form_token: 'another' })).status).toBe(403);
    expect((await visitor.get('/nowhere')).status).toBe(404);
    expect(await post(visitor, '/logout')).toMatchObject({ status: 303, location: '/login' });
    expect((await visitor.get('/nowhere')).status).toBe(401);
    expect((await visitor.get('/login')).status).toBe(200);
  });

  test('ends on the server: a copy of its cookie is worth nothing after the logout, at no dashboard', async () => {
    const { visitor, parts } = await loggedIn();
    await visitor.get('/nowhere');
    const cookie = visitor.cookies();
    const thief = () => visitorOf(parts).get('/nowhere', { cookie });
    expect((await thief()).status).toBe(404);
    await post(visitor, '/logout');
    const { status, body } = await thief();
    expect([status, body]).toEqual([401, expect.stringContaining('It ended with a logout') as string]);
  });

  test('of others continues when one logs out', async () => {
    const [{ visitor: one }, { visitor: other }] = [await loggedIn(), await loggedIn()];
    await one.get('/nowhere');
    await post(one, '/logout');
    expect((await other.get('/nowhere')).status).toBe(404);
  });
});

describe('roles count on the server', () => {
  test('a reader sees pages without buttons, and what they send is refused', async () => {
    const { visitor } = await loggedIn('bob');
    expect((await visitor.get('/nowhere')).status).toBe(404);
    const { status, body } = await post(visitor, '/schedule/pause');
    expect(status).toBe(403);
    expect(body).toContain('bob may see everything and change nothing');
  });

  test('an operator’s form has to come from the public address', async () => {
    const { visitor } = await loggedIn();
    await visitor.get('/nowhere');
    // As a proxy passes it on: the dashboard's own host is another one.
    const proxied = { host: '10.0.0.1:8080', origin: publicUrl };
    expect((await visitor.post('/nowhere', {}, proxied)).status).toBe(404);
    for (const origin of ['http://10.0.0.1:8080', 'https://localhost:8080', 'http://localhost:8081', 'null', 'x']) {
      const { status } = await visitor.post('/nowhere', {}, { ...proxied, origin });
      expect([origin, status]).toEqual([origin, 403]);
    }
  });

  test('a form of another session is refused', async () => {
    // Of the same account, at dashboards with the same secret.
    const { visitor: one, parts } = await loggedIn();
    const { visitor: other } = await loggedIn('alice', parts.secret);
    const token = /name="form_token" value="([^"]+)"/.exec((await one.get('/nowhere')).body)![1]!;
    await other.get('/nowhere');
    expect((await post(other, '/nowhere', { form_token: token })).status).toBe(403);
  });
});

test('what was sealed is read with the same secret and for the same purpose only, and whole', () => {
  const sealed = seal('secret', 'session', { account: 'alice' });
  expect(unseal('secret', 'session', sealed)).toEqual({ account: 'alice' });
  expect(unseal('another', 'session', sealed)).toBeUndefined();
  expect(unseal('secret', 'login attempt', sealed)).toBeUndefined();
  const [text, signature] = sealed.split('.') as [string, string];
  const other = Buffer.from('{"account":"mallory"}').toString('base64url');
  for (const forged of [
    '',
    '.',
    text,
    `${text}.`,
    `${other}.${signature}`,
    `${text}.${signature.slice(0, -1)}`,
    `.${signature}`,
  ]) {
    expect([forged, unseal('secret', 'session', forged)]).toEqual([forged, undefined]);
  }
});
