import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { readFile } from 'node:fs/promises';
import { type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
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
    if (message.type() === 'error' && !isStatus) complaints.push(message.text());
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

/** What axe finds on a page as it is shown now. */
export async function findBarriers(page: Page): Promise<readonly Barrier[]> {
  const source = await readFile(axePath, 'utf8');
  // By the debugger's way in: the page's own policy allows no script but the dashboard's.
  await page.evaluate(source);
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; help: string; nodes: { html: string }[] }[] }> };
    };
    const { violations } = await axe.run();
    return violations.map(({ id, help, nodes }) => ({
      rule: id,
      help,
      at: nodes.map(({ html }) => html.slice(0, 200)),
    }));
  });
}
