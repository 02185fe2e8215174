import { beforeEach, describe, expect, test } from 'vitest';
import { A, B, copy, deletion, emptyQueue, index, insertEvent, statesOf } from '../database/queue/queue.ts';
import { dashboardParts, type Visitor, visitorOf } from '../support/dashboard.ts';
import { createTestDatabase } from '../support/database.ts';
import { patience } from '../support/patience.ts';

const database = await createTestDatabase();
let visitor: Visitor;
beforeEach(async () => {
  await emptyQueue(database.db);
  visitor = visitorOf(dashboardParts(database));
});

const failWith = async (event: object, reason: string): Promise<number> => {
  const id = await insertEvent(database.db, { ...event, state: 'failed', attempts: 5 });
  await database.db.query('insert into artwork_indexer.event_failure_reason (event, failure_reason) values ($1, $2)', [
    id,
    reason,
  ]);
  return id;
};
/** The ids of the rows that a page lists. */
const listed = (body: string): number[] => [...body.matchAll(/<tr data-row="(\d+)"/g)].map(([, id]) => Number(id));

describe('failed events by reason', () => {
  test('count as one where only numbers, names and moments differ, and lead to their list', async () => {
    const slow = [];
    for (const n of [1, 2, 3]) {
      slow.push(
        await failWith(
          {},
          `PUT https://s3/mbid-${A.replace('0000', `000${n}`)}/index.json: HTTP 503 SlowDown, request ${n}8AF23BC`,
        ),
      );
    }
    const parents = [
      await failWith({}, 'event 17, which this one depends on, failed'),
      await failWith({}, 'event 123456, which this one depends on, failed'),
    ];
    const missing = await failWith({}, 'PUT https://s3/x/index.json: HTTP 404');
    const { body } = await visitor.get('/events/reasons');
    const links = [
      ...body.matchAll(/<td class="number"[^>]*>(\d+)<\/td>.*?<th scope="row" class="text"><a href="([^"]+)"/gs),
    ];
    expect(links.map(([, count]) => Number(count))).toEqual([3, 2, 1]);
    const lists = [];
    for (const [, , href] of links) lists.push(listed((await visitor.get(href!.replaceAll('&amp;', '&'))).body));
    expect(lists).toEqual([[...slow].reverse(), [...parents].reverse(), [missing]]);
  });

  const document = (code: string, message: string, file: string): string =>
    `PUT ${file}: HTTP 404 (RequestId ${code}-1): <?xml version='1.0' encoding='UTF-8'?> ` +
    `<Error><Code>${code}</Code><Message>${message}</Message><Resource>/${file}</Resource></Error>`;

  test('are told apart by action, status, code and message alone, and shown as they were written', async () => {
    const [one, two] = ['8000022a-1111-4111-8111-111111111111', '9e873f51-2222-4222-8222-222222222222'];
    const missing = (gid: string, file: string): string =>
      `HTTP 404 NoSuchKey: The specified key does not exist (PUT mbid-${gid}/mbid-${gid}-${file}, RequestId ${gid})`;
    await failWith(copy(22, A, B), missing(one, '8000022.png'));
    await failWith(copy(23, A, B), missing(two, '7.jpg'));
    await failWith(copy(24, A, B), document('NoSuchKey', 'The specified key does not exist.', `mbid-${two}/x-1.gif`));
    await failWith(deletion(25, A), missing(one, '8000022.png'));
    await failWith(copy(26, A, B), missing(one, '1.png').replace('404', '410'));
    // Half of an MBID is no number of an event.
    await failWith(index(A), `event ${one} is merged into ${two} in MusicBrainz: nothing to index`);
    await failWith(index(B), `event ${two} is merged into ${one} in MusicBrainz: nothing to index`);
    const { body } = await visitor.get('/events/reasons');
    const rows = [...body.matchAll(/<tr data-row="\d+">(.*?)<\/tr>/gs)].map(([, row]) =>
      row!
        .replace(/<form.*<\/form>/s, '')
        .replace(/<[^>]+>/g, ' ')
        .replace(/\s+/g, ' ')
        .trim(),
    );
    const key = 'HTTP 404 NoSuchKey: The specified key does not exist';
    expect(rows.map((row) => row.replace(/ event \d+ :.*/, ''))).toEqual([
      `3 copy image ${key}`,
      '2 index event … is merged into … in MusicBrainz: nothing to index',
      `1 copy image ${key.replace('404', '410')}`,
      `1 delete image ${key}`,
    ]);
    expect(rows[1]).toContain(`event ${two} is merged into ${one} in MusicBrainz`);
    expect(rows[3]).toContain(`${key} PUT mbid-${one}/mbid-${one}-8000022.png, RequestId ${one}`);
  });

  test('are requeued and dismissed by kind, after a dry run of exactly these', async () => {
    const ids = [await failWith(copy(1, A, B), 'HTTP 404 NoSuchKey (PUT mbid-1/a.png)')];
    ids.push(await failWith(copy(2, A, B), 'HTTP 404 NoSuchKey (PUT mbid-1/b.jpg)'));
    await failWith(deletion(3, A), 'HTTP 404 NoSuchKey (DELETE mbid-1/c.png)');
    const { body } = await visitor.get('/events/reasons');
    const [, form] = /<form (?=[^>]*action="\/events\/bulk")[^>]*id="kind-\d+"[^>]*>(.*?)<\/form>/s.exec(body)!;
    const fields = [...form!.matchAll(/name="([^"]+)" value="([^"]*)"/g)].map(([, name, value]) => [name, value]);
    expect(fields.filter(([name]) => name === 'what')).toEqual([
      ['what', 'requeue_events'],
      ['what', 'dismiss_events'],
    ]);
    const answer = await visitor.post('/events/bulk', {
      ...(Object.fromEntries(fields) as Record<string, string>),
      what: 'requeue_events',
    });
    expect(answer.status).toBe(303);
    const dryRun = (await visitor.get(answer.location!)).body;
    expect(dryRun).toContain('Requeue 2 events: dry run');
    expect(dryRun).toContain('with the action copy_image');
    expect(await statesOf(database.db, ids)).toEqual(['failed', 'failed']);
  });

  test('are counted to the end however many there are, without making anybody wait for it', async () => {
    visitor = visitorOf(dashboardParts({ ...database, settings: { DASHBOARD_SCAN_ROWS: '2' } }));
    for (let n = 0; n < 5; n++) await failWith({}, 'HTTP 500');
    await expect
      .poll(async () => (await visitor.get('/events/reasons')).body, patience)
      .toMatch(/<td class="number"[^>]*>5<\/td>/);
  });
});
