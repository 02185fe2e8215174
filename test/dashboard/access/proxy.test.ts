import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { isTrusted, plainAddress } from '../../../src/dashboard/access/peer.ts';
import { dashboardParts, startDashboard, visitorOf } from '../../support/dashboard.ts';
import { createTestDatabase } from '../../support/database.ts';

const database = await createTestDatabase();

const proxied = (more: Readonly<Record<string, string>> = {}) => ({
  ...database,
  settings: {
    DASHBOARD_AUTH: 'proxy',
    DASHBOARD_PROXY_ADDRESSES: '127.0.0.2, 10.0.0.0/8, fd00::/8',
    DASHBOARD_OPERATORS: 'alice, Zoë',
    DASHBOARD_READERS: 'bob',
    ...more,
  },
});

interface Answer {
  readonly status: number | undefined;
  readonly body: string;
}

/** Asks over a real connection that comes from an address of this machine. */
function ask(url: string, from: string, headers: Readonly<Record<string, string | string[]>>): Promise<Answer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    request({ host: hostname, port, path: '/nowhere', localAddress: from, headers }, (answer) => {
      text(answer).then((body) => resolve({ status: answer.statusCode, body }), reject);
    })
      .on('error', reject)
      .end();
  });
}

describe('the name in the header', () => {
  test('counts where the connection comes from the proxy, and nowhere else', async () => {
    const dashboard = await startDashboard(proxied());
    const named = { 'X-Remote-User': 'alice' };
    const [trusted, other, nameless, withoutProxy] = [
      await ask(dashboard.url, '127.0.0.2', named),
      await ask(dashboard.url, '127.0.0.3', named),
      await ask(dashboard.url, '127.0.0.2', {}),
      await ask(dashboard.url, '127.0.0.3', { 'X-Forwarded-For': '127.0.0.2' }),
    ];
    expect(trusted).toMatchObject({ status: 404, body: expect.stringContaining('alice') as string });
    expect(other).toMatchObject({ status: 403, body: expect.stringContaining('through its proxy only') as string });
    expect(nameless).toMatchObject({ status: 401, body: expect.stringContaining('X-Remote-User') as string });
    expect(withoutProxy.status).toBe(403);
    expect(dashboard.logged.join()).toContain('127.0.0.3');
    await dashboard.stop();
  });

  test('that is there twice is nobody’s, and one beyond ASCII is read as UTF-8', async () => {
    const dashboard = await startDashboard(proxied({ DASHBOARD_READERS: '*' }));
    const twice = await ask(dashboard.url, '127.0.0.2', { 'X-Remote-User': ['alice', 'mallory'] });
    expect(twice.status).toBe(401);
    const zoe = Buffer.from('Zoë').toString('latin1');
    const { body } = await ask(dashboard.url, '127.0.0.2', { 'X-Remote-User': zoe });
    expect(body).toContain('Zoë <span class="role">operator</span>');
    await dashboard.stop();
  });

  test('says who it is by the lists, or by the proxy’s word for the role', async () => {
    const roleOf = async (user: string, headers = {}, settings = {}) => {
      const visitor = visitorOf(dashboardParts(proxied(settings)), '10.1.2.3');
      const { status, body } = await visitor.get('/nowhere', { 'x-remote-user': user, ...headers });
      return /class="role">([^<]+)/.exec(body)?.[1] ?? status;
    };
    expect(await roleOf('alice')).toBe('operator');
    expect(await roleOf('bob')).toBe('read-only');
    expect(await roleOf('mallory')).toBe(403);
    expect(await roleOf('mallory', {}, { DASHBOARD_READERS: '*' })).toBe('read-only');
    // Without a configured header for it, nobody gives themself a role.
    expect(await roleOf('bob', { 'x-role': 'operator' })).toBe('read-only');
    const byHeader = { DASHBOARD_PROXY_ROLE_HEADER: 'X-Role' };
    expect(await roleOf('mallory', { 'x-role': 'operator' }, byHeader)).toBe('operator');
    expect(await roleOf('alice', { 'x-role': 'read-only' }, byHeader)).toBe('read-only');
    expect(await roleOf('alice', {}, byHeader)).toBe(403);
    expect(await roleOf('alice', { 'x-role': 'operator, read-only' }, byHeader)).toBe(403);
  });

  test.each(['\u00a0rob', 'rob\u3000', '\ufeffrob', 'rob\u2028', '\u2003rob\u2003', 'rob\u0085', 'r\u009bob'])(
    'with white space around it or control characters is nobody’s: %j',
    async (name) => {
      const settings = { DASHBOARD_OPERATORS: 'rob', DASHBOARD_READERS: '*' };
      const visitor = visitorOf(dashboardParts(proxied(settings)), '10.1.2.3');
      const sent = Buffer.from(name).toString('latin1');
      expect((await visitor.get('/nowhere', { 'x-remote-user': sent })).status).toBe(401);
      expect((await visitor.get('/nowhere', { 'x-remote-user': 'rob' })).status).toBe(404);
    },
  );

  test('binds forms: what one user was given is of no use to another', async () => {
    const visitor = visitorOf(dashboardParts(proxied({ DASHBOARD_OPERATORS: 'alice, carol' })), '10.1.2.3');
    const page = await visitor.get('/schedule', { 'x-remote-user': 'alice' });
    expect(page.status).not.toBe(401);
    const sent = await visitor.post('/nowhere', {}, { 'x-remote-user': 'carol' });
    expect(sent.status).toBe(403);
  });
});

test.each([
  ['127.0.0.2', true],
  ['127.0.0.3', false],
  ['10.255.0.1', true],
  ['11.0.0.1', false],
  ['::ffff:10.0.0.1', true],
  ['fd12::1', true],
  ['fe80::1%eth0', false],
  ['', false],
  ['nonsense', false],
])('%s is trusted: %s', (address, trusted) => {
  expect(isTrusted(address, ['127.0.0.2', '10.0.0.0/8', 'fd00::/8'])).toBe(trusted);
});

test('a network of IPv6 trusts no IPv4 address, though each can be written as one of ::/8', () => {
  for (const address of ['203.0.113.9', '::ffff:203.0.113.9'])
    expect(isTrusted(address, ['::/8', '::/80'])).toBe(false);
  expect(isTrusted('::1', ['::/8'])).toBe(true);
});

test('an address without the forms that sockets give it', () => {
  expect(plainAddress('::ffff:192.0.2.1')).toBe('192.0.2.1');
  expect(plainAddress('fe80::1%eth0')).toBe('fe80::1');
});
