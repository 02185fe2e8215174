import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunningDashboard } from '../../../src/dashboard/app.tsx';
import { navigation } from '../../../src/dashboard/layout/page.tsx';
import {
  findBarriers,
  openWatched,
  rulesOfColours,
  startBrowser,
  type TestBrowser,
  type WatchedPage,
} from '../../support/browser.ts';
import { startDashboard } from '../../support/dashboard.ts';
import { createTestDatabase } from '../../support/database.ts';
import { testsNeed } from '../../support/needed-programs.ts';
import { type SeededPaths, seedHostileRows } from './hostile-rows.ts';

const database = await createTestDatabase();
let dashboard: RunningDashboard;
let browser: TestBrowser;
/** One for all pages, and for both themes: a page of its own costs a process of the browser. */
let watched: WatchedPage;
let paths: SeededPaths & { readonly bulk: string };

const hasBrowser = testsNeed('Chromium');
beforeAll(async () => {
  if (!hasBrowser) return;
  dashboard = await startDashboard(database);
  const seeded = await seedHostileRows(database.db);
  browser = await startBrowser();
  paths = { ...seeded, bulk: await planBulkAction() };
  const window = await browser.open();
  window.setDefaultTimeout(120_000);
  watched = await openWatched(window);
});
afterAll(async () => {
  await browser?.close();
  await dashboard?.stop();
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
  'what was not found': 404,
  'a page that isn’t there': 404,
  'a parameter that can’t be read': 400,
  'a search that can’t be read': 400,
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
  'a bulk action by list': () => '/bulk/list',
  'one bulk action': () => paths.bulk,
  'one review': () => paths.review,
  'reviews by reason': () => '/reviews/groups',
  'the plan for repair mode': () => '/plan',
  'the documentation': () => '/docs/README.md',
  'what was not found': () => '/find?q=nothing',
  'a page that isn’t there': () => '/nowhere',
  'a parameter that can’t be read': () => '/events?older=yesterday',
  'a search that can’t be read': () => '/find?q=https://musicbrainz.org/artist/5441c29d-3602-4898-b1a1-b77fa23b8e50',
};

const lists: Readonly<Record<string, () => string>> = {
  ...Object.fromEntries(
    ['/entities', '/events', '/reviews', '/findings', '/record', '/bulk', '/events/reasons', '/reviews/groups'].map(
      (path) => [path, () => path],
    ),
  ),
  'a bulk action': () => paths.bulk,
  'one entity': () => paths.entity,
};

const wide = { width: 1280, height: 900 };
const phone = { width: 390, height: 844 };

/** How each page is looked at, and which of axe's rules are asked then: of colours alone where only they can differ. */
const views = [
  { theme: 'light', size: wide, rules: undefined },
  { theme: 'light', size: { width: 1440, height: 900 }, rules: null },
  { theme: 'dark', size: { width: 1440, height: 900 }, rules: rulesOfColours },
  { theme: 'dark', size: wide, rules: null },
  { theme: 'dark', size: phone, rules: rulesOfColours },
  { theme: 'light', size: { width: 360, height: 800 }, rules: null },
  { theme: 'light', size: phone, rules: undefined },
] as const;

async function show(colorScheme: 'light' | 'dark', size: { readonly width: number; readonly height: number }) {
  await watched.page.emulateMedia({ colorScheme });
  await watched.page.setViewportSize(size);
}

test.each(Object.keys(pages))(
  'at 390, 1280 and 1440 pixels, light and dark, axe finds nothing on %s, it fits, and hostile texts do nothing',
  async (name) => {
    const { page, complaints } = watched;
    const before = complaints.length;
    await show('light', wide);
    const answer = await page.goto(`${dashboard.url}${pages[name]!()}`);
    expect(answer?.status()).toBe(statuses[name] ?? 200);
    for (const { theme, size, rules } of views) {
      await show(theme, size);
      const where = `${theme} ${size.width}`;
      expect([where, await widerThanTheWindow(watched)]).toEqual([where, []]);
      expect([where, await headsOutOfSight(watched)]).toEqual([where, []]);
      expect([where, await outOfTheirPlace(watched)]).toEqual([where, []]);
      if (rules !== null) expect([where, await findBarriers(page, rules)]).toEqual([where, []]);
    }
    expect(await page.locator('main img[src="x"], main script').count()).toBe(0);
    expect(await asMachinesSayIt(watched)).toEqual([]);
    expect(complaints.slice(before)).toEqual([]);
  },
);

test.each(Object.keys(lists))('on a phone the rows of %s are cards, and its filters are folded', async (name) => {
  const { page } = watched;
  await show('dark', phone);
  await page.goto(`${dashboard.url}${lists[name]!()}`);
  const cells = page.locator('.list tbody td:visible:not(:has(input))');
  expect(await cells.count()).toBeGreaterThan(0);
  expect(await page.locator('.list tbody td:visible:not([data-label], :has(input))').count()).toBe(0);
  for (const row of (await page.locator('.list tbody tr:visible').all()).slice(0, 3)) {
    const boxes = await Promise.all(
      (await row.locator('td:visible:not(:has(input))').all()).map((cell) => cell.boundingBox()),
    );
    for (const [n, box] of boxes.slice(1).entries())
      expect(box!.y).toBeGreaterThanOrEqual(boxes[n]!.y + boxes[n]!.height);
  }
  const fold = page.getByLabel(/^(No filter|\d+ filters?) set/);
  if ((await fold.count()) > 0) {
    expect(await page.locator('#filters').isVisible()).toBe(false);
    await fold.check();
    expect(await page.locator('#filters').isVisible()).toBe(true);
  }
  await show('light', wide);
  expect(await page.locator('.list thead').first().isVisible()).toBe(true);
  expect(await page.locator('.fold:visible, .fold-label:visible').count()).toBe(0);
});

test('axe finds nothing in the help for the keyboard', async () => {
  const { page, complaints } = watched;
  const before = complaints.length;
  await show('light', wide);
  await page.goto(`${dashboard.url}/events`);
  await page.getByRole('button', { name: 'Keyboard' }).click();
  await page.getByRole('heading', { name: 'Keyboard' }).waitFor();
  expect(await findBarriers(page)).toEqual([]);
  await show('dark', wide);
  expect(await findBarriers(page, rulesOfColours)).toEqual([]);
  expect(complaints.slice(before)).toEqual([]);
});

// Else more than the rules of colours would have to be asked of the dark theme.
test('the dark theme sets colours and nothing else', () => {
  const asset = (name: string) => readFileSync(resolve(import.meta.dirname, '../../../assets', name), 'utf8');
  const styles = ['base.css', 'frame.css', 'dashboard.css', 'charts.css'].map(asset).join('');
  const [, rules = ''] = /@media \(prefers-color-scheme: dark\) \{\n([^]*?)\n\}/.exec(styles) ?? [];
  expect(rules).toMatch(/^ {2}:root \{\n(?: {4}--[a-z-]+: #[0-9a-f]{6};\n)+ {2}\}$/);
  expect(`${styles}${asset('dashboard.js')}`.match(/color-scheme: dark|light-dark\(/g)).toHaveLength(1);
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

/** The heads of columns that one would have to scroll for; what is folded isn't shown. */
async function headsOutOfSight({ page }: WatchedPage): Promise<readonly string[]> {
  return page.evaluate(() => {
    const { document } = globalThis as unknown as { document: ShownDocument };
    return [...document.querySelectorAll('.scroll thead th')].flatMap((head) => {
      if (head.closest('details:not([open])') !== null) return [];
      const frame = head.closest('.scroll')!;
      return head.getBoundingClientRect().right > frame.getBoundingClientRect().right + 1 ? [head.textContent] : [];
    });
  });
}

/** What stands beside others and reaches beyond its place, over its neighbour. */
async function outOfTheirPlace({ page }: WatchedPage): Promise<readonly string[]> {
  return page.evaluate(() => {
    const { document } = globalThis as unknown as { document: ShownDocument };
    return [...document.querySelectorAll(':is(.sides, .tiles, .cards, .charts) > *')].flatMap((one) => {
      const { nextElementSibling: next } = one;
      if (next === null) return [];
      const [{ right, bottom }, place] = [one.getBoundingClientRect(), next.getBoundingClientRect()];
      const isBeside = place.top < bottom - 1 && place.right > right;
      return isBeside && place.left < right - 1 ? [one.textContent.slice(0, 80)] : [];
    });
  });
}

/** Moments, durations and numbers that nobody would write so, and ages that don't say which moment they are of. */
async function asMachinesSayIt({ page }: WatchedPage): Promise<readonly string[]> {
  return page.evaluate(() => {
    const { document } = globalThis as unknown as { document: ShownDocument };
    const moment = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/;
    const texts = [...document.querySelectorAll('main :is(p, dd, td, th, li, time, .hint):not(.document *)')]
      .map(({ textContent }) => textContent)
      .filter((text) => /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d|\d\.\d{2,} (s|min|h|days)\b/.test(text));
    const ages = [...document.querySelectorAll('time')]
      .filter((time) => !moment.test(time.getAttribute('title') ?? ''))
      .map(({ outerHTML }) => outerHTML);
    const numbers = [...document.querySelectorAll('main td.number')]
      .map(({ textContent }) => textContent)
      .filter((text) => /\d{4}/.test(text));
    return [...texts, ...ages, ...numbers].map((each) => each.slice(0, 150));
  });
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** As much of a browser's document as is asked here: the types of browsers are no part of this project. */
interface ShownDocument {
  readonly documentElement: { readonly scrollWidth: number; readonly clientWidth: number };
  querySelectorAll(selector: string): Iterable<{
    readonly outerHTML: string;
    readonly textContent: string;
    getAttribute(name: string): string | null;
    getBoundingClientRect(): Box;
    readonly nextElementSibling: { getBoundingClientRect(): Box } | null;
    closest(selector: string): { getBoundingClientRect(): { readonly right: number } } | null;
  }>;
}
