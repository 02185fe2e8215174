import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { addRelease } from '../../../src/simulator/musicbrainz/builders.ts';
import { addAuditEntity, audit, entityNow, finding, review, statusOf } from '../../database/entities/support.ts';
import { workOnBulkActions } from '../../support/bulk-actions.ts';
import { atADashboard } from './at-a-dashboard.ts';

const at = atADashboard();
beforeEach(() =>
  at.db.query(
    'truncate artwork_reconciler.operator_action, artwork_reconciler.bulk_action, artwork_reconciler.audit_entity cascade',
  ),
);

describe.each([
  ['with script', true],
  ['without script', false],
])('the form by list, %s', (_what, script) => {
  test('a pasted list is looked at line by line, confirmed, and done', async () => {
    const clean = await addAuditEntity(at.db, { status: 'clean' });
    const fresh = await addRelease(at.db, { images: 1 });
    const page = await at.open({ script });
    await page.goto(`${at.url}/entities`);
    await page.getByRole('link', { name: 'Prioritise, exclude or index what a list names' }).click();
    await page.getByLabel('Prioritise').check();
    await page.getByLabel('The list').fill(`${clean.gid}\nThe Wall\nrelease ${fresh.gid}\n${clean.gid}`);
    await page.getByRole('button', { name: 'Dry run' }).click();
    await page.waitForURL(/\/bulk\/[0-9a-f-]{36}$/);
    await page.getByRole('heading', { name: 'Lines that are not taken' }).waitFor();
    expect(await page.locator('[data-row="line-2"]').innerText()).toContain('it is no MBID');
    expect(await page.locator('[data-row="line-4"]').innerText()).toContain('the same as line 1');
    expect(await page.locator('main').innerText()).toContain(`release ${fresh.gid}`);
    expect(await statusOf(at.db, clean)).toBe('clean');
    await page.getByLabel('Note for the record').fill('a thread');
    await page.getByRole('button', { name: 'Prioritise 2 entities' }).click();
    await workOnBulkActions(at.db);
    await page.goto(page.url());
    expect(await Promise.all([clean, fresh].map(async (key) => (await entityNow(at.db, key)).priority))).toEqual([
      500, 500,
    ]);
  });

  test('reviews of a list that came back are audited again, to close where nothing is found any more', async () => {
    const entity = await addAuditEntity(at.db);
    await audit(at.db, entity, review(finding('item.dark', 'review')));
    const page = await at.open({ script });
    await page.goto(`${at.url}/bulk/list`);
    await page.getByLabel('Audit again reviews').check();
    await page.getByLabel('The list').fill(entity.gid);
    await page.getByRole('button', { name: 'Dry run' }).click();
    await page.waitForURL(/\/bulk\/[0-9a-f-]{36}$/);
    await page.getByLabel('Note for the record').fill('IA-17 is done');
    await page.getByRole('button', { name: 'Audit again 1 review' }).click();
    await workOnBulkActions(at.db);
    expect(await statusOf(at.db, entity)).toBe('unchecked');
  });

  test('entities that a list shows are selected, and audited again', async () => {
    const clean = await addAuditEntity(at.db, { status: 'clean' });
    const page = await at.open({ script });
    await page.goto(`${at.url}/entities`);
    await page.getByLabel(`Select entity ${clean.id}`).check();
    await page.getByRole('button', { name: 'Audit again…' }).click();
    await page.getByRole('button', { name: 'Audit again 1 entity' }).click();
    await workOnBulkActions(at.db);
    expect(await statusOf(at.db, clean)).toBe('unchecked');
  });

  test('a file, all of it or nothing: with one bad line there is nothing to confirm', async () => {
    const clean = await addAuditEntity(at.db, { status: 'clean' });
    const page = await at.open({ script });
    await page.goto(`${at.url}/bulk/list`);
    await page.getByLabel('Exclude').check();
    await page.getByLabel('or a file').setInputFiles({
      name: 'list.txt',
      mimeType: 'text/plain',
      buffer: Buffer.from(`${clean.gid}\n${randomUUID()}`),
    });
    await page.getByLabel('all of it, or nothing').check();
    await page.getByRole('button', { name: 'Dry run' }).click();
    await page.getByText('all or nothing was asked for').waitFor();
    expect(await page.locator('#confirm').count()).toBe(0);
    expect(await page.locator('main').innerText()).toContain('neither MusicBrainz nor this program knows it');
    expect(await statusOf(at.db, clean)).toBe('clean');
  });
});
