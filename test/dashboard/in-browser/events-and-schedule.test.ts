import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { readConfig } from '../../../src/config/config.ts';
import { readStoredBrakes, setBrake } from '../../../src/database/brakes/stored-brakes.ts';
import { readPace } from '../../../src/database/pace/rate.ts';
import { emptyQueue, insertEvent, statesOf } from '../../database/queue/queue.ts';
import { workOnBulkActions } from '../../support/bulk-actions.ts';
import { patience } from '../../support/patience.ts';
import { atADashboard } from './at-a-dashboard.ts';

const at = atADashboard();
beforeEach(async () => {
  await emptyQueue(at.db);
  await at.db.query('delete from artwork_reconciler.bulk_action');
  await at.db.query('delete from artwork_reconciler.operator_action');
});

/** A failed event with a reason, and its id. */
async function fail(reason = 'HTTP 503'): Promise<number> {
  const id = await insertEvent(at.db, { state: 'failed', attempts: 5 });
  await at.db.query('insert into artwork_indexer.event_failure_reason (event, failure_reason) values ($1, $2)', [
    id,
    reason,
  ]);
  return id;
}
const recorded = async () => {
  const { rows } = await at.db.query<{ action: string; target: string; note: string | null }>(
    'select action, target, note from artwork_reconciler.operator_action order by id',
  );
  return rows.map(({ action, target, note }) => [action, target, note]);
};
const select = (page: Page, id: number) => page.getByLabel(`Select event ${id}`, { exact: true }).check();
const row = (page: Page, id: number) => page.locator(`tr[data-row="${id}"]`);
const state = (page: Page, words: string) => page.locator('main strong', { hasText: words }).waitFor();

/** Temporal is away from this dashboard: its page says that the action waits, until it is carried out. */
async function carriedOut(page: Page, script = true): Promise<void> {
  await page.getByText('It waits for a worker').waitFor();
  await workOnBulkActions(at.db);
  if (!script) await page.reload();
  await state(page, 'done');
}

/** From the list to the page of the dry run. */
async function dryRun(page: Page, button: 'Requeue…' | 'Dismiss…'): Promise<void> {
  await page.getByRole('button', { name: button }).click();
  await page.waitForURL(/\/bulk\/[0-9a-f-]{36}$/);
  await page.getByText('Discard the dry run').waitFor();
  // Without script a page stays as it was sent, perhaps before the dry run was over.
  const planned = page.getByText(/would be (queued again|dismissed)/);
  await vi.waitFor(
    async () => {
      if ((await planned.count()) === 0) await page.reload();
      expect(await planned.count()).toBeGreaterThan(0);
    },
    { ...patience, interval: 500 },
  );
}

describe.each([
  ['with script', true],
  ['without script', false],
])('failed events, %s', (_what, script) => {
  test('are filtered, selected, looked at in a dry run, queued again and recorded', async () => {
    const [first, second, left] = [await fail('SlowDown'), await fail('SlowDown'), await fail('SlowDown')];
    const other = await fail('HTTP 404');
    const page = await at.open({ script });
    await page.goto(`${at.url}/events`);
    await row(page, other).waitFor();
    await page.getByLabel('Text in a reason').fill('slowdown');
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.waitForURL(/reason=slowdown/);
    expect(await row(page, other).count()).toBe(0);
    await select(page, first);
    await select(page, second);
    if (script) await page.getByText('2 selected').waitFor();
    await dryRun(page, 'Requeue…');
    await page.getByText('2 would be queued again').waitFor();
    expect(await statesOf(at.db, [first, second])).toEqual(['failed', 'failed']);
    await page.getByLabel('Note for the record').fill('the archive is back');
    await page.getByRole('button', { name: 'Requeue 2 events' }).click();
    await carriedOut(page, script);
    await page.getByText('2 queued again').waitFor();
    expect(await statesOf(at.db, [first, second, left, other])).toEqual(['queued', 'queued', 'failed', 'failed']);
    expect(await recorded()).toEqual([['requeue events', '2 events', 'the archive is back']]);
  });

  test('are queued again once, however often that is clicked', async () => {
    const id = await fail();
    const page = await at.open({ script });
    await page.goto(`${at.url}/events`);
    await select(page, id);
    await dryRun(page, 'Requeue…');
    await page.getByRole('button', { name: 'Requeue 1 event' }).dblclick();
    // Without script the second click is a second request, which is told that the first one came before it.
    await vi.waitFor(async () => expect(await recorded()).not.toEqual([]), patience);
    if (script) await carriedOut(page);
    else await workOnBulkActions(at.db);
    expect(await statesOf(at.db, [id])).toEqual(['queued']);
    expect(await recorded()).toEqual([['requeue events', '1 event', null]]);
    // Of its own: the first one may still be on its way to the answer to the second click.
    const later = await page.context().newPage();
    await later.goto(`${at.url}/record`);
    expect(await later.locator('tbody tr').count()).toBe(1);
  });
});

