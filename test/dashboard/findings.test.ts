import { beforeEach, expect, test } from 'vitest';
import { catalogue, checksFor } from '../../src/domain/checks/catalogue.ts';
import { addAuditEntity, audit, clean, finding, index, repair, review } from '../database/entities/support.ts';
import { createTestDatabase } from '../support/database.ts';
import { dashboardParts, visitorOf } from '../support/dashboard.ts';

const database = await createTestDatabase();

beforeEach(() => database.db.query('truncate artwork_reconciler.audit_entity cascade'));

const visit = (path: string, settings: Readonly<Record<string, string>> = {}) =>
  visitorOf(dashboardParts({ db: database.db, settings })).get(path);

/** The row of a check. */
function rowOf(body: string, check: string): string {
  return (new RegExp(`<tr data-row="${check}">.*?</tr>`, 's').exec(body)?.[0] ?? '').replace(/<[^>]+>/g, ' ');
}

test('every check is there, with its sentence and the policy in force', async () => {
  const { status, body } = await visit('/findings', { POLICY_FILES_THUMBNAIL: 'review' });
  expect(status).toBe(200);
  for (const { name } of catalogue) expect(body).toContain(`data-row="${name}"`);
  expect(rowOf(body, 'files.thumbnail')).toMatch(/review\s+default: report/);
});

test('what counts is the newest decided audit; lately is what audits found, now and before', async () => {
  const thumbnail = finding('files.thumbnail', 'report');
  const [mended, shown] = [await addAuditEntity(database.db), await addAuditEntity(database.db)];
  await audit(database.db, mended, { ...clean, findings: [thumbnail] });
  await audit(database.db, mended, clean);
  await audit(database.db, shown, { ...clean, findings: [thumbnail] });
  await audit(database.db, await addAuditEntity(database.db), review(finding('item.dark', 'review')));
  const { body } = await visit('/findings');
  expect(rowOf(body, 'files.thumbnail')).toMatch(/^\s+1\s.*\s50 %\s+2 clean/s);
  expect(rowOf(body, 'item.dark')).toMatch(/^\s+1\s.*\s25 %\s+1 manual review/s);
});

test('an audience’s checks and entities are shown by themselves', async () => {
  const dark = await addAuditEntity(database.db);
  await audit(database.db, dark, review(finding('item.dark', 'review')));
  const small = await addAuditEntity(database.db);
  await audit(database.db, small, { ...clean, findings: [finding('files.thumbnail', 'report')] });
  const { body } = await visit('/findings?audience=archive_staff');
  expect([...body.matchAll(/data-row="([^"]+)"/g)].map(([, check]) => check)).toEqual(checksFor('archive_staff'));
  expect(rowOf(body, 'files.thumbnail')).toMatch(/^\s+1\s.*\sreport\s+archive staff\s/s);
  const listed = (await visit('/entities.csv?audience=archive_staff')).body;
  expect([listed.includes(small.gid), listed.includes(dark.gid)]).toEqual([true, false]);
  expect((await visit('/findings?audience=nobody')).status).toBe(400);
});

test('a check leads to its entities by their status', async () => {
  await audit(database.db, await addAuditEntity(database.db), review(finding('item.dark', 'review')));
  const { body } = await visit('/findings/item.dark');
  expect(body).toContain('href="/entities?check=item.dark"');
  expect(body).toContain('href="/entities?check=item.dark&amp;status=manual_review"');
  expect(body).toContain(catalogue.find(({ name }) => name === 'item.dark')!.sentence.split('`')[0]);
});

test('the lists for the archive’s staff are the command’s', async () => {
  const entity = await addAuditEntity(database.db);
  await audit(database.db, entity, { ...clean, findings: [finding('files.thumbnail', 'report')] });
  const { headers, body } = await visit('/findings/lists/thumbnails.tsv');
  expect(headers.get('content-disposition')).toContain('thumbnails.tsv');
  expect(body.split('\t')[0]).toBe(entity.gid);
  expect((await visit('/findings/lists/noindex.csv')).body.trim().split('\n')).toHaveLength(1);
});

test('the plan for repair mode leads to the entities of each check', async () => {
  const entity = await addAuditEntity(database.db);
  await audit(database.db, entity, repair([index(entity)], finding('index.order', 'index')), 'report');
  const { status, body } = await visit('/plan');
  expect(status).toBe(200);
  expect(rowOf(body, 'index.order')).toMatch(/\s1\s+1\s+1 index\s+100 %\s+100 %\s+would be put on/);
  expect(body).toContain('href="/entities?check=index.order&amp;cause=report_mode"');
  expect((await visit('/entities.csv?check=index.order&cause=report_mode')).body).toContain(entity.gid);
  expect((await visit('/plan', { DASHBOARD_SCAN_ROWS: '1' })).body).toContain('More entities wait');
  expect((await visit('/schedule')).body).toContain('href="/plan"');
});

test.each(['/findings/nonsense', '/findings/lists/nonsense.csv', '/findings/lists/thumbnails.exe'])(
  '%s is 404',
  async (path) => {
    expect((await visit(path)).status).toBe(404);
  },
);
