import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { chromium, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright-core';
import { findProgram, howToGet } from './needed-programs.ts';

/** A real browser with a profile of its own. */
export interface TestBrowser {
  /** A window as a person has it: cookies of its own, nothing of other windows. */
  open(options?: BrowserContextOptions): Promise<BrowserContext>;
  close(): Promise<void>;
}

/** Whatever a browser would ask of its maker's servers: tests contact nobody. */
const quiet = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-default-apps',
  '--disable-extensions',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
];

/**
 * Starts Chromium without a window.
 *
 * @throws Error that says how to get it, where there is none
 */
export async function startBrowser(): Promise<TestBrowser> {
  const executablePath = findProgram('Chromium');
  if (executablePath === null) throw new Error(howToGet('Chromium'));
  const home = await mkdtemp(join(tmpdir(), 'artwork-reconciler-browser-'));
  const browser = await chromium.launch({
    executablePath,
    args: quiet,
    env: { ...process.env, HOME: home },
  });
  return {
    open: (options) => browser.newContext({ locale: 'en', timezoneId: 'UTC', ...options }),
    async close() {
      await browser.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** A page, and what the browser complains of while it is looked at: broken scripts, what the policy forbids. */
export interface WatchedPage {
  readonly page: Page;
  readonly complaints: readonly string[];
}

export async function openWatched(window: BrowserContext): Promise<WatchedPage> {
  const page = await window.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    // A refusal is a page to look at; that it is one is no complaint.
    const isStatus = message.text().startsWith('Failed to load resource: the server responded with a status of 4');
    // The real archive's pictures, which no test asks for: see `quiet`.
    const isElsewhere = message.text() === 'Failed to load resource: net::ERR_NAME_NOT_RESOLVED';
    if (message.type() === 'error' && !isStatus && !isElsewhere) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('dialog', (dialog) => {
    complaints.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  return { page, complaints };
}

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** A rule of accessibility that a page breaks, and where. */
export interface Barrier {
  readonly rule: string;
  readonly help: string;
  readonly at: readonly string[];
}

/** Axe's rules whose answer depends on colours, of those that it asks by itself. */
export const rulesOfColours: readonly string[] = ['color-contrast', 'link-in-text-block'];

/** As much of axe as is asked of it, in the page. */
interface Axe {
  run(options: object): Promise<{ violations: { id: string; help: string; nodes: { html: string }[] }[] }>;
}

/** What axe finds on a page as it is shown now. @param rules those that are asked; without it all */
export async function findBarriers(page: Page, rules?: readonly string[]): Promise<readonly Barrier[]> {
  // By the debugger's way in: the page's own policy allows no script but the dashboard's.
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(await readFile(axePath, 'utf8'));
  return page.evaluate(async (runOnly) => {
    const { axe } = globalThis as unknown as { axe: Axe };
    const { violations } = await axe.run(runOnly ? { runOnly: [...runOnly] } : {});
    return violations.map(({ id, help, nodes }) => ({
      rule: id,
      help,
      at: nodes.map(({ html }) => html.slice(0, 200)),
    }));
  }, rules);
}

/**
 * Pixels of each image, once it is there: 0 where the browser could not show it.
 *
 * @param within a selector: of images side by side, where not given
 */
export async function imageWidths(page: Page, within = '.sides'): Promise<readonly number[]> {
  // Those below the window's end wait until somebody scrolls there.
  return page.locator(`${within} img`).evaluateAll(async (images: ImageInBrowser[]) => {
    for (const image of images) image.loading = 'eager';
    await Promise.all(images.map((image) => image.decode().catch(() => undefined)));
    return images.map(({ naturalWidth }) => naturalWidth);
  });
}

interface ImageInBrowser {
  loading: string;
  readonly naturalWidth: number;
  decode(): Promise<void>;
}