describe('failed events', () => {
  test('are dismissed, all that the filter matches', async () => {
    const ids = [await fail('gone'), await fail('gone'), await fail('gone')];
    const other = await fail('HTTP 503');
    const page = await at.open();
    await page.goto(`${at.url}/events?reason=gone`);
    await page.getByLabel('everything that the filter matches').check();
    await dryRun(page, 'Dismiss…');
    await page.getByLabel('Note for the record').fill('merged long ago');
    await page.getByRole('button', { name: 'Dismiss 3 events' }).click();
    await carriedOut(page);
    expect(await recorded()).toEqual([['dismiss events', '3 events', 'merged long ago']]);
    await page.goto(`${at.url}/events`);
    await row(page, other).waitFor();
    for (const id of ids) expect(await row(page, id).count()).toBe(0);
    expect(await statesOf(at.db, ids)).toEqual(['failed', 'failed', 'failed']);
  });

  test('are shown as they come, but not while some are selected', async () => {
    const first = await fail();
    const page = await at.open();
    await page.clock.install();
    await page.goto(`${at.url}/events`);
    const second = await fail();
    await page.clock.runFor(6000);
    await row(page, second).waitFor();
    await select(page, first);
    const third = await fail();
    let asked = 0;
    page.on('request', () => (asked += 1));
    await page.clock.runFor(60_000);
    expect([asked, await row(page, third).count()]).toEqual([0, 0]);
    expect(await page.getByLabel(`Select event ${first}`, { exact: true }).isChecked()).toBe(true);
    await page.getByLabel(`Select event ${first}`, { exact: true }).uncheck();
    await page.clock.runFor(6000);
    await row(page, third).waitFor();
  });
});

describe('the keyboard alone', () => {
  /** Tab, or Shift+Tab, until the focus is where it is wanted. */
  async function tabTo(page: Page, key: 'Tab' | 'Shift+Tab', text: string): Promise<void> {
    for (let pressed = 0; pressed < 60; pressed += 1) {
      await page.keyboard.press(key);
      if ((await page.locator(':focus').textContent())?.trim() === text) return;
    }
    throw new Error(`${key} never leads to “${text}”`);
  }

  test('selects events, queues them again and confirms it', async () => {
    const ids = [await fail(), await fail(), await fail()];
    const page = await at.open();
    await page.goto(`${at.url}/schedule`);
    await page.keyboard.press('g');
    await page.keyboard.press('v');
    await page.waitForURL(/\/events$/);
    await row(page, ids[0]!).waitFor();
    // The newest is first: the second and the third row, then back to the second and off again.
    for (const key of ['j', 'j', 'x', 'j', 'x', 'k', 'x']) await page.keyboard.press(key);
    await page.getByText('1 selected').waitFor();
    await tabTo(page, 'Shift+Tab', 'Requeue…');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/bulk\//);
    await page.getByText('1 would be queued again').waitFor();
    await tabTo(page, 'Tab', 'Requeue 1 event');
    await page.keyboard.press('Enter');
    await carriedOut(page);
    expect(await statesOf(at.db, ids)).toEqual(['queued', 'failed', 'failed']);
    expect(await recorded()).toEqual([['requeue events', '1 event', null]]);
  });

  test('opens a row, also after the page was loaded again underneath, and changes nothing by it', async () => {
    const id = await fail();
    const page = await at.open();
    await page.goto(`${at.url}/events`);
    await page.keyboard.press('j');
    const later = await fail();
    await page.keyboard.press('r');
    await row(page, later).waitFor();
    await page.keyboard.press('Enter');
    await page.waitForURL(new RegExp(`/events/${id}$`));
    expect((await at.db.query('select from artwork_reconciler.bulk_action')).rowCount).toBe(0);
  });

  test('finds, leaves the field, opens the help and closes it', async () => {
    const page = await at.open();
    await page.goto(`${at.url}/events`);
    await page.keyboard.press('/');
    expect(await page.locator(':focus').getAttribute('id')).toBe('find-q');
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    await page.getByRole('heading', { name: 'Keyboard' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { name: 'Keyboard' }).waitFor({ state: 'hidden' });
    await page.keyboard.press('/');
    await page.keyboard.type('nonsense');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/find\?q=nonsense/);
  });
});

