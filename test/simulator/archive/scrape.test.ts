import { describe, expect, it } from 'vitest';
import type { Guest } from './guest.ts';
import { agent, authorization, guestOf, ready } from './guest.ts';

const path = '/services/search/v1/scrape?q=collection:coverartarchive&fields=identifier&count=100';

interface Page {
  readonly items: readonly { identifier: string }[];
  readonly count: number;
  readonly total: number;
  readonly cursor?: string;
}

const identifiers = Array.from(
  { length: 250 },
  (_, index) => `mbid-00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
);

async function guestWithItems(): Promise<Guest & { readonly page: (cursor?: string) => Promise<Page> }> {
  const guest = await guestOf();
  for (const identifier of [...identifiers].reverse()) {
    guest.simulator.archive.seedItem({ identifier, metadata: ready, files: [] });
  }
  const page = async (cursor?: string) =>
    (await guest.getJson(cursor === undefined ? path : `${path}&cursor=${cursor}`, authorization)) as Page;
  return { ...guest, page };
}

describe('the scrape', () => {
  it('goes through a collection page by page, until an answer has no cursor', async () => {
    const { page, simulator } = await guestWithItems();
    simulator.archive.seedItem({ identifier: 'mbid-dark', metadata: ready, files: [], dark: true });
    simulator.archive.seedItem({
      identifier: 'mbid-event',
      metadata: { ...ready, collection: ['eventartarchive'] },
      files: [],
    });
    const pages = [await page()];
    for (let last = pages[0]; last?.cursor !== undefined; last = pages.at(-1)) pages.push(await page(last.cursor));
    expect(pages.map(({ count, total }) => [count, total])).toEqual([
      [100, 250],
      [100, 250],
      [50, 250],
    ]);
    expect(pages.flatMap(({ items }) => items.map(({ identifier }) => identifier))).toEqual(identifiers);
  });

  it('shows hardly anything to those without keys, as if there were no more', async () => {
    const { getJson } = await guestWithItems();
    const answer = (await getJson(path)) as Page;
    expect(answer.total).toBeLessThan(25);
    expect(answer).not.toHaveProperty('cursor');
    expect(answer.count).toBe(answer.total);
  });

  it('says by `oai_updatedate` when an item was written, and knows no `item_last_updated`', async () => {
    const { simulator, getJson } = await guestOf();
    const lastUpdated = new Date('2026-02-03T04:05:06.789Z');
    simulator.archive.seedItem({ identifier: identifiers[0]!, metadata: ready, files: [], lastUpdated });
    const fields = 'fields=identifier,oai_updatedate,item_last_updated';
    expect(await getJson(path.replace('fields=identifier', fields), authorization)).toMatchObject({
      items: [{ identifier: identifiers[0], oai_updatedate: ['2026-02-03T04:05:06Z', '2026-02-03T04:05:06Z'] }],
    });
  });

  it('takes POST with the same parameters', async () => {
    const { simulator, page } = await guestWithItems();
    const response = await fetch(`${simulator.urls.archive}/services/search/v1/scrape`, {
      method: 'POST',
      headers: { ...agent, ...authorization },
      body: new URLSearchParams({ q: 'collection:coverartarchive', fields: 'identifier', count: '100' }),
    });
    expect(await response.json()).toEqual(await page());
  });

  it.each([
    ['a count below 100', path.replace('count=100', 'count=5')],
    ['another query', path.replace('collection:', 'title:')],
    ['a cursor it never gave', `${path}&cursor=abc`],
  ])('refuses %s', async (_, wrong) => {
    const { get } = await guestWithItems();
    const response = await get(wrong, authorization);
    expect(response.status).toBe(400);
    expect(await response.json()).toHaveProperty('error');
  });

  it('may give the cursor it was asked with', async () => {
    const { page, simulator } = await guestWithItems();
    const { cursor } = await page();
    simulator.faults.scrapeRepeatedCursor = 1;
    expect((await page(cursor)).cursor).toBe(cursor);
  });

  it('may report a smaller total than before', async () => {
    const { page, simulator } = await guestWithItems();
    simulator.faults.scrapeShrinkingTotal = { next: 1 };
    expect((await page()).total).toBe(225);
    expect((await page()).total).toBe(250);
  });

  it('may name no total', async () => {
    const { page, simulator } = await guestWithItems();
    simulator.faults.scrapeNoTotal = 1;
    expect((await page()).total).toBeNull();
  });

  it('may pass over the cursor where a count is sent, and only there', async () => {
    const { get, page, simulator } = await guestWithItems();
    const first = await page();
    simulator.faults.scrapeIgnoredCursor = 1;
    expect(await page(first.cursor)).toEqual(first);
    const response = await get(`${path.replace('&count=100', '')}&cursor=${first.cursor}`, authorization);
    expect(await response.json()).toMatchObject({ count: 150, total: 250 });
  });

  it('may end early', async () => {
    const { page, simulator } = await guestWithItems();
    simulator.faults.scrapeEarlyEnd = 1;
    const answer = await page();
    expect([answer.count, answer.total, answer.cursor]).toEqual([100, 250, undefined]);
  });

  it('may answer an error with status 200', async () => {
    const { get, simulator } = await guestWithItems();
    simulator.faults.scrapeError = 1;
    const response = await get(path, authorization);
    expect([response.status, await response.json()]).toMatchObject([200, { error: expect.any(String) as string }]);
  });

  it('may give smaller pages than it was asked for', async () => {
    const { page, simulator } = await guestWithItems();
    simulator.faults.scrapePageLimit = 7;
    const answer = await page();
    expect([answer.count, answer.total, typeof answer.cursor]).toEqual([7, 250, 'string']);
  });
});
