import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { readStoredBrakes } from '../../../src/database/brakes/stored-brakes.ts';
import { findFreePort } from '../../../src/embedded/free-port.ts';
import { startDashboard } from '../../support/dashboard.ts';
import { createTestDatabase } from '../../support/database.ts';
import { type OAuthServer, startOAuthServer } from '../../support/oauth-server.ts';
import { atADashboard } from './at-a-dashboard.ts';

let server: OAuthServer;
const at = atADashboard(async () => {
  const database = await createTestDatabase();
  // What people call it has to be known before it listens.
  const port = await findFreePort();
  server = await startOAuthServer(`http://127.0.0.1:${port}`);
  const settings = server.settings({ DASHBOARD_LISTEN: `127.0.0.1:${port}` });
  const dashboard = await startDashboard({ ...database, settings });
  return { db: database.db, dashboard, stop: () => server.close() };
});
const brakes = async () => (await readStoredBrakes(at.db)).map(({ name }) => name);

/** Asks for a page, and is led through the login to it, or to why not. */
async function logIn(as: string, path: string, options: { readonly script?: boolean } = {}): Promise<Page> {
  server.account = { sub: as };
  const page = await at.open(options);
  await page.goto(`${at.url}${path}`);
  await page.locator('#login').click();
  return page;
}

describe.each([
  ['with script', true],
  ['without script', false],
])('somebody at a login server, %s', (_what, script) => {
  test('logs in on the page that was asked for, does something, logs out, and is out', async () => {
    const page = await logIn('alice', '/schedule', { script });
    await page.waitForURL(`${at.url}/schedule`);
    await page.getByText('alice').first().waitFor();
    await page.getByRole('button', { name: 'Pause audits' }).click();
    await page.getByRole('button', { name: 'Resume audits' }).click();
    await page.getByRole('button', { name: 'Pause audits' }).waitFor();
    const { rows } = await at.db.query<{ actor: string }>(
      'select distinct actor from artwork_reconciler.operator_action',
    );
    expect(rows).toEqual([{ actor: 'alice' }]);
    await page.locator('#logout').click();
    await page.goto(`${at.url}/schedule`);
    await page.locator('#login').waitFor();
    expect(await page.getByRole('button', { name: 'Pause audits' }).count()).toBe(0);
  });

  test('may look and change nothing where the list says so', async () => {
    const page = await logIn('bob', '/schedule', { script });
    await page.getByText('read-only').first().waitFor();
    expect(await page.getByRole('button', { name: 'Pause audits' }).count()).toBe(0);
    expect(await brakes()).toEqual([]);
  });

  test('whose session is over meanwhile is told so, and nothing is changed', async () => {
    const page = await logIn('alice', '/schedule', { script });
    await page.getByText('alice').first().waitFor();
    await page.context().clearCookies();
    await page.getByRole('button', { name: 'Pause audits' }).click();
    await page.locator('#login').waitFor();
    expect(await brakes()).toEqual([]);
  });
});

test('a stranger is told why, and sees no page', async () => {
  const page = await logIn('mallory', '/entities');
  await page.getByText('mallory').first().waitFor();
  expect(await page.locator('table').count()).toBe(0);
});
