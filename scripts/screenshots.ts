import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { startDemo } from '../src/demo/demo.ts';
import { feed, settle } from '../src/demo/settle.ts';
import { openProgressLine } from '../src/terminal/terminal.ts';
import { startBrowser } from '../test/support/browser.ts';

// Takes the pictures of docs/images from a demo that has settled: `npm run screenshots`. Needs Chromium.

const folder = fileURLToPath(new URL('../docs/images/', import.meta.url));
const size = { width: 1280, height: 800 };

const progress = openProgressLine(process.stderr);
const stopped = new AbortController();
process.once('SIGINT', () => stopped.abort(new Error('stopped before the pictures were taken')));
const undos: (() => Promise<void>)[] = [];
try {
  const demo = await startDemo(
    {
      entities: 60,
      seed: 1,
      faults: false,
      say: (line) => progress.say(line),
      env: process.env,
      signal: stopped.signal,
    },
    (_name, undo) => undos.push(undo),
  );
  for (const line of await feed(demo.db, demo.temporal.address, demo.cases, stopped.signal)) progress.say(line);
  const { unsettled } = await settle(demo, progress, stopped.signal);
  if (unsettled.length > 0) throw new Error(`${unsettled.length} entities did not settle, so no picture was taken`);
  const browser = await startBrowser();
  undos.push(() => browser.close());
  await mkdir(folder, { recursive: true });

  const { rows } = await demo.db.query<{ id: number }>(
    `select id from artwork_reconciler.needs_manual_review where status = 'open'
     order by review_reason like 'files.image_unique%' desc, review_reason like 'files.%' desc, id limit 1`,
  );
  const shown = rows[0];
  if (!shown) throw new Error('the demo has no review to show: expected one at least, so no picture was taken');
  const pictures = [
    ['overview', '/', 'light'],
    ['overview-dark', '/', 'dark'],
    ['review', `/reviews/${shown.id}`, 'light'],
    ['schedule', '/schedule', 'light'],
  ] as const;
  for (const [name, path, colorScheme] of pictures) {
    // The images of a review are below all that is said of it.
    const viewport = name === 'review' ? { ...size, height: 2 * size.height } : size;
    const window = await browser.open({ colorScheme, viewport });
    const page = await window.newPage();
    // The first visit fills what a dashboard keeps, and goes without what takes long on a busy machine.
    await page.goto(`${demo.dashboardUrl}${path}`);
    const answer = await page.goto(`${demo.dashboardUrl}${path}`);
    if (name === 'review') {
      // A review of images has them open already.
      const images = page.locator('details', { has: page.getByText('Images side by side', { exact: true }) });
      if ((await images.getAttribute('open')) === null) await images.locator('summary').first().click();
      await page.locator('.sides img').first().waitFor();
    }
    if (answer?.status() !== 200) throw new Error(`${path} answered ${answer?.status()}: expected 200`);
    await page.screenshot({ path: `${folder}${name}.png` });
    await window.close();
    progress.say(`docs/images/${name}.png`);
  }
} finally {
  for (const undo of undos.reverse()) await undo();
  progress.end();
}
