import type { Page } from 'playwright-core';
import { beforeEach, expect, test } from 'vitest';
import { setBrake } from '../../../src/database/brakes/stored-brakes.ts';
import { dismissEvents } from '../../../src/database/queue/dismiss-events.ts';
import { addRelease } from '../../../src/simulator/musicbrainz/builders.ts';
import { emptyQueue, insertEvent, statesOf } from '../../database/queue/queue.ts';
import { workOnBulkActions } from '../../support/bulk-actions.ts';
import { atADashboard } from './at-a-dashboard.ts';

const at = atADashboard();
beforeEach(async () => {
  await emptyQueue(at.db);
  await at.db.query('delete from artwork_reconciler.bulk_action');
  await at.db.query('delete from artwork_reconciler.operator_action');
});

const recorded = async () => {
  const { rows } = await at.db.query<{ action: string; target: string; note: string | null }>(
    'select action, target, note from artwork_reconciler.operator_action order by id',
  );
  return rows.map(({ action, target, note }) => [action, target, note]);
};

/** Temporal is away from this dashboard: its page says that the action waits, until it is carried out. */
async function carriedOut(page: Page): Promise<void> {
  await page.getByText('It waits for a worker').waitFor();
  await workOnBulkActions(at.db);
  await page.locator('main strong', { hasText: 'done' }).waitFor();
}

test('wrong repairs are stopped from the overview, what waits is looked at, withdrawn and recorded', async () => {
  await at.db.query('delete from artwork_reconciler.brake');
  const [repair, own] = [await insertEvent(at.db), await insertEvent(at.db)];
  await at.db.query(`insert into artwork_reconciler.event_origin (event, origin) values ($1, 'audit')`, [repair]);
  const page = await at.open();
  await page.goto(at.url);
  await page.getByText('Wrong repairs? Stop them').click();
  await page.locator('#stop-repairs-note').fill('the schema changed');
  await page.getByRole('button', { name: 'Pause repairs' }).click();
  await page.waitForURL(/\/schedule\?done=repairs_paused/);
  await page.locator('#brake-repairs_paused').getByText('the schema changed').waitFor();
  await page.getByRole('button', { name: 'Withdraw queued repairs…' }).click();
  await page.getByText('1 would be withdrawn').waitFor();
  expect(await statesOf(at.db, [repair, own])).toEqual(['queued', 'queued']);
  await page.getByLabel('Note for the record').fill('wrong');
  await page.getByRole('button', { name: 'Withdraw 1 event' }).click();
  await carriedOut(page);
  expect(await statesOf(at.db, [repair, own])).toEqual(['failed', 'queued']);
  expect(await recorded()).toEqual([
    ['set brake', 'repairs_paused', 'the schema changed'],
    ['withdraw events', '1 event', 'wrong'],
  ]);
});

test('beside a tripped breaker, what it had queued can be withdrawn', async () => {
  await setBrake(at.db, {
    name: 'breaker',
    reason: '120 of the last 200 audits found index.url',
    detail: { kind: 'finding', check: 'index.url' },
  });
  await insertEvent(at.db);
  const page = await at.open();
  await page.goto(`${at.url}/schedule`);
  await page.getByRole('button', { name: 'Withdraw what it had queued…' }).click();
  await page.waitForURL(/\/bulk\/[0-9a-f-]{36}$/);
  await page.getByText('index.url').first().waitFor();
});

test('what is done to selected rows stays in sight, rows between two are selected with Shift, and updates wait', async () => {
  const ids: number[] = [];
  for (let n = 0; n < 30; n += 1) ids.push(await insertEvent(at.db, { state: 'failed', attempts: 5 }));
  const page = await at.open();
  await page.goto(`${at.url}/events`);
  const updates = page.getByRole('complementary', { name: 'Updates' });
  await updates.getByText('Kept up to date.').waitFor();
  const box = (n: number) => page.getByLabel(`Select event ${ids[n]}`, { exact: true });
  const bar = page.locator('#bulk > fieldset');
  for (const width of [390, 1280, 1440]) {
    await page.setViewportSize({ width, height: 844 });
    await box(0).check();
    await box(3).click({ modifiers: ['Shift'] });
    await page.getByText('4 selected').waitFor();
    await updates.getByText('Updates wait while rows are selected.').waitFor({ state: 'attached' });
    const { y } = (await bar.boundingBox())!;
    expect([width, y >= 0 && y < 844]).toEqual([width, true]);
    expect(await bar.getByRole('button', { name: 'Requeue…' }).isEnabled()).toBe(true);
    await box(0).uncheck();
    await box(3).click({ modifiers: ['Shift'] });
  }
  // The same by the keyboard, from the newest.
  for (const key of ['j', 'x', 'j', 'j', 'X']) await page.keyboard.press(key);
  await page.getByText('3 selected').waitFor();
});

test('updates are paused and resumed, and an MBID is copied', async () => {
  const release = await addRelease(at.db);
  const page = await at.open();
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.clock.install();
  await page.goto(`${at.url}/entities/release/${release.gid}`);
  await page.keyboard.press('s');
  await page.getByText('Updates are paused.').waitFor();
  const asked: string[] = [];
  // The picture at the head comes from elsewhere, whenever it does.
  page.on('request', (request) => void (request.url().startsWith(at.url) && asked.push(request.url())));
  await page.clock.runFor(60_000);
  expect(asked).toEqual([]);
  await page.getByRole('button', { name: 'Copy the MBID' }).click();
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  expect(await page.evaluate('navigator.clipboard.readText()')).toBe(release.gid);
  await page.getByRole('button', { name: 'Resume' }).click();
  await page.getByText('Kept up to date.').waitFor();
});

test('a few are repaired first', async () => {
  await at.db.query(`update artwork_reconciler.pace set mode = 'report', mode_set_at = now()`);
  const page = await at.open();
  await page.goto(`${at.url}/schedule`);
  await page.getByLabel('Repair a few first').fill('5');
  await page.getByRole('button', { name: 'Repair that many, then report again' }).click();
  await page.waitForURL(/done=mode_canary/);
  await page.locator('#canary-summary').getByText('0 of 5 entities repaired').waitFor();
  await page.getByRole('button', { name: 'Switch to report mode' }).click();
  await page.waitForURL(/done=mode_report/);
});

test('what was done is taken back from the record, after a dry run', async () => {
  const id = await insertEvent(at.db, { state: 'failed', attempts: 5 });
  await dismissEvents(at.db, [id], { actor: 'ida' });
  const page = await at.open();
  await page.goto(`${at.url}/record`);
  await page.getByRole('button', { name: /^Undo action/ }).click();
  await page.getByText('1 would be as they were before').waitFor();
  await page.getByRole('button', { name: 'Undo 1 event' }).click();
  await carriedOut(page);
  expect(await recorded()).toEqual([
    ['dismiss events', `event ${id}`, null],
    ['undo events', '1 event', null],
  ]);
  const left = await at.db.query('select from artwork_reconciler.event_dismissal');
  expect(left.rowCount).toBe(0);
});
