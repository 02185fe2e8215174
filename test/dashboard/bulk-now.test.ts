import { expect, test } from 'vitest';
import { addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import { addEvent } from '../database/entities/support.ts';
import { workOnBulkActions } from '../support/bulk-actions.ts';
import { dashboardParts, textOf, visitorOf } from '../support/dashboard.ts';
import { createTestDatabase } from '../support/database.ts';

const database = await createTestDatabase();

test('the page of a bulk action says what has become of its rows, each by its name', async () => {
  const { db } = database;
  const ids: number[] = [];
  for (let n = 0; n < 3; n += 1) {
    const release = await addRelease(db, { name: 'Harbour Songs' });
    ids.push(await addEvent(db, { key: release, state: 'failed' }));
  }
  const settings = { DASHBOARD_BULK_FIRST_SECONDS: '600' };
  const visitor = visitorOf(dashboardParts({ ...database, settings }));
  await visitor.get('/events');
  const { location } = await visitor.post('/events/bulk', { what: 'requeue_events', scope: 'matching' });
  const page = async () => textOf((await visitor.get(location!)).body);
  expect(await page()).not.toContain('Now:');
  await visitor.post(`${location}/confirm`, {});
  await workOnBulkActions(db);
  expect(await page()).toContain('Now: 3 queued.');
  await db.query(
    `update artwork_indexer.event_queue
     set state = case when id = $1 then 'failed' else 'completed' end::artwork_indexer.event_state`,
    [ids[0]],
  );
  expect(await page()).toContain('Now: 2 completed, 1 failed again.');
  expect(await page()).toContain('Harbour Songs, by ');
  const [, now = ''] = /<p id="now">(.*?)<\/p>/s.exec((await visitor.get(location!)).body) ?? [];
  const links = [...now.matchAll(/href="([^"]+)">(\d+) /g)];
  expect(links).toHaveLength(2);
  for (const [, path = '', count] of links) {
    const { status, body } = await visitor.get(path.replaceAll('&amp;', '&'));
    expect([status, body.match(/<tr data-row=/g)?.length]).toEqual([200, Number(count)]);
  }
  const { body: csv } = await visitor.get(`${location}/rows.csv`);
  expect(csv.match(new RegExp(`^(${ids.join('|')}),Harbour Songs,`, 'gm'))).toHaveLength(3);
});
