import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { dashboardParts, visitorOf } from '../../support/dashboard.ts';
import { createTestDatabase } from '../../support/database.ts';
import { comeBack, logIn, startOAuthServer, type OAuthServer } from '../../support/oauth-server.ts';

const publicUrl = 'http://localhost:8080';
const database = await createTestDatabase();
let server: OAuthServer;

beforeAll(async () => {
  server = await startOAuthServer(publicUrl);
});
afterAll(() => server.close());

const partsWith = (settings: Readonly<Record<string, string>> = {}) =>
  dashboardParts({ ...database, settings: server.settings(settings) });

describe('too many logins', () => {
  beforeEach(() => database.db.query('truncate artwork_reconciler.login'));

  test('of one address are answered with 429 and when to come back; others continue', async () => {
    const parts = partsWith({ DASHBOARD_LOGINS_PER_MINUTE: '3' });
    const visitor = visitorOf(parts);
    for (let i = 0; i < 3; i++) expect((await visitor.get('/login/start')).status).toBe(303);
    const { status, headers, body } = await visitor.get('/login/start');
    expect(status).toBe(429);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    expect(body).toContain('Try again in');
    const forged = { 'x-forwarded-for': '192.0.2.1' };
    expect((await visitor.get('/login/start', forged)).status).toBe(429);
  });

  test('are counted where they come back, too, as each asks the login server', async () => {
    const visitor = visitorOf(partsWith({ DASHBOARD_LOGINS_PER_MINUTE: '2' }));
    const path = await comeBack(visitor);
    // A browser forgets its login with the first answer; a script may send its cookie again and again.
    const cookie = visitor.cookies();
    const before = server.requests['/token'] ?? 0;
    const statuses = [];
    for (let i = 0; i < 3; i++) statuses.push((await visitor.get(path, { cookie })).status);
    expect(statuses).toEqual([303, 400, 429]);
    expect(server.requests['/token']).toBe(before + 2);
  });

  test('behind a trusted proxy the visitor’s address counts, and what a visitor writes before it does not', async () => {
    const visitor = visitorOf(
      partsWith({ DASHBOARD_LOGINS_PER_MINUTE: '1', DASHBOARD_PROXY_ADDRESSES: '127.0.0.0/8' }),
    );
    const from = async (forwarded: string) =>
      (await visitor.get('/login/start', { 'x-forwarded-for': forwarded })).status;
    expect(await from('192.0.2.1')).toBe(303);
    expect(await from('192.0.2.2')).toBe(303);
    expect(await from('198.51.100.9, 192.0.2.1')).toBe(429);
    expect(await from('192.0.2.3, 127.0.0.2')).toBe(303);
    expect(await from('192.0.2.4, 127.0.0.2')).toBe(303);
    // What is no address is nobody's: the proxy counts itself.
    expect(await from('unknown')).toBe(303);
    expect(await from('127.0.0.1')).toBe(429);
  });

  test('of all together as well', async () => {
    const visitor = visitorOf(
      partsWith({ DASHBOARD_LOGINS_PER_MINUTE_OVERALL: '2', DASHBOARD_PROXY_ADDRESSES: '127.0.0.1' }),
    );
    const statuses = [];
    for (const address of ['192.0.2.1', '198.51.100.1', '203.0.113.1']) {
      statuses.push((await visitor.get('/login/start', { 'x-forwarded-for': address })).status);
    }
    expect(statuses).toEqual([303, 303, 429]);
  });

  test('are counted by all dashboards together', async () => {
    const statuses = [];
    for (let i = 0; i < 3; i++) {
      const dashboard = visitorOf(partsWith({ DASHBOARD_LOGINS_PER_MINUTE: '2' }));
      statuses.push((await dashboard.get('/login/start')).status);
    }
    expect(statuses).toEqual([303, 303, 429]);
  });

  test('are no returns that no login of that browser came before', async () => {
    const parts = partsWith({ DASHBOARD_LOGINS_PER_MINUTE: '2' });
    for (let i = 0; i < 5; i++) {
      expect((await visitorOf(parts).get('/login/return?code=a&state=b')).status).toBe(400);
    }
    expect((await logIn(visitorOf(parts))).status).toBe(303);
  });
});
