import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunningDashboard } from '../../../src/dashboard/serve.ts';
import { findBarriers, startBrowser, type TestBrowser } from '../../support/browser.ts';
import { startDashboard } from '../../support/dashboard.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

let database: TestDatabase;
let dashboard: RunningDashboard;
let browser: TestBrowser;

beforeAll(async () => {
  database = await createTestDatabase();
  dashboard = await startDashboard(database);
  browser = await startBrowser();
});
afterAll(async () => {
  await browser?.close();
  await dashboard?.stop();
  await database.close();
});

const paths = ['/nowhere'];

describe.each(['light', 'dark'] as const)('in the %s theme', (colorScheme) => {
  test.each(paths)('axe finds nothing on %s, nor does the browser complain', async (path) => {
    const window = await browser.open({ colorScheme });
    const page = await window.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => {
      // The page that isn't there is one of those looked at.
      if (message.type() === 'error' && !message.text().includes('404')) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(`${dashboard.url}${path}`);
    expect(await findBarriers(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await window.close();
  });
});
