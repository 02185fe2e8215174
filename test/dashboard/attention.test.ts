import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { setBrake } from '../../src/database/brakes/stored-brakes.ts';
import { openDatabase } from '../../src/database/connection.ts';
import { version } from '../../src/version.ts';
import { dashboardParts, visitorOf } from '../support/dashboard.ts';
import { createTestDatabase } from '../support/database.ts';

const database = await createTestDatabase();

describe('the frame', () => {
  const nowhere = async () => (await visitorOf(dashboardParts(database)).get('/nowhere')).body;

  test('says the mode, the version and where the documentation is, and counts nothing where nothing waits', async () => {
    const body = await nowhere();
    expect(body).toContain('<title>Not found · artwork-reconciler</title>');
    expect(body).toContain('Mode: report');
    expect(body).toContain(`artwork-reconciler ${version}`);
    expect(body).toContain('<a href="/docs">Documentation</a>');
    expect(body).not.toContain('class="count"');
  });

  test('counts what waits for a person, in the navigation and the title, and says which brakes are on', async () => {
    const { db } = database;
    await db.query(
      `insert into artwork_indexer.event_queue (entity_type, action, message, state, attempts)
       select 'release', 'noop', to_jsonb(n), 'failed', 5 from generate_series(1, 3) n`,
    );
    await db.query(
      `with entity as (
         insert into artwork_reconciler.audit_entity (entity_type, gid) values ('release', gen_random_uuid()) returning id
       )
       insert into artwork_reconciler.needs_manual_review (audit_entity_id, review_reason) select id, 'x' from entity`,
    );
    await setBrake(db, { name: 'writes_fail_caa', reason: 'they all say <so>' });
    const visitor = visitorOf(dashboardParts(database));
    const { body } = await visitor.get('/schedule');
    const counts = [...body.matchAll(/<span class="count">(\d+)<span class="unseen">([^<]*)</g)];
    expect(counts.map(([, count, what]) => `${count}${what}`)).toEqual(['3 failed', '1 open', '1 brakes on']);
    expect(body).toContain('<title>(4) Schedule');
    expect(/<aside.*<\/aside>/s.exec(body)?.[0]).toMatch(/they all say &lt;so&gt;.*writes fail caa<\/a>: no events/s);
    // What one did oneself is seen at once, however recently the frame was read.
    await visitor.post('/schedule/pause-events', {});
    expect(/<aside.*<\/aside>/s.exec((await visitor.get('/schedule')).body)?.[0]).toContain('events paused');
    await db.query('delete from artwork_reconciler.brake');
  });

  test('is there while the database is away, without its counts, and says that brakes are not known', async () => {
    const away = openDatabase({ host: '127.0.0.1', port: 1 });
    const { body } = await visitorOf(dashboardParts({ db: away })).get('/nowhere');
    expect(body).toContain('<a href="/reviews"');
    expect(body).not.toContain('class="count"');
    expect(/<aside.*<\/aside>/s.exec(body)?.[0]).toContain('not known now');
    await away.close();
  });
});

describe('the documentation', () => {
  test('is this version’s, each document with links to the others', async () => {
    const visitor = visitorOf(dashboardParts(database));
    expect((await visitor.get('/docs')).location).toBe('/docs/README.md');
    expect((await visitor.get('/docs/README.md')).body).toContain('<a href="/docs/reviews.md">reviews.md</a>');
    expect((await visitor.get('/docs/reviews.md')).status).toBe(200);
  });

  test.each(readdirSync(resolve(import.meta.dirname, '../../docs')).filter((name) => name.endsWith('.md')))(
    'reads as a page, with no sign of how it is written: %s',
    async (name) => {
      const { status, body } = await visitorOf(dashboardParts(database)).get(`/docs/${name}`);
      const prose = body
        .replace(/^.*<article/s, '')
        .replace(/<pre.*?<\/pre>|<code>.*?<\/code>/gs, '')
        .replace(/<[^>]*>/g, '');
      expect(status).toBe(200);
      expect(prose.match(/\*\*|\]\(|`|^\||^#|&lt;!--/gm)).toBeNull();
      expect(body.match(/<h1/g)).toHaveLength(1);
    },
  );

  test.each(['nothing.md', '..%2fREADME.md', '%2e%2e%2fpackage.json', 'images'])('has no %s', async (name) => {
    expect((await visitorOf(dashboardParts(database)).get(`/docs/${name}`)).status).toBe(404);
  });
});
