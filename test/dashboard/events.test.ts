import { beforeEach, describe, expect, test } from 'vitest';
import { failAttempt } from '../../src/database/attempts/end-attempt.ts';
import { dismissEvents } from '../../src/database/queue/dismiss-events.ts';
import { requeueEvents } from '../../src/database/queue/requeue-events.ts';
import {
  A,
  B,
  C,
  copy,
  deletion,
  emptyQueue,
  index,
  insertEvent,
  insertEventAs,
  insertEvents,
  rowOf,
  settings,
  statesOf,
  take,
} from '../database/queue/queue.ts';
import { dashboardParts, type Visitor, visitorOf } from '../support/dashboard.ts';
import { createTestDatabase } from '../support/database.ts';

const database = await createTestDatabase();
let visitor: Visitor;
beforeEach(async () => {
  await emptyQueue(database.db);
  await database.db.query('delete from artwork_reconciler.operator_action');
  visitor = visitorOf(dashboardParts(database));
});

const failed = { state: 'failed', attempts: 5 } as const;
const failWith = async (event: object, reason: string): Promise<number> => {
  const id = await insertEvent(database.db, { ...event, ...failed });
  await database.db.query('insert into artwork_indexer.event_failure_reason (event, failure_reason) values ($1, $2)', [
    id,
    reason,
  ]);
  return id;
};
/** The ids of the rows that a page lists. */
const listed = (body: string): number[] => [...body.matchAll(/<tr data-row="(\d+)"/g)].map(([, id]) => Number(id));
const list = async (query: string): Promise<number[]> => {
  const { status, body } = await visitor.get(`/events${query}`);
  expect([query, status]).toEqual([query, 200]);
  return listed(body);
};

