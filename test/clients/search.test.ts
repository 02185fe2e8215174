import { describe, expect, test } from 'vitest';
import { projects } from '../../src/domain/project.ts';
import { atTheSimulator, caaAuthorization, clientsOf, eaaAuthorization } from './at-the-simulator.ts';
import { startAnsweringServer } from './answering-server.ts';

const at = atTheSimulator();

/** What is made of an answer to the question for a page. */
async function scraped(
  { status = 200, body }: { readonly status?: number; readonly body: unknown },
  cursor: string | null = null,
) {
  const server = await startAnsweringServer((_request, response) =>
    response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body)),
  );
  return clientsOf(at.db, { ARCHIVE_URL: server.url }).search.scrape(projects.release, { cursor, withoutCount: false });
}

const beginning = { cursor: null, withoutCount: false };
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
      await search.scrape(projects[type], { cursor: 'W3:x', withoutCount: false });
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
    expect(await scraped({ body })).toEqual({ kind: 'page', identifiers: ['mbid-1', 'mbid-2'], cursor, total });
  });

  test('is left to the archive’s own size where that is asked for', async () => {
    const server = await startAnsweringServer((_request, response) => response.end(JSON.stringify(page)));
    const { search } = clientsOf(at.db, { ARCHIVE_URL: server.url });
    await search.scrape(projects.release, { cursor: 'W3:x', withoutCount: true });
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
