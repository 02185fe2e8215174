import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, test } from 'vitest';
import { resolveReview, wontFixReview } from '../../../src/database/entities/close-review.ts';
import { audit, finding, review, statusOf } from '../../database/entities/support.ts';
import { openReview, openReviewOf, reviewNow as readReviewNow } from '../open-review.ts';
import { workOnBulkActions } from '../../support/bulk-actions.ts';
import { atADashboard } from './at-a-dashboard.ts';

const at = atADashboard();
beforeEach(() =>
  at.db.query(
    'truncate artwork_reconciler.operator_action, artwork_reconciler.bulk_action, artwork_reconciler.audit_entity cascade',
  ),
);

/** An entity whose audit asks a person about this check, and the review. */
async function ask(check: 'files.extra_image' | 'item.dark', regressed = false) {
  const found = finding(check, 'review');
  const entity = await openReview(at.db, [found]);
  if (!regressed) return { entity, id: entity.reviewId };
  await resolveReview(at.db, { reviewId: entity.reviewId, actor: 'ada', note: 'seen to' });
  await audit(at.db, entity, review(found));
  return { entity, id: await openReviewOf(at.db, entity.id) };
}

const reviewNow = async (id: number) => {
  const { status, notes } = await readReviewNow(at.db, id);
  return [status, notes];
};
const recorded = async () => {
  const { rows } = await at.db.query<{ action: string; note: string | null }>(
    'select action, note from artwork_reconciler.operator_action order by id',
  );
  return rows.map(({ action, note }) => [action, note]);
};
const row = (page: Page, id: number) => page.locator(`tr[data-row="${id}"]`);
const note = (page: Page) => page.locator('#close textarea[name="note"]');