describe('the list of events', () => {
  test('shows failed ones that nobody dismissed, the newest first, unless told otherwise', async () => {
    const ids = await insertEvents(database.db, [failed, failed, {}, failed, { state: 'completed' }]);
    await dismissEvents(database.db, [ids[1]!], { actor: 'rob' });
    expect(await list('')).toEqual([ids[3], ids[0]]);
    expect(await list('?dismissed=only')).toEqual([ids[1]]);
    expect(await list('?dismissed=shown')).toEqual([ids[3], ids[1], ids[0]]);
    expect(await list('?state=queued')).toEqual([ids[2]]);
    expect(await list('?state=completed')).toEqual([ids[4]]);
    expect(await list('?state=any')).toEqual([ids[4], ids[3], ids[2], ids[0]]);
  });

  test('has events whose id is beyond 2^53 in their place, exactly, and leads to each', async () => {
    const [low, high] = ['9007199254740993', '9007199254740995'];
    const plain = await insertEvent(database.db, failed);
    for (const id of [low, high]) await insertEventAs(database.db, id, { ...index(B), ...failed });
    const { body } = await visitor.get('/events');
    expect([...body.matchAll(/<tr data-row="(\d+)"/g)].map(([, id]) => id)).toEqual([high, low, String(plain)]);
    expect(await list(`?after=${low}`)).toEqual([plain]);
    const shown = await visitor.get(`/events/${low}`);
    expect(shown.status).toBe(200);
    expect(shown.body).toContain(low);
    for (const none of ['9007199254740994', '9223372036854775808', '1e3']) {
      expect([none, (await visitor.get(`/events/${none}`)).status]).toEqual([none, 404]);
    }
  });

  test('is filtered by entity type, action, text of a reason, MBID or address, and age', async () => {
    const old = await failWith({ ...index(A), age: 3 * 24 * 60 }, 'HTTP 503, SlowDown');
    const moved = await failWith({ ...copy(1, B, C), age: 60 }, 'HTTP 404');
    const ofEvent = await failWith({ ...index(B), entityType: 'event' }, '100 % timeout_');
    expect(await list('?entity_type=event')).toEqual([ofEvent]);
    expect(await list('?action=copy_image')).toEqual([moved]);
    expect(await list('?reason=slowdown')).toEqual([old]);
    expect(await list(`?reason=${encodeURIComponent('0 % time')}`)).toEqual([ofEvent]);
    expect(await list(`?mbid=${C.toUpperCase()}`)).toEqual([moved]);
    expect(await list(`?mbid=${encodeURIComponent(`https://musicbrainz.org/event/${B}`)}`)).toEqual([ofEvent]);
    expect(await list('?older=1d')).toEqual([old]);
    expect(await list('?newer=2h&older=30m')).toEqual([moved]);
    expect(await list('?older=4d')).toEqual([]);
  });

  test('counts what is in each state, and says how many match', async () => {
    await insertEvents(database.db, [failed, failed, {}]);
    const { body } = await visitor.get('/events');
    expect(body).toMatch(/Failed<span class="count"> 2</);
    expect(body).toMatch(/Waiting<span class="count"> 1</);
    expect(body).toContain('everything that the filter matches: 2');
  });

  test('is cut into pages by the last row, so that rows that come meanwhile shift nothing', async () => {
    visitor = visitorOf(dashboardParts({ ...database, settings: { DASHBOARD_ROWS: '2' } }));
    const ids = await insertEvents(database.db, [failed, failed, failed]);
    const { body } = await visitor.get('/events');
    const next = /<a href="([^"]+)" rel="next"/.exec(body)![1]!.replaceAll('&amp;', '&');
    await insertEvent(database.db, failed);
    expect(listed((await visitor.get(next)).body)).toEqual([ids[0]]);
  });

  test('a filter that matches rarely says how far it looked, and continues from there', async () => {
    visitor = visitorOf(dashboardParts({ ...database, settings: { DASHBOARD_SCAN_ROWS: '2' } }));
    const rare = await failWith(index(A), 'a rare reason');
    const [older] = await insertEvents(database.db, [failed, failed]);
    const { body } = await visitor.get('/events?reason=rare');
    expect(listed(body)).toEqual([]);
    expect(body).toContain(`2 were checked, down to event ${older}`);
    expect(await list(`?reason=rare&after=${older}`)).toEqual([rare]);
  });

  test('says why a waiting one waits', async () => {
    const [first, second] = await insertEvents(
      database.db,
      [index(A), index(A)].map((it, n) => ({ ...it, entityType: n ? 'event' : 'release' }) as const),
    );
    const third = await insertEvent(database.db, { ...index(B), dependsOn: [first!] });
    const { body } = await visitor.get('/events?state=queued');
    expect(body).toContain(`it depends on ${first}, not completed yet`);
    expect(body).toContain(`event ${first} touches the same item, and goes first`);
    expect(body).toContain('it is due');
    expect(listed(body)).toEqual([third, second, first]);
  });

  test('is a file of all that matches, however many pages that is', async () => {
    visitor = visitorOf(dashboardParts({ ...database, settings: { DASHBOARD_SCAN_ROWS: '2' } }));
    const ids = await insertEvents(database.db, [failed, { ...failed, ...copy(7, A, B) }, failed, failed, failed]);
    const csv = (await visitor.get('/events.csv')).body.trim().split('\n');
    expect(csv[0]).toMatch(/^id,state,/);
    expect(csv.slice(1).map((line) => Number(line.split(',')[0]))).toEqual([...ids].reverse());
    const json = (await visitor.get('/events.json?action=copy_image')).body.trim().split('\n');
    expect(json.map((line) => JSON.parse(line) as unknown)).toMatchObject([{ id: ids[1], action: 'copy_image' }]);
  });

  test.each([
    'state=gone',
    'older=yesterday',
    'mbid=nonsense',
    'after=-1',
    'action=x',
    'reason=%00',
    'dismissed=1',
    'entity_type=artist',
  ])('a parameter that can’t be read is refused: %s', async (query) => {
    for (const path of ['/events', '/events.csv']) expect((await visitor.get(`${path}?${query}`)).status).toBe(400);
  });

  test('hostile texts are shown as texts, and cut', async () => {
    await failWith(
      { action: 'index', message: { gid: '<img src=x onerror=alert(1)>' } },
      `<script>alert(1)</script>\u202e${'x'.repeat(10_000)}`,
    );
    const { body } = await visitor.get('/events');
    expect(body).not.toMatch(/<script>alert|<img/);
    expect(body).toContain('&lt;script&gt;alert(1)');
    expect(body).not.toContain('x'.repeat(300));
  });
});

