import { request } from 'node:http';
import { afterEach, expect, test, vi } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { endExecutables, startExecutable, type Executable } from '../support/executable.ts';
import { patience } from '../support/patience.ts';
import { writableConfig } from '../support/worker-processes.ts';

// A process takes seconds to start on a busy machine.

const database = await createTestDatabase();
afterEach(endExecutables);

const settings = 'listen = 127.0.0.1:0\n';

async function startDashboard(text: string) {
  const file = await writableConfig();
  await file.write(text);
  const dashboard = startExecutable(['dashboard', '--config', file.path], { env: { DATABASE_URL: database.url } });
  const served = await dashboard.untilPrinted(/"url":"([^"]+)"/);
  return { dashboard, file, url: served[1]! };
}

const logged = (dashboard: Executable, message: string) =>
  vi.waitFor(() => expect(dashboard.stdout()).toContain(message), patience);

/** Asks as a proxy does, in the name of somebody. */
function ask(url: string, user: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(`${url}/nowhere`, { headers: { 'x-remote-user': user } }, (answer) => resolve(answer.resume().statusCode))
      .on('error', reject)
      .end();
  });
}

test('SIGHUP: who is taken off a list is out; a file by which nobody could come in changes nothing', async () => {
  const proxy = `[dashboard]\n${settings}auth = proxy\nproxy_addresses = 127.0.0.1\n`;
  const { dashboard, file, url } = await startDashboard(`${proxy}operators = alice\n`);
  expect(await ask(url, 'alice')).toBe(404);
  // Whether it is alive everybody may know; its figures only who may see the rest.
  const open = await Promise.all(['/healthz', '/readyz', '/metrics'].map((path) => fetch(`${url}${path}`)));
  expect(open.map(({ status }) => status)).toEqual([200, 401, 401]);

  await file.write(`${proxy}operators = bob\n`);
  dashboard.kill('SIGHUP');
  await logged(dashboard, '[dashboard] operators: alice → bob');
  expect([await ask(url, 'alice'), await ask(url, 'bob')]).toEqual([403, 404]);

  await file.write(proxy);
  dashboard.kill('SIGHUP');
  await logged(dashboard, 'proxy_role_header, operators or readers is missing');
  expect(await ask(url, 'bob')).toBe(404);

  await file.write(`[dashboard]\nlisten = 127.0.0.1:1\nauth = none\nsecret = ${'s'.repeat(40)}\n`);
  dashboard.kill('SIGHUP');
  await logged(dashboard, 'in_force_after_restart');
  expect(dashboard.stdout()).toContain('"[dashboard] secret: changed"');
  expect(await ask(url, 'alice')).toBe(403);
  await file.remove();
});

test.each(['SIGTERM', 'SIGINT'] as const)('%s: what was asked is answered, and it ends with 0', async (signal) => {
  const { dashboard, file, url } = await startDashboard(`[dashboard]\n${settings}`);
  const { host } = new URL(url);
  expect((await fetch(`${url}/find?q=%00`, { headers: { host } })).status).toBe(400);
  expect(await (await fetch(`${url}/healthz`)).json()).toMatchObject({ status: 'ok', phase: 'running' });
  const sentAt = Date.now();
  dashboard.kill(signal);
  expect(await dashboard.exit).toEqual({ code: 0, signal: null });
  expect(Date.now() - sentAt).toBeLessThan(25_000);
  expect(dashboard.stdout()).toContain('"msg":"stopped"');
  await file.remove();
});

test('a login that lacks something is refused at the start, with all that is missing in one line', async () => {
  const dashboard = startExecutable(['dashboard'], {
    env: { DATABASE_URL: database.url, DASHBOARD_AUTH: 'oauth', DASHBOARD_LISTEN: '127.0.0.1:0' },
  });
  expect(await dashboard.exit).toEqual({ code: 1, signal: null });
  expect(dashboard.stderr()).toMatch(/^Error: .*oauth_token_url is missing.*\n$/);
});
