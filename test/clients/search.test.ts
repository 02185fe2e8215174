import { describe, expect, test } from 'vitest';
import { projects } from '../../src/domain/entity.ts';
import { startAnsweringServer } from './answering-server.ts';
import { atTheSimulator, caaAuthorization, clientsOf, eaaAuthorization } from './at-the-simulator.ts';

const at = atTheSimulator();

/** What is made of an answer to the question for a page. */
async function scraped(
  { status = 200, body }: { readonly status?: number; readonly body: unknown },
  cursor: string | null = null,
) {
  const server = await startAnsweringServer((_request, response) =>
    response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body)),
  );
  return clientsOf(at.db, { ARCHIVE_URL: server.url }).search.scrape(projects.release, {
    cursor,
    changedSince: null,
    withoutCount: false,
  });
}

const beginning = { cursor: null, changedSince: null, withoutCount: false };
const page = { items: [{ identifier: 'mbid-1' }, { identifier: 'mbid-2' }], total: 3 };

describe('a page of a collection', () => {
  test.each([
    ['release', 'coverartarchive', caaAuthorization],
    ['event', 'eventartarchive', eaaAuthorization],
  ] as const)(
    'of %ss is asked for with its project’s key, hidden items included, and from the cursor on',
    async (type, collection, authorization) => {
      const server = await startAnsweringServer((_request, response) => response.end(JSON.stringify(page)));
      const { search } = clientsOf(at.db, { ARCHIVE_URL: server.url });
      await search.scrape(projects[type], beginning);
      await search.scrape(projects[type], { ...beginning, cursor: 'W3:x', withoutCount: false });
      await clientsOf(at.db, { ARCHIVE_URL: server.url, S3_CAA_ACCESS: '', S3_EAA_ACCESS: '' }).search.scrape(
        projects[type],
        beginning,
      );
      const asked = server.received.map(({ url }) => Object.fromEntries(new URL(url, server.url).searchParams));
      const first = { q: `collection:${collection}`, fields: 'identifier', count: '10000', scope: 'all' };
      expect(asked).toEqual([first, { ...first, cursor: 'W3:x' }, first]);
      expect(server.received.map(({ headers }) => headers.authorization)).toEqual([
        authorization,
        authorization,
        undefined,
      ]);
    },
  );

  test.each([
    ['has a cursor where there are more', { ...page, cursor: 'W3:y' }, 'W3:y', 3],
    ['has none where it is the last', page, null, 3],
    ['has none where it is said to be null', { ...page, cursor: null }, null, 3],
    ['may have its total as text', { ...page, total: '3' }, null, 3],
    ['may name no total', { items: page.items }, null, null],
    ['names none where it is null', { ...page, total: null }, null, null],
  ])('%s', async (_what, body, cursor, total) => {
    expect(await scraped({ body })).toEqual({
      kind: 'page',
      identifiers: ['mbid-1', 'mbid-2'],
      writtenAt: new Map(),
      cursor,
      total,
    });
  });

  test('says when its items were written, where a scan looks for that and the archive tells', async () => {
    const items = [
      { identifier: 'mbid-1', oai_updatedate: ['2018-06-05T16:18:12Z', '2020-07-07T15:02:03Z'] },
      { identifier: 'mbid-2', oai_updatedate: 'lately' },
      { identifier: 'mbid-3' },
    ];
    const server = await startAnsweringServer((_request, response) =>
      response.end(JSON.stringify({ items, total: 3 })),
    );
    const { search } = clientsOf(at.db, { ARCHIVE_URL: server.url });
    const answer = await search.scrape(projects.release, { ...beginning, changedSince: '2020-01-01T00:00:00.000Z' });
    expect(new URL(server.received[0]!.url, server.url).searchParams.get('fields')).toBe('identifier,oai_updatedate');
    expect(answer).toMatchObject({
      identifiers: ['mbid-1', 'mbid-2', 'mbid-3'],
      writtenAt: new Map([['mbid-1', new Date('2020-07-07T15:02:03Z')]]),
    });
  });

  test('is left to the archive’s own size where that is asked for', async () => {
    const server = await startAnsweringServer((_request, response) => response.end(JSON.stringify(page)));
    const { search } = clientsOf(at.db, { ARCHIVE_URL: server.url });
    await search.scrape(projects.release, { ...beginning, cursor: 'W3:x', withoutCount: true });
    const asked = new URL(server.received[0]!.url, server.url).searchParams;
    expect([asked.has('count'), asked.get('cursor')]).toEqual([false, 'W3:x']);
  });

  test.each([
    ['has no items', { total: 0 }],
    ['has an item without a name', { ...page, items: [{}] }],
    ['has a total below 0', { items: [], total: -1 }],
    ['has a total that is no whole number', { items: [], total: 0.5 }],
    ['has an empty total', { items: [], total: '' }],
    ['has a total that is none', { items: [], total: [] }],
    ['has a cursor that is empty', { ...page, cursor: '' }],
    ['is no JSON', '<html>'],
  ])('that %s tells nothing', async (_what, body) => {
    await expect(scraped({ body })).rejects.toMatchObject({ name: 'UnreadableError' });
  });

  test('that is none is told with its request', async () => {
    await expect(scraped({ body: { total: 0 } })).rejects.toThrow(
      /^no page of items: HTTP 200: .+ \(GET http.+\/scrape\?q=collection%3Acoverartarchive&/,
    );
  });

  test('that goes on from a cursor to another one is a page like any other', async () => {
    expect(await scraped({ body: { ...page, cursor: 'W3:y' } }, 'W3:x')).toMatchObject({
      kind: 'page',
      cursor: 'W3:y',
    });
  });

  test('is counted, and named by its request where none came', async () => {
    const server = await startAnsweringServer((_request, response) => response.destroy());
    const clients = clientsOf(at.db, { ARCHIVE_URL: server.url });
    await expect(clients.search.scrape(projects.release, beginning)).rejects.toThrow(/\(GET http/);
    expect(clients.counts()).toEqual({ scrape: 1 });
  });
});

test.each([[{ error: 'busy', errorType: 'X' }], [{ error: { reason: 'busy' } }], [{ error: null }]])(
  '%j is a fault that the archive reports',
  async (body) => {
    expect(await scraped({ body })).toMatchObject({
      kind: 'error',
      reason: expect.stringContaining('HTTP 200') as string,
    });
  },
);

test('a cursor that the archive doesn’t know any more is refused, and nothing else of that status is', async () => {
  const unknown = { status: 400, body: { error: 'Invalid cursor' } };
  expect(await scraped(unknown, 'W3:x')).toMatchObject({ kind: 'cursor_refused' });
  await expect(scraped(unknown)).rejects.toMatchObject({ name: 'RefusedError' });
  await expect(scraped({ status: 400, body: 'bad query' }, 'W3:x')).rejects.toMatchObject({ name: 'RefusedError' });
  await expect(scraped({ ...unknown, status: 500 }, 'W3:x')).rejects.toMatchObject({ name: 'UnreadableError' });
});

test.each([
  [302, 'UnreadableError'],
  [401, 'KeyRefusedError'],
  [403, 'RefusedError'],
  [404, 'RefusedError'],
  [408, 'UnreadableError'],
  [499, 'RefusedError'],
  [500, 'UnreadableError'],
  [503, 'UnreadableError'],
])('%d is a %s', async (status, name) => {
  await expect(scraped({ status, body: page })).rejects.toMatchObject({ name });
});