describe('the page of an event', () => {
  test('tells what each attempt was answered, why it waits, who queued it, and the whole tree', async () => {
    const [root, parent] = await insertEvents(database.db, [copy(1, A, B), deletion(1, A)]);
    await database.db.query('update artwork_indexer.event_queue set depends_on = array[$1::bigint] where id = $2', [
      root,
      parent,
    ]);
    const child = await insertEvent(database.db, { ...index(C), dependsOn: [parent!] });
    const grandchild = await insertEvent(database.db, { ...index(B), dependsOn: [child] });
    const { runId } = await take(database.db, root!);
    await failAttempt(
      database.db,
      {
        eventId: root!,
        runId,
        reason: 'HTTP 503 <b>',
        permanent: false,
        answer: { status: 503, bodyExcerpt: '<Code>SlowDown</Code>', requestId: 'REQ-1' },
      },
      settings,
    );
    const { body } = await visitor.get(`/events/${root}`);
    for (const text of ['HTTP 503 &lt;b&gt;', '&lt;Code&gt;SlowDown', 'REQ-1', 'its next attempt is not due until']) {
      expect(body).toContain(text);
    }
    // The event is queued; its attempt is not.
    expect(body).toContain('Attempt 1: <span class="badge is-will-be-retried">will be retried</span>');
    expect(body).toContain(`href="/entities/release/${A}"`);
    for (const id of [parent, child, grandchild]) expect(body).toContain(`<a href="/events/${id}">event ${id}</a>`);
    const leaf = (await visitor.get(`/events/${grandchild}`)).body;
    for (const id of [child, parent, root]) expect(leaf).toContain(`<a href="/events/${id}">event ${id}</a>`);
  });

  test('says of an attempt that failed as the one before that it did, and folds the reason', async () => {
    const id = await insertEvent(database.db, index(A));
    const reasons = ['404 A', '404 A', '503 B'].map((what, n) => `HTTP ${what}: x (PUT f, RequestId ${n + 1})`);
    for (const [n, reason] of reasons.entries()) {
      await database.db.query(
        `insert into artwork_reconciler.event_attempt (event, run_id, attempt, started_at, ended_at, outcome, reason)
         values ($1, $2, $3::int, now(), now() + $3::int * interval '1 second', 'queued', $4)`,
        [id, `run-${n}`, n + 1, reason],
      );
    }
    const { body } = await visitor.get(`/events/${id}`);
    expect(body.match(/: the same reason<details><summary>The reason of attempt \d/g)).toEqual([
      ': the same reason<details><summary>The reason of attempt 2',
    ]);
    expect(body.match(/RequestId \d/g)).toEqual(['RequestId 1', 'RequestId 2', 'RequestId 3']);
  });

  test('has a reason with what happened first, the request dim, and the answer folded', async () => {
    const id = await failWith(
      index(A),
      `PUT mbid-${A}/index.json: HTTP 404 (RequestId x): <Error><Code>Odd</Code></Error>`,
    );
    await database.db.query(
      `insert into artwork_indexer.event_failure_reason (event, failure_reason) values ($1, $2)`,
      [id, `HTTP 403 AccessDenied: Access Denied (PUT mbid-${A}/index.json, RequestId y)`],
    );
    const { body } = await visitor.get(`/events/${id}`);
    expect(body).toContain(`>HTTP 404 Odd\n<span class="hint">PUT mbid-${A}/index.json</span></pre>`);
    expect(body).toMatch(/<details><summary>What the archive answered<\/summary><pre[^>]*>&lt;Error&gt;/);
    expect(body).toContain(
      `>HTTP 403 AccessDenied: Access Denied\n<span class="hint">PUT mbid-${A}/index.json, RequestId y</span></pre>`,
    );
    expect((await visitor.get('/events')).body).toContain(
      `<td data-label="Reason">HTTP 403 AccessDenied: Access Denied <span class="hint where" title="PUT mbid-${A}/index.json, RequestId y">PUT mbid-${A}`,
    );
  });

  test('ends for events that depend on each other in a circle, and for a tree that is too large', async () => {
    const [one, two] = await insertEvents(database.db, [failed, failed]);
    await database.db.query('update artwork_indexer.event_queue set depends_on = array[$1::bigint] where id = $2', [
      one,
      two,
    ]);
    await database.db.query('update artwork_indexer.event_queue set depends_on = array[$1::bigint] where id = $2', [
      two,
      one,
    ]);
    const { body } = await visitor.get(`/events/${one}`);
    expect(body).toContain('shown above');
    visitor = visitorOf(dashboardParts({ ...database, settings: { DASHBOARD_TREE_EVENTS: '2' } }));
    for (let n = 0; n < 5; n++) await insertEvent(database.db, { ...failed, dependsOn: [one!] });
    expect((await visitor.get(`/events/${one}`)).body).toContain('There are more than are shown here.');
  });

  test('one that is not there is 404', async () => {
    expect((await visitor.get('/events/999999999')).status).toBe(404);
    expect((await visitor.get('/events/99999999999999999999')).status).toBe(404);
    expect((await visitor.get('/events/x')).status).toBe(404);
  });

  const seenOn = (body: string): string => /name="seen" value="([^"]+)"/.exec(body)![1]!;

  test('a failed one is requeued with what failed with it, and tells so ever after', async () => {
    const id = await insertEvent(database.db, failed);
    const child = await insertEvent(database.db, { ...failed, dependsOn: [id] });
    const { body } = await visitor.get(`/events/${id}`);
    expect(body).toContain('Requeue, and 1 that failed with it');
    const answer = await visitor.post(`/events/${id}/requeue`, { seen: seenOn(body), note: 'the archive is back' });
    expect([answer.status, answer.location]).toEqual([303, `/events/${id}`]);
    expect(await statesOf(database.db, [id, child])).toEqual(['queued', 'queued']);
    for (const each of [id, child]) {
      expect((await visitor.get(`/events/${each}`)).body).toContain('requeue events · the archive is back');
    }
  });

  test('a second click, or a page that was shown before it changed, changes nothing and says so', async () => {
    const id = await insertEvent(database.db, { ...failed, age: 10 });
    const { body } = await visitor.get(`/events/${id}`);
    const form = { seen: seenOn(body) };
    expect((await visitor.post(`/events/${id}/dismiss`, form)).status).toBe(303);
    const again = await visitor.post(`/events/${id}/dismiss`, form);
    expect([again.status, again.body.includes('it is dismissed')]).toEqual([409, true]);
    await requeueEvents(database.db, [id], { actor: 'somebody else' });
    const { last_updated: before } = await rowOf(database.db, id);
    const late = await visitor.post(`/events/${id}/requeue`, form);
    expect([late.status, late.body.includes('it is queued now')]).toEqual([409, true]);
    expect((await rowOf(database.db, id)).last_updated).toEqual(before);
  });

  test.each(['the event', 'what failed with it'])(
    'a page from before %s was dismissed takes no dismissal back, and overwrites none',
    async (dismissed) => {
      const id = await insertEvent(database.db, { ...failed, age: 10 });
      const child = await insertEvent(database.db, { ...failed, dependsOn: [id], age: 10 });
      const form = { seen: seenOn((await visitor.get(`/events/${id}`)).body) };
      const which = dismissed === 'the event' ? id : child;
      await dismissEvents(database.db, [which], { actor: 'ada', note: 'the item is spam' });
      for (const action of ['requeue', 'dismiss']) {
        const { status, body } = await visitor.post(`/events/${id}/${action}`, form);
        expect([action, status]).toEqual([action, 409]);
        expect(body).toContain('has changed since the page was shown');
      }
      expect(await statesOf(database.db, [id, child])).toEqual(['failed', 'failed']);
      const { rows } = await database.db.query(
        'select event, actor, note from artwork_reconciler.event_dismissal where event = any ($1)',
        [[id, child]],
      );
      expect(rows).toEqual([{ event: which, actor: 'ada', note: 'the item is spam' }]);
      // Whoever has seen it decides as they like.
      const again = { seen: seenOn((await visitor.get(`/events/${id}`)).body) };
      expect((await visitor.post(`/events/${id}/requeue`, again)).status).toBe(303);
    },
  );

  test('one whose like is queued is not queued twice', async () => {
    const [id, twin] = await insertEvents(database.db, [{ ...index(A), ...failed }, index(A)]);
    const { body } = await visitor.get(`/events/${id}`);
    const answer = await visitor.post(`/events/${id}/requeue`, { seen: seenOn(body) });
    expect(answer.status).toBe(409);
    expect(answer.body).toContain(`event ${twin} is the same, and queued`);
  });
});
