import type { Locator, Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { version } from '../../../src/version.ts';
import { readConfig } from '../../../src/config/config.ts';
import { setBrake } from '../../../src/database/brakes/stored-brakes.ts';
import { changeMode } from '../../../src/database/pace/mode.ts';
import { writePast } from '../../../src/demo/past.ts';
import { seedDemo } from '../../../src/simulator/drift/seed-demo.ts';
import { addRelease } from '../../../src/simulator/musicbrainz/builders.ts';
import { addEvent } from '../../database/entities/support.ts';
import { newArchive } from '../../simulator/drift/new-archive.ts';
import { workOnBulkActions } from '../../support/bulk-actions.ts';
import { startDashboard } from '../../support/dashboard.ts';
import { createTestDatabase } from '../../support/database.ts';
import { dark, openReview } from '../open-review.ts';
import { atADashboard, overNewDatabase } from './at-a-dashboard.ts';

/** What an operator looks for on the pages, seen at each width and in both themes. */

/** Where everything is that isn't here, as a configuration may say. */
const elsewhere = {
  MUSICBRAINZ_URL: 'https://mb.test',
  ARCHIVE_URL: 'https://archive.test',
  ARCHIVE_CAA_URL: 'https://caa.test',
};
const at = atADashboard(() => overNewDatabase(elsewhere));
const reason = 'HTTP 404 NoSuchKey: The specified key does not exist (PUT mbid-x/index.json, RequestId 0f1e)';
/** The same as artwork-indexer and earlier versions wrote it. */
const written =
  `PUT mbid-x/index.json: HTTP 404 (RequestId 0f1e): <?xml version='1.0' encoding='UTF-8'?> ` +
  '<Error><Code>NoSuchKey</Code><Message>The specified key does not exist</Message><RequestId>0f1e</RequestId></Error>';
let gid: string;
let reviewId: number;
const events: number[] = [];

beforeAll(async () => {
  const { db } = at;
  for (let n = 0; n < 3; n += 1) {
    const release = await addRelease(db, { name: `Harbour Songs ${n}` });
    const event = await addEvent(db, { key: release, state: 'failed' });
    await db.query('insert into artwork_indexer.event_failure_reason (event, failure_reason) values ($1, $2)', [
      event,
      n === 0 ? written : reason,
    ]);
    events.push(event);
    ({ gid } = release);
  }
  ({ reviewId } = await openReview(db, [dark], { entityType: 'release', gid }));
  await setBrake(db, { name: 'breaker', reason: 'the same everywhere' });
  await changeMode(db, { mode: 'report' }, { mode: 'repair', by: { actor: 'ida' } });
});

interface Link {
  readonly href: string;
}

const views = (['light', 'dark'] as const).flatMap((theme) => [390, 1280, 1440].map((width) => ({ theme, width })));

/** Looks at a page in each way, and that all of what it names is to be seen without scrolling sideways. */
async function inEveryView(page: Page, look: () => readonly Locator[]): Promise<void> {
  for (const { theme, width } of views) {
    await page.emulateMedia({ colorScheme: theme });
    await page.setViewportSize({ width, height: 900 });
    for (const locator of look()) {
      const one = locator.first();
      await one.waitFor();
      const box = (await one.boundingBox())!;
      const where = `${theme} ${width}: ${await one.innerText()}`;
      expect([where, box.x >= 0 && box.x + box.width <= width + 1]).toEqual([where, true]);
    }
  }
}

/** Without script, so that nothing is renewed while it is looked at. */
async function opened(path: string, script = false, url = at.url): Promise<Page> {
  const page = await at.open({ script });
  // Pictures are the archive's, which nobody asks here.
  await page.route(/^https:/, (route) => route.fulfill({ status: 404 }));
  await page.goto(`${url}${path}`);
  return page;
}

test('a failed event says what happened before it says to which request', async () => {
  const page = await opened('/events');
  for (const event of events) {
    const row = page.locator(`tr[data-row="${event}"]`);
    await inEveryView(page, () => [row.getByText('HTTP 404 NoSuchKey: The specified key does not exist')]);
    expect(await row.locator('.hint', { hasText: 'RequestId 0f1e' }).count()).toBe(1);
    expect(await row.innerText()).not.toContain('<');
  }
  await page.goto(`${at.url}/events/${events[0]}`);
  const whole = page.getByLabel('Reason', { exact: true });
  await inEveryView(page, () => [whole]);
  expect(await whole.innerText()).toMatch(/^HTTP 404 NoSuchKey: The specified key does not exist\n.*RequestId 0f1e$/);
  expect(await page.getByText('<Code>NoSuchKey').first().isVisible()).toBe(false);
  await page.getByText('What the archive answered').first().click();
  await inEveryView(page, () => [page.getByText('<Code>NoSuchKey')]);
});

test('failed events of one kind are one row, from which all of them are requeued or dismissed', async () => {
  const page = await opened('/events/reasons');
  await inEveryView(page, () => [
    page.locator('tbody tr', { hasText: 'NoSuchKey' }).getByRole('button', { name: 'Requeue…' }),
    page.locator('tbody tr', { hasText: 'NoSuchKey' }).getByRole('button', { name: 'Dismiss…' }),
    page.locator('tbody td.number', { hasText: '3' }),
  ]);
  expect(await page.locator('tbody tr').count()).toBe(1);
});

test.each([
  ['with script', true],
  ['without script', false],
])('a wrong value comes back in its form, %s: the message at the field, which has the focus', async (_what, script) => {
  const page = await opened('/schedule', script);
  await page.locator('#pace-number').fill('a few');
  await page.locator('#pace-note').fill('calm');
  await page.locator('form#pace').getByRole('button', { name: 'Set the pace' }).click();
  const field = page.locator('#pace-number');
  await page.locator('#pace-number-problem').waitFor();
  await inEveryView(page, () => [page.locator('#pace-number-problem'), field, page.locator('#refused')]);
  expect(await field.inputValue()).toBe('a few');
  expect(await page.locator('#pace-note').inputValue()).toBe('calm');
  expect(await page.locator(':focus').getAttribute('id')).toBe('pace-number');
  await field.fill('12 000 a day');
  await page.locator('form#pace').getByRole('button', { name: 'Set the pace' }).click();
  await page.getByText('The pace is 500 audits an hour').waitFor();
});

test('without script a form that lacks its selection says so, and with it its buttons are off', async () => {
  const plain = await opened('/events');
  await plain.getByRole('button', { name: 'Requeue…' }).click();
  await plain.locator('#bulk-scope-problem').waitFor();
  await inEveryView(plain, () => [plain.locator('#bulk-scope-problem')]);
  const page = await opened('/events', true);
  expect(await page.getByRole('button', { name: 'Requeue…' }).isDisabled()).toBe(true);
  await page.getByLabel(`Select event ${events[0]}`, { exact: true }).check();
  expect(await page.getByRole('button', { name: 'Requeue…' }).isDisabled()).toBe(false);
});

test('things have their names, and lead to where the configuration says', async () => {
  const page = await opened('/');
  const about = `/entities/release/${gid}`;
  for (const path of ['/events', '/reviews', `/reviews/${reviewId}`, '/entities', `${about}/timeline`]) {
    await page.goto(`${at.url}${path}`);
    await inEveryView(page, () => [page.locator('main').getByText('Harbour Songs 2')]);
    if (!path.startsWith(about)) await page.locator('main .thumbnail').first().waitFor();
  }
  await page.goto(`${at.url}${about}`);
  const links = page.getByRole('list', { name: 'Elsewhere' }).getByRole('link');
  await inEveryView(page, () => [links]);
  expect(await links.evaluateAll((all: Link[]) => all.map(({ href }) => href))).toEqual([
    `${elsewhere.MUSICBRAINZ_URL}/release/${gid}`,
    `${elsewhere.ARCHIVE_URL}/details/mbid-${gid}`,
    `${elsewhere.ARCHIVE_CAA_URL}/release/${gid}`,
  ]);
});

test('the search field finds what is named by MBID, number or title, and says what it can’t be', async () => {
  const page = await opened('/');
  const find = async (text: string): Promise<void> => {
    await page.getByRole('searchbox').fill(text);
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => url.pathname !== '/' || url.search !== '');
  };
  for (const [text, path] of [
    [`see release ${gid}!`, `/entities/release/${gid}`],
    [`event ${events[1]}`, `/events/${events[1]}`],
    [`review ${reviewId}`, `/reviews/${reviewId}`],
  ] as const) {
    await page.goto(at.url);
    await find(text);
    expect([text, new URL(page.url()).pathname]).toEqual([text, path]);
  }
  await at.db.query('create index names on musicbrainz.release (name)');
  await find('Harbour');
  await inEveryView(page, () => [0, 1, 2].map((n) => page.locator('.found').getByText(`Harbour Songs ${n}`)));
  await find(`https://musicbrainz.org/artist/${gid}`);
  await inEveryView(page, () => [page.locator('#find-q-problem', { hasText: 'artist' })]);
});

