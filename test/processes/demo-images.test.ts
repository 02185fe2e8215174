import { expect, test } from 'vitest';
import { imageWidths, openWatched, startBrowser } from '../support/browser.ts';
import { testsNeed } from '../support/needed-programs.ts';
import { expectNothingLeft, startDemo, useDemoFolder } from './demo-runs.ts';

testsNeed('Chromium');
useDemoFolder();

test('the pages of a demo show images, and links lead to its own sites', async () => {
  const demo = startDemo('--entities', '15');
  const url = (await demo.untilPrinted(/Dashboard: (http:\/\/127\.0\.0\.1:\d+)/))[1]!;
  await demo.untilPrinted(/^list of items: 15/m);
  const browser = await startBrowser();
  try {
    const window = await browser.open();
    window.setDefaultTimeout(60_000);
    const { page, complaints } = await openWatched(window);
    await page.goto(`${url}/entities`);
    const entities = await hrefs('table a[href^="/entities/"]');
    let images = 0;
    // Some have none, are dark or were deleted.
    for (const entity of new Set(entities)) {
      await page.goto(`${url}${entity}/images`);
      const widths = await imageWidths(page);
      expect(widths.filter((width) => width === 0)).toEqual([]);
      images += widths.length;
      if (images > 10) break;
    }
    expect(images).toBeGreaterThan(10);
    for (const href of await hrefs('.elsewhere a')) expect(href).toMatch(/^http:\/\/127\.0\.0\.1:/);
    await page.getByRole('link', { name: 'MusicBrainz' }).click();
    await page.getByText('This is the simulated MusicBrainz.').waitFor();
    expect(complaints).toEqual([]);

    async function hrefs(selector: string): Promise<(string | null)[]> {
      return Promise.all((await page.locator(selector).all()).map((link) => link.getAttribute('href')));
    }
  } finally {
    await browser.close();
  }
  demo.killGroup('SIGINT');
  expect((await demo.exit).code).toBeLessThanOrEqual(1);
  await expectNothingLeft();
});