describe('the schedule', () => {
  const config = readConfig({ file: '/dev/null', env: {} });
  const brakes = async () => (await readStoredBrakes(at.db)).map(({ name }) => name);

  test('is paused and resumed, given a pace, and freed of a brake', async () => {
    await setBrake(at.db, { name: 'breaker', reason: 'too many audits found index.url' });
    const page = await at.open();
    await page.goto(`${at.url}/schedule`);
    await page.locator('#pause-audits-note').fill('a holiday');
    await page.getByRole('button', { name: 'Pause audits' }).click();
    await page.getByRole('status').filter({ hasText: 'Audits are paused' }).waitFor();
    expect(await brakes()).toContain('audits_paused');
    await page.getByRole('button', { name: 'Resume audits' }).click();
    await page.getByRole('status').filter({ hasText: 'Audits are started again' }).waitFor();
    expect(await brakes()).toEqual(['breaker']);
    await page.locator('#pace-number').fill('120');
    await page.locator('form#pace').getByRole('button', { name: 'Set the pace' }).click();
    await page.getByRole('status').filter({ hasText: 'The pace is set' }).waitFor();
    expect((await readPace(at.db, config)).perHour).toBe(120);
    await page.getByRole('button', { name: 'Release breaker' }).click();
    await page.getByRole('status').filter({ hasText: 'The brake is off' }).waitFor();
    expect(await brakes()).toEqual([]);
    expect((await recorded()).map(([action]) => action)).toHaveLength(4);
  });
});

describe.each([
  ['with script', true],
  ['without script', false],
])('one archive alone, %s', (_what, script) => {
  test('is paused, shown so, given a pace of its own and resumed', async () => {
    await at.db.query('truncate artwork_reconciler.brake, artwork_reconciler.own_pace');
    const page = await at.open({ script });
    await page.goto(`${at.url}/schedule`);
    const form = page.locator('form#pause-audits');
    await form.getByLabel('Of').selectOption('event');
    await form.getByRole('button', { name: 'Pause audits' }).click();
    await page.getByRole('status').filter({ hasText: 'paused for that archive alone' }).waitFor();
    await page.locator('#standing').getByText('no audits of the Event Art Archive').waitFor();
    await page.locator('#pace-event-number').fill('30');
    await page.locator('form#pace-event').getByRole('button', { name: 'Set the pace' }).click();
    await page.locator('#schedule').getByText('of the Event Art Archive: 30 audits an hour').waitFor();
    await page.getByRole('button', { name: 'Resume audits of the Event Art Archive' }).click();
    await page.getByRole('status').filter({ hasText: 'It is started again for that archive' }).waitFor();
    expect(await recorded()).toEqual([
      ['set brake', 'audits_paused_eaa', null],
      ['set pace', 'pace', null],
      ['release brake', 'audits_paused_eaa', null],
    ]);
  });
});

describe.each([
  ['with script', true],
  ['without script', false],
])('a window, %s', (_what, script) => {
  test('is refused at its field with what was written, set, seen with its countdown, and ended', async () => {
    await at.db.query('delete from artwork_reconciler.pause_window');
    const page = await at.open({ script });
    await page.goto(`${at.url}/schedule`);
    const form = page.locator('form#window');
    await form.getByLabel('From').fill('2:00');
    await form.getByLabel('Until').fill('2:00');
    await form.getByLabel('daily').check();
    await form.getByLabel('Without').selectOption('events');
    await form.getByLabel('Reason').fill('the archive rests');
    await form.getByRole('button', { name: 'Set the window' }).click();
    await page.locator('#window-until-problem').waitFor();
    expect(await form.getByLabel('Reason').inputValue()).toBe('the archive rests');
    expect(await form.getByLabel('daily').isChecked()).toBe(true);

    await form.getByLabel('Until').fill('1:59');
    await form.getByRole('button', { name: 'Set the window' }).click();
    const card = page.locator('article[id^="window-"]');
    await card.waitFor();
    expect(await card.textContent()).toMatch(
      /no events, daily, from .*(ends|begins) in \d+ (h|min|s): the archive rests/,
    );
    await card.getByLabel('Note').fill('done');
    await card.getByRole('button', { name: /^End window \d+$/ }).click();
    await page.getByText('No window is on or to come.').waitFor();
    expect(await recorded()).toEqual([
      ['add window', 'window', 'the archive rests'],
      ['end window', 'window', 'done'],
    ]);
  });
});
