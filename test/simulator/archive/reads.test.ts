import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { placementOf } from '../../../src/simulator/archive/item.ts';
import { authorization, guestOf, identifier, image, otherIdentifier, ready } from './guest.ts';

const bytes = Buffer.from('an image');
const drifted = {
  identifier,
  metadata: { ...ready, collection: ['coverartarchive', 'images'] },
  files: [
    { name: image, content: bytes },
    { name: 'history/files/index.json.~1~', content: Buffer.from('{"images": []}') },
  ],
};

interface Metadata {
  readonly files: readonly Record<string, string>[];
  readonly [key: string]: unknown;
}

describe('/metadata', () => {
  it('lists every file with numbers as strings, digests, and what derivatives are made of', async () => {
    const { simulator, getJson } = await guestOf();
    simulator.archive.seedItem(drifted);
    const { files } = (await getJson(`/metadata/${identifier}`)) as Metadata;
    const original = files.find(({ name }) => name === image);
    expect(original).toEqual({
      name: image,
      source: 'original',
      format: 'JPEG',
      mtime: expect.stringMatching(/^\d{10}$/) as string,
      size: '8',
      md5: createHash('md5').update(bytes).digest('hex'),
      sha1: createHash('sha1').update(bytes).digest('hex'),
    });
    const thumbnail = files.find(({ name }) => name === `${identifier}-17_thumb500.jpg`);
    expect(thumbnail).toMatchObject({ source: 'derivative', original: image });
    const names = files.map(({ name }) => name);
    expect(names).toContain('history/files/index.json.~1~');
    expect(names).toContain(`${identifier}_meta.xml`);
    // The list of files can not know its own size.
    expect(files.find(({ name }) => name === `${identifier}_files.xml`)).not.toHaveProperty('size');
  });

  it('tells where the item lies and when it was changed, and gives metadata as strings or lists', async () => {
    const { simulator, getJson, clock } = await guestOf();
    const lastUpdated = new Date(clock.time - 90_000);
    simulator.archive.seedItem({ ...drifted, lastUpdated });
    const metadata = (await getJson(`/metadata/${identifier}`)) as Metadata;
    expect(metadata).toMatchObject({
      d1: expect.stringMatching(/^ia8/) as string,
      dir: expect.stringMatching(new RegExp(`^/\\d+/items/${identifier}$`)) as string,
      server: expect.stringMatching(/^ia/) as string,
      workable_servers: expect.arrayContaining([metadata['d1']]) as string[],
      item_last_updated: lastUpdated.getTime() / 1000,
      item_size: expect.any(Number) as number,
      metadata: { ...ready, identifier, collection: ['coverartarchive', 'images'] },
    });
  });

  it('answers {} with status 200 where there is no item', async () => {
    const { get } = await guestOf();
    const response = await get(`/metadata/${identifier}`);
    expect([response.status, await response.json()]).toEqual([200, {}]);
  });

  it('shows of a dark item only that it is dark', async () => {
    const { simulator, getJson } = await guestOf();
    simulator.archive.seedItem({ ...drifted, dark: true });
    const metadata = (await getJson(`/metadata/${identifier}`)) as Metadata;
    expect(metadata['is_dark']).toBe(true);
    expect(metadata).not.toHaveProperty('files');
    expect(metadata).not.toHaveProperty('metadata');
  });

  it('comes compressed where the client takes gzip', async () => {
    const { simulator, get } = await guestOf();
    simulator.archive.seedItem(drifted);
    const response = await get(`/metadata/${identifier}`, { 'accept-encoding': 'gzip' });
    expect(response.headers.get('content-encoding')).toBe('gzip');
    expect(await response.json()).toHaveProperty('files');
  });
});

describe('/details', () => {
  it('is 200 for an item, a dark one too, and 404 for none', async () => {
    const { simulator, get } = await guestOf();
    simulator.archive.seedItem({ ...drifted, dark: true });
    expect((await get(`/details/${identifier}`)).status).toBe(200);
    expect((await get(`/details/${otherIdentifier}`)).status).toBe(404);
  });
});

describe('/download', () => {
  it('sends to a delivery node of another host, which has the file', async () => {
    const { simulator, get } = await guestOf();
    simulator.archive.seedItem(drifted);
    const response = await get(`/download/${identifier}/${image}`);
    expect(response.status).toBe(302);
    const location = response.headers.get('location') ?? '';
    expect(new URL(location).origin).not.toBe(simulator.urls.archive);
    const file = await get(location);
    expect([file.status, file.headers.get('content-type'), await file.text()]).toEqual([200, 'image/jpeg', 'an image']);
    expect(simulator.requests()).toMatchObject({ download: 1, node: 1 });
  });

  it("gives the archive's own files and older versions, too", async () => {
    const { simulator, get } = await guestOf();
    simulator.archive.seedItem(drifted);
    const old = await get(`/download/${identifier}/history/files/index.json.~1~`, {}, 'follow');
    expect(await old.text()).toBe('{"images": []}');
    const own = await get(`/download/${identifier}/${identifier}_meta.xml`, {}, 'follow');
    expect(await own.text()).toContain('<collection>coverartarchive</collection>');
  });

  it('is 404 for what is not there and 403 for what is dark', async () => {
    const { simulator, get } = await guestOf();
    simulator.archive.seedItem(drifted);
    simulator.archive.seedItem({ ...drifted, identifier: otherIdentifier, dark: true });
    expect((await get(`/download/${identifier}/no.jpg`, {}, 'follow')).status).toBe(404);
    expect((await get(`/download/mbid-none/${image}`, {}, 'follow')).status).toBe(404);
    expect((await get(`/download/${otherIdentifier}/${image}`, {}, 'follow')).status).toBe(403);
  });
});

describe("an item's own data node", () => {
  it('has its files, at its own folder only', async () => {
    const { simulator, get } = await guestOf();
    simulator.archive.seedItem(drifted);
    const { d1, dir } = placementOf(identifier);
    const at = (node: string, folder: string) =>
      simulator.urls.node.replace('{node}', node).replace('{dir}', folder).replace('{file}', image);
    expect(await (await get(at(d1, dir))).text()).toBe('an image');
    expect((await get(at('ia999999.us.archive.org', dir))).status).toBe(404);
    expect((await get(at(d1, dir.replace(/^\/\d+/, '/77')))).status).toBe(404);
  });

  it('notes who shows it a key', async () => {
    const { simulator, get } = await guestOf();
    simulator.archive.seedItem(drifted);
    const location = (await get(`/download/${identifier}/${image}`, authorization)).headers.get('location') ?? '';
    expect(simulator.violations()).toEqual([]);
    await get(location, authorization);
    expect(simulator.violations()).toMatchObject([{ rule: 'authorization_at_node' }]);
  });
});