test('on a phone a review’s decision comes before the pictures, and a link to it stays at hand', async () => {
  const page = await opened(`/reviews/${reviewId}`);
  const decision = page.getByRole('complementary', { name: 'Your decision' });
  const top = async (locator: Locator) => (await locator.boundingBox())!.y;
  for (const width of [390, 1024]) {
    await page.setViewportSize({ width, height: 844 });
    await page.evaluate('scrollTo({ top: 0, behavior: "instant" })');
    expect(await top(page.getByRole('link', { name: 'Your decision' }).first())).toBeLessThan(844);
    expect(await top(decision)).toBeLessThan(await top(page.locator('#images')));
    expect(await top(page.locator('.is-at-hand'))).toBeLessThanOrEqual(await top(page.getByRole('contentinfo')));
  }
  await page.getByRole('link', { name: 'Your decision' }).first().click();
  await expect.poll(() => top(decision)).toBeLessThan(844);
  // Where there is room it stands beside what it is about.
  for (const width of [1280, 1440]) {
    await page.setViewportSize({ width, height: 900 });
    expect(await page.locator('.shortcuts:visible').count()).toBe(0);
    expect((await decision.boundingBox())!.x).toBeGreaterThan(width / 2);
  }
});

test('what was answered is told on the next page, with what takes it back', async () => {
  const page = await opened(`/reviews/${reviewId}`);
  await page.locator('#close textarea').fill('seen to');
  await page.getByRole('button', { name: 'Resolve' }).click();
  const answered = page.locator('#answered');
  await inEveryView(page, () => [answered.getByText(`Review ${reviewId}`), answered.getByText('its audit: due')]);
  await answered.getByRole('button', { name: 'Undo' }).click();
  await inEveryView(page, () => [page.getByRole('button', { name: 'Won’t fix' })]);
  await page.goto(`${at.url}/record`);
  await inEveryView(page, () => [page.locator('main').getByText('Harbour Songs 2')]);
  await page.locator('main .thumbnail').first().waitFor();
});

