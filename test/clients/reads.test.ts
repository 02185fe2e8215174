import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { ItemPlace } from '../../src/clients/archive-read.ts';
import { CoolDownError, UnreadableError } from '../../src/clients/errors.ts';
import { projects } from '../../src/domain/entity.ts';
import { startAnsweringServer } from './answering-server.ts';
import { atTheSimulator, caaAuthorization, clientsOf, gid, item } from './at-the-simulator.ts';

const at = atTheSimulator();
const image = { name: `${item}-17.jpg`, content: Buffer.from('the image') };

function seed(): void {
  at.simulator.archive.seedItem({
    identifier: item,
    metadata: { collection: ['coverartarchive', 'image'], mediatype: 'image', noindex: 'true' },
    files: [image],
  });
}

async function place(): Promise<ItemPlace> {
  const seen = await at.clients().reader.observe(gid);
  if (seen.kind !== 'present') throw new Error(`the item is ${seen.kind}`);
  at.simulator.resetRequests();
  return seen;
}

/** What a download asks for; whatever bytes come are believed. */
const fileNamed = (name: string, maxBytes = 1000) => ({ name, md5: null, maxBytes });

const md5Of = (content: Buffer | string): string => createHash('md5').update(content).digest('hex');

const kinds = (): (string | null)[] => at.requests().map(({ kind }) => kind);

