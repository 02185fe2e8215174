import type { BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { navigation } from '../../../src/dashboard/layout/navigation.ts';
import type { RunningDashboard } from '../../../src/dashboard/serve.ts';
import { findBarriers, openWatched, startBrowser, type TestBrowser, type WatchedPage } from '../../support/browser.ts';
import { startDashboard } from '../../support/dashboard.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { testsNeed } from '../../support/needed-programs.ts';
import { type SeededPaths, seedHostileRows } from './hostile-rows.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let database: TestDatabase;
let dashboard: RunningDashboard;
let browser: TestBrowser;
let paths: SeededPaths & { readonly bulk: string };

const hasBrowser = testsNeed('Chromium');
beforeAll(async () => {
  if (!hasBrowser) return;
  database = await createTestDatabase();
  dashboard = await startDashboard(database);
  const seeded = await seedHostileRows(database.db);
  browser = await startBrowser();
  paths = { ...seeded, bulk: await planBulkAction() };
});
afterAll(async () => {
  await browser?.close();
  await dashboard?.stop();
  await database?.close();
});

/** A dry run about everything that has failed, and the page about it. */
async function planBulkAction(): Promise<string> {
  const window = await browser.open();
  const page = await window.newPage();
  await page.goto(`${dashboard.url}/events`, { timeout: 120_000 });
  await page.getByLabel('everything that the filter matches').check();
  await page.getByRole('button', { name: 'Requeue…' }).click();
  await page.waitForURL(/\/bulk\/[0-9a-f-]{36}$/);
  await page.getByText('Discard the dry run').waitFor();
  const { pathname } = new URL(page.url());
  await window.close();
  return pathname;
}

/** Where its status is not 200. */
const statuses: Readonly<Record<string, number>> = {
  'what was not found': 400,
  'a page that isn’t there': 404,
  'a parameter that can’t be read': 400,
};

const pages: Readonly<Record<string, () => string>> = {
  ...Object.fromEntries(navigation.map(({ path }) => [path, () => path])),
  'one entity': () => paths.entity,
  'its timeline': () => `${paths.entity}/timeline`,
  'one event': () => paths.event,
  'waiting events': () => '/events?state=queued',
  'running events': () => '/events?state=running',
  'all events, dismissed ones too': () => '/events?state=any&dismissed=shown',
  'kinds of reasons': () => '/events/reasons',
  'bulk actions': () => '/bulk',
  'one bulk action': () => paths.bulk,
  'one review': () => paths.review,
  'the plan for repair mode': () => '/plan',
  'what was not found': () => '/find?q=nothing',
  'a page that isn’t there': () => '/nowhere',
  'a parameter that can’t be read': () => '/events?older=yesterday',
};

describe.each(['light', 'dark'] as const)('in the %s theme', (colorScheme) => {
  let window: BrowserContext;
  let watched: WatchedPage;
  beforeAll(async () => {
    if (!hasBrowser) return;
    window = await browser.open({ colorScheme });
    window.setDefaultTimeout(120_000);
  });
  afterAll(() => window?.close());

  test.each(Object.keys(pages))('axe finds nothing on %s, hostile texts do nothing, it fits a phone', async (name) => {
    watched = await openWatched(window);
    const { page, complaints } = watched;
    await page.setViewportSize({ width: 1280, height: 900 });
    const answer = await page.goto(`${dashboard.url}${pages[name]!()}`);
    expect(answer?.status()).toBe(statuses[name] ?? 200);
    expect(await findBarriers(page)).toEqual([]);
    await page.setViewportSize({ width: 360, height: 800 });
    expect(await widerThanTheWindow(watched)).toEqual([]);
    expect(await findBarriers(page)).toEqual([]);
    expect(await page.locator('main img[src="x"], main script').count()).toBe(0);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('axe finds nothing in the help for the keyboard', async () => {
    const { page, complaints } = await openWatched(window);
    await page.goto(`${dashboard.url}/events`);
    await page.getByRole('button', { name: 'Keyboard' }).click();
    await page.getByRole('heading', { name: 'Keyboard' }).waitFor();
    expect(await findBarriers(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await page.close();
  });
});

/** What makes the page itself scroll sideways; empty where nothing does. What scrolls within the page may be wide. */
async function widerThanTheWindow({ page }: WatchedPage): Promise<readonly string[]> {
  return page.evaluate(() => {
    const { document } = globalThis as unknown as { document: ShownDocument };
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const wide = [...document.querySelectorAll('body *')].filter(
      (element) => element.getBoundingClientRect().right > clientWidth + 1 && element.closest('.scroll, pre') === null,
    );
    return [`${scrollWidth} > ${clientWidth}`, ...wide.slice(0, 5).map(({ outerHTML }) => outerHTML.slice(0, 150))];
  });
}

/** As much of a browser's document as is asked here: the types of browsers are no part of this project. */
interface ShownDocument {
  readonly documentElement: { readonly scrollWidth: number; readonly clientWidth: number };
  querySelectorAll(selector: string): Iterable<{
    readonly outerHTML: string;
    getBoundingClientRect(): { readonly right: number };
    closest(selector: string): unknown;
  }>;
}