test('a review says what is wrong and what to do, and each of its answers is at hand', async () => {
  const page = await opened(`/reviews/${reviewId}`);
  await inEveryView(page, () => [
    page.getByRole('heading', { level: 1 }),
    page.getByRole('heading', { name: 'What to do' }),
    page.getByRole('button', { name: 'Resolve' }),
    page.getByRole('button', { name: 'Won’t fix' }),
  ]);
});

test('the overview has what needs a person first, and the mode and the brakes once, as every page', async () => {
  const page = await opened('/');
  await inEveryView(page, () => [
    page.locator('#standing').getByText('Mode: repair'),
    page.locator('#standing').getByText('breaker'),
    page.getByRole('list', { name: 'What needs a person' }).getByText('failed events'),
    ...[
      'in step',
      'audited in 60 minutes',
      'repaired in 60 minutes',
      'reviewed in 60 minutes',
      'requests of audits',
    ].map((words) => page.getByRole('list', { name: 'How the archive stands' }).getByText(words)),
    ...['oldest due event', 'stuck events', 'reviews for operators', 'reviews for archive staff'].map((words) =>
      page.getByRole('list', { name: 'What needs a person' }).getByText(words),
    ),
    page.locator('#audits-by-hour'),
    page.locator('footer').getByText(`artwork-reconciler ${version}`),
    page.getByRole('link', { name: 'Documentation' }),
  ]);
  expect(await page.title()).toMatch(/^\(4\) Overview/);
  expect(await page.locator('header [aria-current]').innerText()).toBe('Overview');
  expect(await page.locator('main').innerText()).not.toMatch(/Mode:|\d{4}-\d\d-\d\dT/);
  // Each moment is an age, and has the moment with its zone where one points at it.
  for (const time of await page.locator('time').all()) {
    expect(await time.getAttribute('title')).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/);
  }
});

