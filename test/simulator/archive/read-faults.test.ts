import { describe, expect, it } from 'vitest';
import type { Faults } from '../../../src/simulator/archive/faults.ts';
import { placementOf } from '../../../src/simulator/archive/item.ts';
import { guestOf, identifier, image, otherIdentifier, ready } from './guest.ts';

async function guestWithItem(faults: Partial<Faults> = {}) {
  const guest = await guestOf({ faults });
  guest.simulator.archive.seedItem({
    identifier,
    metadata: ready,
    files: [{ name: image, content: Buffer.from('an image') }],
  });
  const node = (name: string) =>
    guest.simulator.urls.node
      .replace('{node}', name)
      .replace('{dir}', placementOf(identifier).dir)
      .replace('{file}', image);
  return { ...guest, node };
}

const metadata = `/metadata/${identifier}`;
const download = `/download/${identifier}/${image}`;
const details = `/details/${identifier}`;

describe('a delivery that is degraded', () => {
  it('answers 500 for files that are there, with HTML that may be announced as the file', async () => {
    const { get, node, simulator } = await guestWithItem({ downloadError: 0.3, deliveryNodeError: 0.2 });
    const statuses = new Map<number, number>();
    const types = new Set<string | null>();
    for (let turn = 0; turn < 200; turn += 1) {
      const response = await get(download, {}, 'follow');
      statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
      const text = await response.text();
      if (response.status !== 500) continue;
      types.add(response.headers.get('content-type'));
      expect(text).toContain('<html>');
      expect(text.length).toBeGreaterThan(150);
      expect(text.length).toBeLessThan(190);
    }
    // 44 of 100 are expected.
    expect(statuses.get(500)).toBeGreaterThan(60);
    expect(statuses.get(500)).toBeLessThan(116);
    expect([...types].sort()).toEqual(['image/jpeg', 'text/html']);
    simulator.resetRequests();
    for (let turn = 0; turn < 20; turn += 1) expect((await get(node(placementOf(identifier).d1))).status).toBe(200);
  });

  it("can be the item's own node, or one of them", async () => {
    const { d1, workableServers } = placementOf(identifier);
    const { get, node, simulator } = await guestWithItem({ dataNodeError: [d1] });
    expect(workableServers).toHaveLength(2);
    expect((await get(node(d1))).status).toBe(500);
    expect((await get(node(workableServers[1] ?? ''))).status).toBe(200);
    simulator.faults.dataNodeError = 1;
    expect((await get(node(workableServers[1] ?? ''))).status).toBe(500);
    expect((await get(node(placementOf(identifier).deliveryNode))).status).toBe(200);
  });

  it('can send to a host that is not of the archive', async () => {
    const { get } = await guestWithItem({ foreignRedirect: 1 });
    const response = await get(download);
    expect(response.status).toBe(302);
    expect(new URL(response.headers.get('location') ?? '').hostname).toMatch(/\.invalid$/);
  });
});

describe('/metadata', () => {
  it('can be empty for an item that exists, while its page is there', async () => {
    const { get, getJson } = await guestWithItem({ emptyMetadata: [identifier] });
    expect(await getJson(metadata)).toEqual({});
    expect((await get(details)).status).toBe(200);
  });

  it('can be an error with status 200', async () => {
    const { get } = await guestWithItem({ metadataError: 1 });
    const response = await get(metadata);
    expect([response.status, await response.json()]).toEqual([200, { error: expect.any(String) as string }]);
  });
});

describe('any request', () => {
  it('can meet 429, with Retry-After or without', async () => {
    const { get, simulator } = await guestWithItem({ tooManyRequests: 1, retryAfter: 'always', retryAfterSeconds: 9 });
    const announced = await get(metadata);
    expect([announced.status, announced.headers.get('retry-after')]).toEqual([429, '9']);
    simulator.faults.retryAfter = 'never';
    const bare = await get(metadata);
    expect([bare.status, bare.headers.get('retry-after')]).toEqual([429, null]);
    simulator.faults.retryAfter = 'sometimes';
    const both = [await get(metadata), await get(metadata)].map((response) => response.headers.get('retry-after'));
    expect(both.sort()).toEqual(['9', null]);
  });

  it('can meet 503 where it reads', async () => {
    const { get, put } = await guestWithItem({ serviceUnavailable: 1 });
    expect((await get(details)).status).toBe(503);
    expect((await put(identifier, 'index.json', '{}')).status).toBe(200);
  });

  it('can be reset, and is not done then', async () => {
    const { get, put, names, simulator } = await guestWithItem({ connectionReset: { next: 2 } });
    await expect(get(metadata)).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } });
    await expect(put(otherIdentifier, 'index.json', '{}')).rejects.toThrow();
    expect(names(otherIdentifier)).toEqual([]);
    expect(simulator.requestLog().map(({ kind, status }) => [kind, status])).toEqual([
      ['metadata', null],
      ['put', null],
    ]);
    expect((await get(metadata)).status).toBe(200);
  });

  it('can be answered with less than content-length says', async () => {
    const { get } = await guestWithItem({ truncated: { kinds: ['metadata'] } });
    const response = await get(metadata);
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
    expect((await get(details)).status).toBe(200);
  });

  it('can be answered with a document that is cut', async () => {
    const { get, getJson } = await guestWithItem({ cut: { items: [identifier], next: 1 } });
    const text = await (await get(metadata)).text();
    expect(text.length).toBeGreaterThan(0);
    expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError);
    expect(await getJson(metadata)).toHaveProperty('files');
  });

  it('can be answered with a page of HTML and status 200', async () => {
    const { get } = await guestWithItem({ htmlPage: 1 });
    const response = await get(metadata);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html']);
    expect(await response.text()).toContain('<html>');
  });

  it('can be answered late', async () => {
    const { get } = await guestWithItem({ slow: 1, slowSeconds: 0.3 });
    const start = performance.now();
    await get(metadata);
    expect(performance.now() - start).toBeGreaterThan(250);
  });

  it('can be answered with half a body and then nothing, until the client gives up', async () => {
    const { simulator } = await guestWithItem({ stalled: 1 });
    const signal = AbortSignal.timeout(300);
    const response = await fetch(`${simulator.urls.archive}${metadata}`, { signal });
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  it('takes at least the latency that was asked for', async () => {
    const { get } = await guestOf({ latencyMs: 200 });
    const start = performance.now();
    await get(metadata);
    expect(performance.now() - start).toBeGreaterThan(150);
  });
});
