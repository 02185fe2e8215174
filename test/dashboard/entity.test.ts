import { beforeEach, describe, expect, test } from 'vitest';
import { resolveReview } from '../../src/database/entities/close-review.ts';
import { releaseEntity } from '../../src/database/entities/release-entity.ts';
import { findCheck } from '../../src/domain/checks/catalogue.ts';
import type { EntityKey } from '../../src/domain/entity.ts';
import { addEvent as addMusicbrainzEvent, addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import { deleteEntity, mergeEntity } from '../../src/simulator/musicbrainz/changes.ts';
import {
  addAuditEntity,
  addEvent,
  audit,
  begin,
  clean,
  endEvent,
  finding,
  index,
  repair,
  review,
  settings,
} from '../database/entities/support.ts';
import { dashboardParts, textOf, type Visited, visitorOf } from '../support/dashboard.ts';
import { createTestDatabase } from '../support/database.ts';

const database = await createTestDatabase();

beforeEach(() =>
  database.db.query('truncate artwork_reconciler.operator_action, artwork_reconciler.audit_entity cascade'),
);

const open = () => visitorOf(dashboardParts({ db: database.db }));
const pathOf = ({ entityType, gid }: EntityKey, rest = ''): string => `/entities/${entityType}/${gid}${rest}`;
const visit = (key: EntityKey, rest = ''): Promise<Visited> => open().get(pathOf(key, rest));

const unknown = (): EntityKey => ({ entityType: 'release', gid: crypto.randomUUID() });

describe('who it is', () => {
  test('a release has its name, its artist, and its links', async () => {
    const entity = await addRelease(database.db, { name: 'Nothing in Particular', images: 2 });
    const { status, body } = await visit(entity);
    expect(status).toBe(200);
    expect(body).toContain('<h1>Nothing in Particular, by Nina Simone</h1>');
    expect(textOf(body)).toContain('MusicBrainz has this release, with 2 images.');
    expect(body).toContain(`href="https://musicbrainz.org/release/${entity.gid}"`);
    expect(body).toContain(`/details/mbid-${entity.gid}"`);
    expect(body).toContain(`href="https://coverartarchive.org/release/${entity.gid}"`);
    expect(body).toContain('<button>Index</button>');
    expect((await visit(await addRelease(database.db, { images: 0 }))).body).not.toContain('class="thumbnail"');
  });

  test('one that was merged leads to what it became, and that one back', async () => {
    const { db } = database;
    const [from, into] = [await addRelease(db), await addRelease(db)];
    await mergeEntity(db, from, into);
    expect((await visit(from)).body).toContain(`href="${pathOf(into)}"`);
    expect((await visit(into)).body).toContain(`href="${pathOf(from)}"`);
  });

  test('one that was deleted, and one that never was, say so, and offer no index', async () => {
    const event = await addMusicbrainzEvent(database.db);
    await deleteEntity(database.db, event);
    for (const key of [event, unknown()]) expect((await visit(key)).body).not.toContain('<button>Index</button>');
    expect(textOf((await visit(event)).body)).toContain('Deleted in MusicBrainz');
    expect(textOf((await visit(unknown())).body)).toContain('MusicBrainz knows no release of this MBID');
  });

  test('a hostile name is text, short in the title and harmless everywhere', async () => {
    const name = `<img src=x onerror=alert(1)>\u202e${'ü'.repeat(10_000)}`;
    const { body } = await visit(await addRelease(database.db, { name }));
    expect(body).toContain('&lt;img src=x onerror=alert(1)&gt;');
    expect(body).not.toContain('<img src=x');
    expect(/<title>(.*?)<\/title>/s.exec(body)![1]!.length).toBeLessThan(400);
  });

  test('one that nobody ever asked to audit is no error: the page says so and offers it', async () => {
    const { status, body } = await visit(unknown());
    expect(status).toBe(200);
    expect(textOf(body)).toContain('It is not among the entities that are audited');
    expect(body).toContain('Audit now</button>');
  });

  test.each(['/entities/artist/76df3287-6cda-33eb-8e9a-044b5e15ffdd', '/entities/release/nonsense'])(
    '%s is 404 and says what an address has',
    async (path) => {
      const { status, body } = await open().get(path);
      expect(status).toBe(404);
      expect(body).toContain('names no entity');
    },
  );

  test.each(['?before=x', '?followed=x', '?indexed=-1', '/timeline?after=%00'])('%s is refused', async (query) => {
    expect((await visit(unknown(), query)).status).toBe(400);
  });
});

describe('its status in words', () => {
  test.each([
    ['unchecked', {}, 'It is due now, and is audited when its turn comes'],
    [
      'unchecked',
      { due_at: new Date(Date.now() + 7_200_000), due_cause: 'settling' },
      'its item changed lately, or the archive has tasks outstanding for it',
    ],
    ['unchecked', { due_at: new Date(Date.now() + 9e8), due_cause: 'report_mode' }, 'a switch to repair makes it due'],
    ['clean', { last_audit_at: new Date() }, 'It is audited again in 365 days'],
    ['legacy', { last_audit_at: new Date() }, 'nothing of it is left in public'],
    ['manual_review', {}, 'when a person closes the review'],
    ['repair_queue', {}, 'When none of them is queued or running it is audited again, after 1 h'],
    ['audit_in_progress', {}, 'The audit decides, or releases it'],
  ])('%s %j', async (status, columns, words) => {
    const entity = await addAuditEntity(database.db, { status, ...columns });
    expect(textOf((await visit(entity)).body)).toContain(words);
  });

  test('one in progress names the run, and leads to it where Temporal’s UI is known', async () => {
    const entity = await addAuditEntity(database.db);
    const { runId } = await begin(database.db, entity);
    const parts = { ...dashboardParts(database), temporalUi: 'http://localhost:8233/namespaces/default' };
    const { body } = await visitorOf(parts).get(pathOf(entity));
    expect(body).toContain(
      `http://localhost:8233/namespaces/default/workflows/audit-release-${entity.gid}/${runId}/history`,
    );
  });

  test('one that is repaired can’t be audited before its repairs have ended', async () => {
    const entity = await addAuditEntity(database.db, { status: 'repair_queue' });
    const { body } = await visit(entity);
    expect(textOf(body)).toContain('It can’t be audited now');
    expect(body).not.toContain('id="audit-now"');
  });
});

describe('its audits', () => {
  test('each has what was found as expected and found, the check’s sentence, and why the policy is what it is', async () => {
    const entity = await addAuditEntity(database.db);
    await audit(database.db, entity, review(finding('item.dark', 'review'), finding('files.thumbnail', 'report')));
    const text = textOf((await visit(entity)).body);
    expect(text).toContain('item.dark review');
    expect(text).toMatch(/Where index\.json Expected there Found nothing/);
    expect(text).toContain(findCheck('item.dark')!.wrong);
    expect(text).toContain('That is the default');
  });

  test('its repairs lead to their events, each with what became of it', async () => {
    const entity = await addAuditEntity(database.db);
    const { eventIds } = await audit(database.db, entity, repair([index(entity)]));
    const { body } = await visit(entity);
    expect(body).toContain(`<a href="/events/${eventIds[0]}">event ${eventIds[0]}</a>`);
    await endEvent(database.db, { eventId: eventIds[0]!, entityType: 'release', gids: [entity.gid] }, 'completed');
    expect(textOf((await visit(entity)).body)).toContain(`event ${eventIds[0]} completed`);
  });

  test('what report mode would have queued is named as not queued', async () => {
    const entity = await addAuditEntity(database.db);
    await audit(database.db, entity, repair([index(entity)]), 'report');
    expect(textOf((await visit(entity)).body)).toContain('nothing was queued');
  });

  test('one that decided nothing says why', async () => {
    const entity = await addAuditEntity(database.db);
    const { entityId, runId } = await begin(database.db, entity);
    await releaseEntity(database.db, { entityId, runId, cause: 'unreadable', reason: 'metadata: 503' }, settings);
    expect(textOf((await visit(entity)).body)).toContain('Released (unreadable): metadata: 503');
  });

  test('are all there, page after page, the newest first', async () => {
    const entity = await addAuditEntity(database.db);
    const made: number[] = [];
    for (let n = 0; n < 12; n += 1) made.unshift((await audit(database.db, entity, clean)).auditId);
    const seen: number[] = [];
    for (let path: string | undefined = pathOf(entity); path !== undefined;) {
      const { body } = await open().get(path);
      seen.push(...[...body.matchAll(/id="audit-(\d+)"/g)].map(([, id]) => Number(id)));
      path = /href="([^"#]+)#audits" rel="next"/.exec(body)?.[1];
    }
    expect(seen).toEqual(made);
  });

  test('hostile texts in findings and reasons are text', async () => {
    const entity = await addAuditEntity(database.db);
    const hostile = { subject: '<b>x</b>', expected: '"><script>1</script>', found: `\u202e${'y'.repeat(10_000)}` };
    const found = { ...finding('index.value', 'review'), examples: [{ ...hostile, policy: 'review' as const }] };
    await audit(database.db, entity, review(found));
    for (const rest of ['', '/timeline']) {
      const { status, body } = await visit(entity, rest);
      expect(status).toBe(200);
      expect(body).not.toContain('<script>1');
      expect(body).not.toContain('<b>x');
    }
  });
});

describe('what else is known of it', () => {
  test('events that name it, copies in either direction among them, with their reasons', async () => {
    const [entity, other] = [await addAuditEntity(database.db), unknown()];
    const message = { artwork_id: 1, old_gid: other.gid, new_gid: entity.gid, suffix: 'jpg' };
    const copy = await addEvent(database.db, { key: entity, action: 'copy_image', message, state: 'failed' });
    await database.db.query(
      `insert into artwork_indexer.event_failure_reason (event, failure_reason) values ($1, '503 <i>SlowDown</i>')`,
      [copy],
    );
    const foreign = await addEvent(database.db, { key: other });
    const { body } = await visit(entity);
    expect(body).toContain(`href="/events/${copy}"`);
    expect(body).toContain('503 &lt;i&gt;SlowDown&lt;/i&gt;');
    expect(body).not.toContain(`href="/events/${foreign}"`);
  });

  test('reviews, and what operators did to it and to them', async () => {
    const entity = await addAuditEntity(database.db);
    await audit(database.db, entity, review(finding('item.dark', 'review')));
    const { rows } = await database.db.query<{ id: number }>('select id from artwork_reconciler.needs_manual_review');
    const reviewId = rows[0]!.id;
    expect(textOf((await visit(entity)).body)).toContain(`Review ${reviewId} waits for a person`);
    await resolveReview(database.db, { reviewId, actor: 'ada', note: 'darkened it' });
    const text = textOf((await visit(entity)).body);
    expect(text).not.toContain('waits for a person');
    expect(text).toContain('by ada: darkened it');
    expect(text).toContain('ada resolve review');
  });
});

describe('its timeline', () => {
  test('has all of it, the newest first, page after page', async () => {
    const { db } = database;
    const entity = await addAuditEntity(db);
    for (let n = 0; n < 4; n += 1) await audit(db, entity, clean);
    await audit(db, entity, review(finding('item.dark', 'review')));
    const { rows } = await db.query<{ id: number }>('select id from artwork_reconciler.needs_manual_review');
    await resolveReview(db, { reviewId: rows[0]!.id, actor: 'ada', note: 'seen to' });
    // Several in one transaction have one moment.
    await db.transaction(async (tx) => {
      for (let n = 1; n <= 5; n += 1) {
        const message = { gid: entity.gid, artwork_id: n, suffix: 'jpg' };
        await addEvent(tx, { key: entity, action: 'delete_image', message });
      }
    });
    await addEvent(db, { key: entity, state: 'completed' });
    const seen: string[] = [];
    const moments: string[] = [];
    const visitor = visitorOf(dashboardParts({ db, settings: { DASHBOARD_ROWS: '3' } }));
    for (let path: string | undefined = pathOf(entity, '/timeline'); path !== undefined;) {
      const { body } = await visitor.get(path);
      const list = /<ol class="timeline">.*<\/ol>/s.exec(body)?.[0] ?? '';
      seen.push(...[...list.matchAll(/<a href="[^"]+">([A-Z][a-z ]+ \d+)<\/a>/g)].map(([, what]) => what!));
      moments.push(...[...list.matchAll(/datetime="([^"]+)"/g)].map(([, at]) => at!));
      path = /href="([^"]+)" rel="next"/.exec(body)?.[1]?.replaceAll('&amp;', '&');
    }
    const count = (what: string): number => seen.filter((each) => each.startsWith(what)).length;
    expect(new Set(seen).size).toBe(seen.length);
    expect([count('Audit'), count('Queued event'), count('End of event')]).toEqual([5, 6, 1]);
    expect([count('Opened review'), count('Closed review'), count('Operator action')]).toEqual([1, 1, 1]);
    expect([...moments].sort().reverse()).toEqual(moments);
  });
});

test('its timeline and its events call other entities by their names', async () => {
  const { db } = database;
  const [from, into] = [await addRelease(db, { name: 'Harbour Songs' }), await addRelease(db, { name: 'Ferry Songs' })];
  const message = { old_gid: from.gid, new_gid: into.gid, artwork_id: 98, suffix: 'jpg' };
  const event = await addEvent(db, { key: into, action: 'copy_image', message });
  const { body } = await open().get(pathOf(into, '/timeline'));
  expect(textOf(body)).toMatch(/Queued event \d+ copy image Harbour Songs, by .* to Ferry Songs, by .* image 98\.jpg/);
  expect(body).toContain(`/download/mbid-${from.gid}/mbid-${from.gid}-98_thumb250.jpg"`);
  const page = (await open().get(`/events/${event}`)).body;
  expect(page).toMatch(/<h1>Ferry Songs, by .* — copy image<\/h1>/);
  expect(textOf(page)).toContain('Harbour Songs, by ');
});

describe('index', () => {
  test('queues an index event once, and records who asked', async () => {
    const entity = await addAuditEntity(database.db);
    const visitor = open();
    await visitor.get(pathOf(entity));
    const first = await visitor.post(pathOf(entity, '/index'), { note: 'art is stale' });
    expect(first.status).toBe(303);
    const second = await visitor.post(pathOf(entity, '/index'), {});
    expect(second.location).toBe(first.location);
    const more = Array.from({ length: 6 }, () => visitor.post(pathOf(entity, '/index'), { note: 'again' }));
    for (const { location } of await Promise.all(more)) expect(location).toBe(first.location);
    const { rows } = await database.db.query<{ id: number }>(
      `select id from artwork_indexer.event_queue where action = 'index' and message->>'gid' = $1`,
      [entity.gid],
    );
    expect(rows).toHaveLength(1);
    const { body } = await visitor.get(first.location!);
    expect(body).toContain(`href="/events/${rows[0]!.id}"`);
    const record = await database.db.query(
      `select action, target, after, note from artwork_reconciler.operator_action order by id`,
    );
    expect(record.rows).toEqual([
      {
        action: 'index entity',
        target: `release ${entity.gid}`,
        after: { event: rows[0]!.id },
        note: 'art is stale',
      },
    ]);
  });
});

describe('audit now, while Temporal is away', () => {
  test('is 503, says so, and leaves no trace', async () => {
    const entity = await addAuditEntity(database.db);
    const visitor = open();
    await visitor.get(pathOf(entity));
    const { status, headers, body } = await visitor.post(pathOf(entity, '/audit'), {});
    expect(status).toBe(503);
    expect(headers.get('retry-after')).toBe('10');
    expect(body).toContain('Temporal can’t be reached');
    const { rows } = await database.db.query('select from artwork_reconciler.operator_action');
    expect(rows).toEqual([]);
  });

  test('a run that is followed says that it is unknown how far it is', async () => {
    const { status, body } = await visit(unknown(), `?followed=${crypto.randomUUID()}`);
    expect(status).toBe(200);
    expect(textOf(body)).toContain('Temporal can’t be reached to say how far it is');
  });

  test('what is in the database is told without it', async () => {
    const entity = await addAuditEntity(database.db);
    const { runId } = await begin(database.db, entity);
    expect(textOf((await visit(entity, `?followed=${runId}`)).body)).toContain('It runs since');
  });
});