test('of the brakes those that are on are cards with their one button, and the others folded', async () => {
  const page = await opened('/schedule');
  await inEveryView(page, () => [
    page.locator('#brake-breaker').getByRole('button', { name: 'Release breaker' }),
    page.getByText(/^\d+ brakes that are off$/),
  ]);
  expect(await page.locator('#brakes article').count()).toBe(1);
  expect(await page.locator('#brakes-off').getAttribute('open')).toBeNull();
});

test('beside its name an MBID is shortened, and its link has all of it', async () => {
  const page = await opened('/reviews');
  const shown = page.locator('.list .gid').first();
  await inEveryView(page, () => [shown]);
  const isCut = (one: { scrollWidth: number; clientWidth: number }) => one.scrollWidth > one.clientWidth;
  for (const { width } of views) {
    await page.setViewportSize({ width, height: 900 });
    expect([width, await shown.evaluate(isCut)]).toEqual([width, true]);
  }
  expect(await shown.getAttribute('href')).toBe(`/entities/release/${gid}`);
});

test('a demo begins with full pages: a day of audits, and failed events of three kinds with their names', async () => {
  const other = await createTestDatabase();
  const cases = await seedDemo(other.db, newArchive(), { seed: 1, entities: 60 });
  await writePast(other.db, { seed: 1, cases, config: readConfig({ file: '/dev/null', env: {} }) });
  const dashboard = await startDashboard(other);
  try {
    const page = await opened('/', false, dashboard.url);
    await inEveryView(page, () => [
      page.locator('#audits-by-hour'),
      page.locator('#attempts-by-hour'),
      page.locator('.tile', { hasText: 'failed events' }).getByText('30', { exact: true }),
      page.locator('#requests tbody tr', { hasText: '503' }).getByText('slow down'),
    ]);
    for (const chart of ['audits', 'attempts'])
      expect(await page.locator(`#${chart}-by-hour rect`).count()).toBeGreaterThanOrEqual(20);
    await page.goto(`${dashboard.url}/events`);
    await inEveryView(page, () => [page.locator('tr[data-row] a.title')]);
    expect(await page.locator('tr[data-row] a.title:not(.gid)').count()).toBe(30);
    await page.goto(`${dashboard.url}/events/reasons`);
    await inEveryView(page, () => [page.locator('tbody tr', { hasText: 'AccessDenied' })]);
    expect(await page.locator('tbody tr').count()).toBe(3);
  } finally {
    await dashboard.stop();
  }
});

test('a dry run is not called done, and what became of its rows leads to the list of them', async () => {
  const page = await opened('/events');
  await page.getByLabel('everything that the filter matches').check();
  await page.getByRole('button', { name: 'Requeue…' }).click();
  await page.waitForURL(/\/bulk\/[0-9a-f-]{36}$/);
  const { pathname } = new URL(page.url());
  const tile = (words: string) => page.locator('.tile', { hasText: words });
  // It may not have been counted when the page was sent, which then loads itself again.
  await tile('3 would be queued again').waitFor();
  await inEveryView(page, () => [
    ...[tile('would be queued again'), tile('would be refused')],
    ...[0, 1, 2].map((n) => page.locator('main').getByText(`Harbour Songs ${n}`)),
  ]);
  await page.locator('main .thumbnail').first().waitFor();
  await page.goto(`${at.url}/bulk`);
  expect(await page.locator('tbody tr').innerText()).toContain('would be 3');
  await page.goto(`${at.url}${pathname}`);
  await page.getByRole('button', { name: 'Requeue 3 events' }).click();
  await page.getByText('It waits for a worker').waitFor();
  await workOnBulkActions(at.db);
  await page.goto(`${at.url}${pathname}`);
  await inEveryView(page, () => [page.locator('#now a', { hasText: '3 queued' })]);
  await page.locator('#now a', { hasText: '3 queued' }).click();
  await page.waitForURL(/bulk=/);
  expect(await page.locator('tr[data-row]').count()).toBe(3);
});
