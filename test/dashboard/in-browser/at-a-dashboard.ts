import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import type { RunningDashboard } from '../../../src/dashboard/app.tsx';
import type { Database } from '../../../src/database/connection.ts';
import { openWatched, startBrowser, type TestBrowser, type WatchedPage } from '../../support/browser.ts';
import { startDashboard } from '../../support/dashboard.ts';
import { createTestDatabase } from '../../support/database.ts';
import { testsNeed } from '../../support/needed-programs.ts';

/** A dashboard that was started for a file's tests, and what its pages are made of. */
export interface StartedDashboard {
  readonly db: Database;
  readonly dashboard: RunningDashboard;
  stop?(): Promise<unknown>;
}

/** Somebody in front of a real browser. */
export interface AtADashboard {
  readonly url: string;
  readonly db: Database;
  /** A page in a window of its own: closed after the test, which fails where the browser complained of anything. */
  open(options?: { readonly script?: boolean }): Promise<Page>;
}

/**
 * Starts a dashboard and a browser before the tests of this file, and ends both after them.
 *
 * @param start a dashboard over a new database where not given; Temporal is away then.
 */
export function atADashboard(start: () => Promise<StartedDashboard> = () => overNewDatabase()): AtADashboard {
  let started: StartedDashboard;
  let browser: TestBrowser;
  let watched: WatchedPage[] = [];
  const hasBrowser = testsNeed('Chromium');
  beforeAll(async () => {
    if (!hasBrowser) return;
    started = await start();
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await started?.dashboard.stop();
    await started?.stop?.();
  });
  afterEach(async () => {
    const open = watched;
    watched = [];
    for (const { page } of open) await page.context().close();
    expect(open.flatMap(({ complaints }) => complaints)).toEqual([]);
  });
  return {
    get url() {
      return started.dashboard.url;
    },
    get db() {
      return started.db;
    },
    async open({ script = true } = {}) {
      const window = await browser.open({ javaScriptEnabled: script });
      window.setDefaultTimeout(60_000);
      const opened = await openWatched(window);
      watched.push(opened);
      return opened.page;
    },
  };
}

/** Over a new database; Temporal is away. @param settings by their environment variables */
export async function overNewDatabase(settings?: Readonly<Record<string, string>>): Promise<StartedDashboard> {
  const database = await createTestDatabase();
  return { db: database.db, dashboard: await startDashboard({ db: database.db, ...(settings && { settings }) }) };
}