describe('an item', () => {
  test('that is there is seen by one request, which carries no key', async () => {
    seed();
    const seen = await at.clients().reader.observe(gid);
    expect(seen).toMatchObject({ kind: 'present', metadata: { mediatype: ['image'], noindex: ['true'] } });
    expect(kinds()).toEqual(['metadata']);
    expect(at.requests()[0]!.headers).not.toHaveProperty('authorization');
    expect(at.requests()[0]!.headers['user-agent']).toBe('program/1.2 (somebody@example.org)');
  });

  test('is missing only once its page says 404, too', async () => {
    const clients = at.clients();
    expect(await clients.reader.observe(gid)).toEqual({ kind: 'missing' });
    expect(kinds()).toEqual(['metadata', 'details']);
    expect(clients.counts()).toEqual({ metadata: 1, details: 1 });
  });

  test.each([201, 206, 404, 500])(
    'is unknown where %d is answered, even with what a missing one has',
    async (status) => {
      const server = await startAnsweringServer((request, response) =>
        response.writeHead(request.url.startsWith('/metadata/') ? status : 404).end('{}'),
      );
      const { reader } = clientsOf(at.db, { ARCHIVE_URL: server.url });
      await expect(reader.observe(gid)).rejects.toThrow(
        new RegExp(`^HTTP ${status}.* \\(GET ${server.url}/metadata/${item}\\)$`),
      );
      expect(server.received).toHaveLength(1);
    },
  );

  test.each([
    ['is no JSON', '<html>', /^the answer is not JSON: HTTP 200 \(GET \S+\)$/],
    [
      'is of another item',
      JSON.stringify({ files: [], metadata: { identifier: 'mbid-another' } }),
      /^[^(]+ \(GET \S+\)$/,
    ],
  ])('whose answer %s is told with the one request', async (_what, body, message) => {
    const server = await startAnsweringServer((_request, response) => response.end(body));
    await expect(clientsOf(at.db, { ARCHIVE_URL: server.url }).reader.observe(gid)).rejects.toThrow(message);
  });

  test('of which no answer comes is told with its request', async () => {
    const server = await startAnsweringServer((_request, response) => response.destroy());
    const { reader } = clientsOf(at.db, { ARCHIVE_URL: server.url });
    await expect(reader.observe(gid)).rejects.toThrow(`(GET ${server.url}/metadata/${item})`);
  });

  test('with an empty answer but a page is not missing: it is unknown', async () => {
    seed();
    at.simulator.faults.emptyMetadata = 1;
    await expect(at.clients().reader.observe(gid)).rejects.toThrow(
      /metadata is empty, but \/details\/ does not say 404: .* \(GET http.+\/details\/mbid-/,
    );
  });

  test.each([301, 403, 410, 500, 503])(
    'with an empty answer and a page that answers %d is not missing',
    async (status) => {
      const server = await startAnsweringServer((request, response) =>
        request.url.startsWith('/metadata/') ? response.end('{}') : response.writeHead(status).end(),
      );
      const { reader } = clientsOf(at.db, { ARCHIVE_URL: server.url });
      await expect(reader.observe(gid)).rejects.toThrow(UnreadableError);
    },
  );

  test('that is dark is dark, not missing', async () => {
    at.simulator.archive.seedItem({ identifier: item, metadata: {}, files: [], dark: true });
    expect(await at.clients().reader.observe(gid)).toEqual({ kind: 'dark' });
  });

  test('whose answer reports a fault, or is another’s, is unreadable', async () => {
    seed();
    at.simulator.faults.metadataError = { next: 1 };
    await expect(at.clients().reader.observe(gid)).rejects.toThrow(UnreadableError);
    const server = await startAnsweringServer((_request, response) =>
      response.end(
        JSON.stringify({ files: [{ name: 'a', source: 'original' }], metadata: { identifier: 'mbid-another' } }),
      ),
    );
    await expect(clientsOf(at.db, { ARCHIVE_URL: server.url }).reader.observe(gid)).rejects.toThrow(UnreadableError);
  });

  test('has outstanding tasks, asked for with the key of its project', async () => {
    const { writer, limits } = at.clients();
    expect(await limits.outstandingTasks(projects.release, gid)).toBe(0);
    await writer.putIndex(projects.release, gid, Buffer.from('{}'));
    expect(await limits.outstandingTasks(projects.release, gid)).toBeGreaterThan(0);
    const asked = at.requests().filter(({ kind }) => kind === 'tasks');
    expect(asked.map(({ url }) => url)).toEqual(
      Array.from({ length: 2 }, () => `/services/tasks.php?summary=1&identifier=${item}`),
    );
    expect(asked.map(({ headers }) => headers.authorization)).toEqual([caaAuthorization, caaAuthorization]);
  });

  test('has tasks that are unknown without a key, or where the answer is none', async () => {
    expect(await at.clients({ S3_CAA_ACCESS: '' }).limits.outstandingTasks(projects.release, gid)).toBeNull();
    expect(at.requests()).toEqual([]);
    at.simulator.faults.tasksError = 1;
    await expect(at.clients().limits.outstandingTasks(projects.release, gid)).rejects.toThrow(UnreadableError);
  });
});

describe('a file', () => {
  test('comes from where the delivery host sends to, without a key', async () => {
    seed();
    const there = await place();
    const clients = at.clients();
    expect((await clients.reader.download(gid, fileNamed(image.name), there)).toString()).toBe('the image');
    expect(kinds()).toEqual(['download', 'node']);
    expect(at.requests().every(({ headers }) => headers.authorization === undefined)).toBe(true);
    expect(clients.counts()).toEqual({ download: 1, node: 1 });
  });

  test.each([300, 301, 302, 303, 307, 308, 399])('comes from where a %d sends to', async (status) => {
    const server = await startAnsweringServer(({ url }, response) =>
      url.startsWith('/download/') ? response.writeHead(status, { location: '/node/x' }).end() : response.end('there'),
    );
    const { reader } = clientsOf(at.db, { ARCHIVE_URL: server.url });
    const nowhere = { dir: null, nodes: [] };
    expect((await reader.download(gid, fileNamed('index.json'), nowhere)).toString()).toBe('there');
    expect(server.received.map(({ url }) => url)).toEqual([`/download/${item}/index.json`, '/node/x']);
  });

  test.each([201, 204, 206, 400, 404])('is not what comes with %d, and that sends nobody anywhere', async (status) => {
    const server = await startAnsweringServer((_request, response) =>
      response.writeHead(status, { location: '/node/x' }).end(),
    );
    const { reader } = clientsOf(at.db, { ARCHIVE_URL: server.url });
    await expect(reader.download(gid, fileNamed('index.json'), { dir: null, nodes: [] })).rejects.toThrow(
      new RegExp(`^HTTP ${status}.* \\(GET ${server.url}/download/${item}/index.json\\)$`),
    );
    expect(server.received).toHaveLength(1);
  });

  test('is asked for nowhere else where the work that needs it is over', async () => {
    const server = await startAnsweringServer((_request, response) => response.end('the image'));
    let asked = 0;
    const { reader } = clientsOf(
      at.db,
      { ARCHIVE_URL: server.url, ARCHIVE_NODE_URL: `${server.url}/{node}{dir}/{file}` },
      {
        keepAlive: async (_longest, answer) => {
          asked += 1;
          if (asked === 1) throw new Error('the step is over');
          return answer;
        },
      },
    );
    const nodes = { dir: '/1/items', nodes: ['one'] };
    await expect(reader.download(gid, fileNamed('index.json'), nodes)).rejects.toThrow('the step is over');
    expect(server.received).toEqual([]);
  });

  test('is asked for at no node where the delivery host asks for a long pause', async () => {
    const server = await startAnsweringServer((_request, response) =>
      response.writeHead(429, { 'retry-after': '3600' }).end(),
    );
    const { reader } = clientsOf(at.db, {
      ARCHIVE_URL: server.url,
      ARCHIVE_NODE_URL: `${server.url}/{node}{dir}/{file}`,
    });
    const nodes = { dir: '/1/items', nodes: ['one', 'two'] };
    await expect(reader.download(gid, fileNamed('index.json'), nodes)).rejects.toThrow(CoolDownError);
    expect(server.received).toHaveLength(1);
  });

  test.each(['downloadError', 'deliveryNodeError', 'foreignRedirect'] as const)(
    'comes from the item’s own nodes where delivery fails by %s',
    async (fault) => {
      seed();
      const there = await place();
      at.simulator.faults[fault] = fault === 'deliveryNodeError' ? 1 : { kinds: ['download'] };
      const clients = at.clients();
      expect((await clients.reader.download(gid, fileNamed(image.name), there)).toString()).toBe('the image');
      expect(kinds().at(-1)).toBe('node');
      expect(clients.counts()).toEqual({ download: 1, node: kinds().length - 1 });
    },
  );

  test.each([
    ['an older copy', { deliveryOldCopy: 1 }],
    ['a page in its place', { htmlPage: { kinds: ['node'], next: 1 } }],
  ] as const)('comes from the item’s own nodes where delivery gives %s, with status 200', async (_what, faults) => {
    const document = { name: `${item}_mb_metadata.xml`, content: Buffer.from('<metadata/>') };
    at.simulator.archive.seedItem({ identifier: item, metadata: {}, files: [document] });
    const there = await place();
    const listed = { name: document.name, md5: md5Of(document.content), maxBytes: 1000 };
    Object.assign(at.simulator.faults, faults);
    expect((await at.clients().reader.download(gid, listed, there)).toString()).toBe('<metadata/>');
    expect(kinds()).toEqual(['download', 'node', 'node']);
  });

  test('of which every node gives other bytes than are listed is unreadable, and says so', async () => {
    seed();
    const there = await place();
    const listed = { name: image.name, md5: md5Of('the image as it was'), maxBytes: 1000 };
    await expect(at.clients().reader.download(gid, listed, there)).rejects.toThrow(
      `${item}/${image.name}: the bytes that came have md5 ${md5Of(image.content)}, and the item's metadata lists ${listed.md5}`,
    );
    expect(kinds()).toEqual(['download', ...Array.from({ length: 1 + there.nodes.length }, () => 'node')]);
  });

  test('comes from the second node where the first fails, too', async () => {
    seed();
    const there = await place();
    at.simulator.faults.downloadError = 1;
    at.simulator.faults.dataNodeError = { items: [there.nodes[0]!] };
    expect((await at.clients().reader.download(gid, fileNamed(image.name), there)).toString()).toBe('the image');
    expect(at.requests().map(({ status }) => status)).toEqual([500, 500, 200]);
  });

  test('that no node gives is unreadable, never absent', async () => {
    seed();
    const there = await place();
    Object.assign(at.simulator.faults, { downloadError: 1, dataNodeError: 1 });
    await expect(at.clients().reader.download(gid, fileNamed(image.name), there)).rejects.toThrow(
      /^HTTP 500.* \(GET http\S+\)$/,
    );
    await expect(at.clients().reader.download(gid, fileNamed('no such file'), there)).rejects.toThrow(UnreadableError);
  });

  test('larger than was asked for is not read', async () => {
    seed();
    const there = await place();
    await expect(at.clients().reader.download(gid, fileNamed(image.name, 8), there)).rejects.toThrow(/exceeds 8 bytes/);
    expect((await at.clients().reader.download(gid, fileNamed(image.name, 9), there)).toString()).toBe('the image');
  });

  test('whose redirects lead in a circle is given up', async () => {
    const server = await startAnsweringServer((request, response) =>
      response.writeHead(302, { location: request.url }).end(),
    );
    const { reader } = clientsOf(at.db, { ARCHIVE_URL: server.url });
    await expect(reader.download(gid, fileNamed('index.json'), { dir: null, nodes: [] })).rejects.toThrow(
      /^more than 3 redirects \(GET http\S+\)$/,
    );
    expect(server.received).toHaveLength(4);
  });

  test('is asked for at no node where the item doesn’t say in which folder', async () => {
    const server = await startAnsweringServer((_request, response) => response.writeHead(500).end());
    const { reader } = clientsOf(at.db, { ARCHIVE_URL: server.url });
    const place = { dir: null, nodes: ['127.0.0.1'] };
    await expect(reader.download(gid, fileNamed('index.json'), place)).rejects.toThrow(/HTTP 500/);
    expect(server.received).toHaveLength(1);
  });

  test.each([
    ['a host of somebody else’s', 'elsewhere.invalid', '/1/items/x'],
    ['a name that is hidden in the folder', '127.0.0.1', '@elsewhere.invalid/'],
    ['no host at all', 'not a host', '/1/items/x'],
  ])('is not asked for at %s, whatever the item says of its nodes', async (_what, node, dir) => {
    const server = await startAnsweringServer((_request, response) => response.writeHead(500).end());
    const { reader } = clientsOf(at.db, { ARCHIVE_URL: server.url });
    await expect(reader.download(gid, fileNamed('index.json'), { dir, nodes: [node] })).rejects.toThrow(
      /is not one of the archive's hosts/,
    );
    expect(server.received).toHaveLength(1);
  });
});
