import { describe, expect, it } from 'vitest';
import type { RequestKind } from '../../../src/domain/queue/request-count.ts';
import { findFreePort } from '../../../src/embedded/free-port.ts';
import { RequestLog } from '../../../src/simulator/archive/request-log.ts';
import { startSimulator } from '../../../src/simulator/simulator.ts';
import { authorization, guestOf, identifier, image, otherIdentifier, ready } from './guest.ts';

describe('the simulator', () => {
  it('counts requests by kind, each redirect hop for itself', async () => {
    const { simulator, get, put, copy, remove } = await guestOf();
    simulator.archive.seedItem({ identifier, metadata: ready, files: [{ name: image, content: Buffer.from('x') }] });
    await get(`/metadata/${identifier}`);
    await get(`/details/${identifier}`);
    await get(`/download/${identifier}/${image}`, {}, 'follow');
    await get(`/services/tasks.php?summary=1&identifier=${identifier}`, authorization);
    await get('/services/search/v1/scrape?q=collection:coverartarchive&count=100');
    await get(`/s3-limit/?check_limit=1&accesskey=a&bucket=${identifier}`);
    await put(identifier, 'index.json', '{}');
    await copy(otherIdentifier, image, `/${identifier}/${image}`);
    await remove(identifier, 'index.json');
    await get(`/mb/ws/2/release/${identifier.slice('mbid-'.length)}?inc=artists`);
    const one = { metadata: 1, details: 1, download: 1, node: 1, tasks: 1, scrape: 1, check_limit: 1 };
    expect(simulator.requests()).toEqual({ ...one, put: 1, copy: 1, delete: 1, ws: 1 });
    simulator.resetRequests();
    expect(Object.values(simulator.requests())).toEqual(Array<number>(11).fill(0));
  });

  it('remembers what was sent and what was answered', async () => {
    const { simulator, put } = await guestOf();
    await put(identifier, 'index.json', '{}', { 'x-archive-keep-old-version': '1' });
    const [request] = simulator.requestLog();
    expect(request).toMatchObject({ kind: 'put', method: 'PUT', url: `/s3/${identifier}/index.json`, status: 200 });
    expect(request?.headers).toMatchObject({ 'x-archive-keep-old-version': '1', ...authorization });
  });

  it('notes what a good guest does not do', async () => {
    const { simulator, get } = await guestOf();
    await get('/metadata/mbid-x', { 'user-agent': 'program/1.0' });
    await get('/no/such/page');
    expect(simulator.violations().map(({ rule }) => rule)).toEqual(['no_contact', 'unknown_address']);
  });

  it('has pages for people, and neither counts nor judges what their browsers ask for', async () => {
    const { simulator, get } = await guestOf();
    const content = Buffer.from('{}');
    simulator.archive.seedItem({ identifier, metadata: ready, files: [{ name: 'index.json', content }] });
    const browser = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0' };
    const status = async (path: string) => (await get(path, browser, 'follow')).status;
    const gid = identifier.slice('mbid-'.length);
    expect(await status(`/caa/release/${gid}`)).toBe(200);
    expect(await status(`/caa/event/${gid}`)).toBe(404);
    expect(await status(`/details/${identifier}`)).toBe(200);
    expect(await status('/mb/edit/123')).toBe(200);
    expect(await status(`/download/${identifier}/history/files/`)).toBe(200);
    // Without a database it knows nobody.
    for (const path of ['', '/edits']) expect(await status(`/mb/release/${gid}${path}`)).toBe(503);
    expect(await status('/favicon.ico')).toBe(204);
    expect(await status('/no/such/page')).toBe(404);
    expect(Object.values(simulator.requests())).toEqual(Array<number>(11).fill(0));
    expect(simulator.violations()).toEqual([]);
    // A program has no business there.
    expect((await get(`/caa/release/${gid}`)).status).toBe(404);
    expect(simulator.violations().map(({ rule }) => rule)).toEqual(['unknown_address']);
  });

  it('shows people the front of an item by its index, and none where there is none', async () => {
    const { simulator, get } = await guestOf();
    const browser = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0' };
    const gid = identifier.slice('mbid-'.length);
    const front = async (of: string) => (await get(`/caa/release/${of}/front-250`, browser)).headers.get('location');
    const images = [
      { id: 7, front: false },
      { id: 8, front: true },
    ];
    const seed = (of: string, index: string) =>
      simulator.archive.seedItem({
        identifier: of,
        metadata: ready,
        files: [{ name: 'index.json', content: Buffer.from(index) }],
      });
    seed(identifier, JSON.stringify({ images }));
    expect(await front(gid)).toBe(`/download/${identifier}/${identifier}-8_thumb250.jpg`);
    expect((await get('/caa/release/00000000-0000-4000-8000-000000000000/front-250', browser)).status).toBe(404);
    seed(otherIdentifier, '{"images": [');
    expect((await get(`/caa/release/${otherIdentifier.slice('mbid-'.length)}/front-250`, browser)).status).toBe(404);
  });

  it('says which port is taken, and leaves no server behind', async () => {
    const port = await findFreePort();
    const first = await startSimulator({ seed: 1, musicbrainz: null, port });
    await expect(startSimulator({ seed: 1, musicbrainz: null, port })).rejects.toThrow(String(port));
    await first.close();
    const second = await startSimulator({ seed: 1, musicbrainz: null, port });
    await second.close();
  });

  it('seeds an item bare where asked to, without derivatives and files of the archive', async () => {
    const { simulator } = await guestOf();
    const files = [{ name: image, content: Buffer.from('x') }];
    simulator.archive.seedItem({ identifier, metadata: ready, files, derivatives: false, ownFiles: false });
    expect(simulator.archive.item(identifier)?.files.map(({ name }) => name)).toEqual([image]);
  });

  it('refuses to seed an item twice', async () => {
    const { simulator } = await guestOf();
    simulator.archive.seedItem({ identifier, metadata: ready, files: [] });
    expect(() => simulator.archive.seedItem({ identifier, metadata: ready, files: [] })).toThrow(identifier);
  });
});

describe('the busiest second', () => {
  const logOf = (arrivals: readonly (readonly [RequestKind, number])[]) => {
    const log = new RequestLog();
    for (const [kind, at] of arrivals) log.arrived({ kind, at, method: 'GET', url: '/', headers: {}, status: 200 });
    return log;
  };

  it('is the highest number of requests within any one second, whenever it begins', () => {
    const log = logOf([0, 400, 900, 1000, 1100, 1899, 1900, 5000].map((at) => ['metadata', at]));
    // From 900 to 1899.
    expect(log.busiestSecond()).toBe(4);
  });

  it("takes all of the archive's kinds together, and the web service's for itself", () => {
    const log = logOf([
      ['put', 0],
      ['node', 1],
      ['ws', 2],
    ]);
    expect([log.busiestSecond(), log.busiestSecond(['ws']), log.busiestSecond(['delete'])]).toEqual([2, 1, 0]);
  });
});