describe.each([
  ['with script', true],
  ['without script', false],
])('reviews, %s', (_what, script) => {
  test('are filtered, opened, resolved with a word on why, one after the other', async () => {
    const [first, second] = [await ask('item.dark'), await ask('item.dark', true)];
    const other = await ask('files.extra_image');
    const page = await at.open({ script });
    await page.goto(`${at.url}/reviews`);
    await row(page, other.id).waitFor();
    await page.getByLabel('Check').selectOption('item.dark');
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.waitForURL(/check=item\.dark/);
    expect(await row(page, other.id).count()).toBe(0);
    expect(await row(page, second.id).locator('.is-regressed').count()).toBe(1);
    expect(await row(page, first.id).locator('.is-regressed').count()).toBe(0);
    await row(page, first.id).getByRole('link').first().click();
    await page.waitForURL(new RegExp(`/reviews/${first.id}\\b`));
    await note(page).fill('it may stay dark');
    await page.getByRole('button', { name: 'Resolve' }).click();
    await page.waitForURL(new RegExp(`/reviews/${second.id}\\b`));
    expect(await reviewNow(first.id)).toEqual(['resolved', 'it may stay dark']);
    expect(await reviewNow(second.id)).toEqual(['open', null]);
    await note(page).fill('the label asked for it');
    await page.getByRole('button', { name: 'Won’t fix' }).click();
    await page.waitForURL((url) => !url.pathname.endsWith(`/${second.id}`));
    expect(await reviewNow(second.id)).toEqual(['wont_fix', 'the label asked for it']);
    expect((await recorded()).slice(-2)).toEqual([
      ['resolve review', 'it may stay dark'],
      ['wont fix review', 'the label asked for it'],
    ]);
  });

  test('are handed over by way of a dry run, and taken back', async () => {
    const { id } = await ask('item.dark');
    const page = await at.open({ script });
    await page.goto(`${at.url}/reviews/${id}`);
    await page.locator('#hand-over select[name="to"]').selectOption('archive_staff');
    await page.locator('#hand-over input[name="ticket"]').fill('IA-17');
    await page.getByRole('button', { name: 'Hand over…' }).click();
    await page.waitForURL(/\/bulk\//);
    await page.getByRole('button', { name: 'Hand over 1 review' }).click();
    await workOnBulkActions(at.db);
    await page.goto(`${at.url}/reviews`);
    expect(await row(page, id).count()).toBe(0);
    await page.goto(`${at.url}/reviews?handed_over=only`);
    expect(await row(page, id).innerText()).toContain('IA-17');
    await page.goto(`${at.url}/reviews/${id}`);
    await page.getByRole('button', { name: 'Take back…' }).click();
    await page.getByRole('button', { name: 'Take back 1 review' }).click();
    await workOnBulkActions(at.db);
    await page.goto(`${at.url}/reviews`);
    expect(await row(page, id).count()).toBe(1);
  });

  test('are opened again', async () => {
    const { id, entity } = await ask('item.dark');
    await wontFixReview(at.db, { reviewId: id, actor: 'ada', note: 'fine' });
    const page = await at.open({ script });
    await page.goto(`${at.url}/reviews/${id}`);
    await note(page).fill('not so fine');
    await page.getByRole('button', { name: 'Reopen' }).click();
    await page.getByRole('button', { name: 'Resolve' }).waitFor();
    expect((await reviewNow(id))[0]).toBe('open');
    expect(await statusOf(at.db, entity)).toBe('manual_review');
  });
});

describe('reviews in bulk', () => {
  test('all of one reason are looked at in a dry run, and left as they are', async () => {
    const alike = [await ask('item.dark'), await ask('item.dark'), await ask('item.dark')];
    const other = await ask('files.extra_image');
    const page = await at.open();
    await page.goto(`${at.url}/reviews/groups`);
    const group = page.locator('tbody tr', { hasText: 'item.dark' });
    await group.getByRole('link').first().click();
    await page.waitForURL(/group=/);
    expect(await page.locator('tr[data-row]').count()).toBe(3);
    expect(await page.getByRole('button', { name: 'Won’t fix…' }).isDisabled()).toBe(true);
    await page.getByLabel('everything that the filter matches').check();
    await page.getByRole('button', { name: 'Won’t fix…' }).click();
    await page.waitForURL(/\/bulk\/[0-9a-f-]{36}$/);
    await page.getByText('3 would be left as it is').waitFor();
    expect((await reviewNow(alike[0]!.id))[0]).toBe('open');
    await page.getByLabel('Note').fill('a policy of theirs');
    await page.getByRole('button', { name: 'Won’t fix 3 reviews' }).click();
    await page.getByText('It waits for a worker').waitFor();
    await workOnBulkActions(at.db);
    await page.locator('main strong', { hasText: 'done' }).waitFor();
    for (const { id } of alike) expect(await reviewNow(id)).toEqual(['wont_fix', 'a policy of theirs']);
    expect((await reviewNow(other.id))[0]).toBe('open');
    expect((await recorded()).filter(([action]) => action !== 'resolve review')).toHaveLength(1);
  });

  test('what somebody else closed meanwhile is told, and not overwritten', async () => {
    const { id } = await ask('item.dark');
    const page = await at.open();
    await page.goto(`${at.url}/reviews/${id}`);
    await wontFixReview(at.db, { reviewId: id, actor: 'bob', note: 'bob was here' });
    await note(page).fill('I was late');
    await page.getByRole('button', { name: 'Resolve' }).click();
    await page.getByText('changed since').waitFor();
    expect(await reviewNow(id)).toEqual(['wont_fix', 'bob was here']);
  });
});

test('the keyboard alone opens a review and closes it', async () => {
  const { id } = await ask('item.dark');
  const page = await at.open();
  await page.goto(`${at.url}/reviews`);
  for (const key of ['j', 'Enter']) await page.keyboard.press(key);
  await page.waitForURL(new RegExp(`/reviews/${id}\\b`));
  await note(page).focus();
  await page.keyboard.type('typed');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => !url.pathname.endsWith(`/${id}`));
  expect(await reviewNow(id)).toEqual(['resolved', 'typed']);
  await page.keyboard.press('u');
  await page.getByRole('button', { name: 'Resolve' }).waitFor();
  expect((await reviewNow(id))[0]).toBe('open');
  await page.keyboard.press('m');
  await expect.poll(() => note(page).inputValue()).toBe('typed');
  await note(page).focus();
  await page.keyboard.press('Control+Enter');
  await page.locator('#answered').waitFor();
  expect(await reviewNow(id)).toEqual(['resolved', 'typed']);
});

test('a review about images opens the pictures, and a refresh of the page keeps them', async () => {
  const { id } = await ask('files.extra_image');
  const page = await at.open();
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await page.goto(`${at.url}/reviews/${id}`);
  await page.locator('#images [role=status] .notice').waitFor();
  await page.keyboard.press('r');
  await expect.poll(() => asked.filter((path) => path === `/reviews/${id}`).length).toBe(2);
  await page.locator('#images[open] [role=status] .notice').waitFor();
  expect(asked.filter((path) => path.endsWith('/images'))).toHaveLength(1);
});
